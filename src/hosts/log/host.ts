import type { Host } from "../host.ts";
import { logFace } from "./p2.ts";

export const logHost: Host = {
  name: "log",
  summary: "Lines in the application's log.",
  grants: ["wasi:logging", "wasi:logging/logging"],
  coreModules: false,
  p2: logFace,
};
