import type { Host } from "../host.ts";
import { funcsFace } from "./p2.ts";

export const funcsHost: Host = {
  name: "funcs",
  summary: "Calls of other entries by id.",
  grants: ["funcs", "wippy:runtime/funcs", "weft:runtime/funcs"],
  coreModules: false,
  p2: funcsFace,
};
