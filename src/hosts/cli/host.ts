import type { Host } from "../host.ts";
import { cliFace } from "./p2.ts";

export const cliHost: Host = {
  name: "cli",
  summary: "Arguments, environment, exit, standard streams and terminals.",
  grants: ["wasi:cli", ...Object.keys(cliFace.interfaces)],
  coreModules: false,
  p2: cliFace,
};
