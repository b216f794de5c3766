import type { Host } from "../host.ts";

const interfaces = ["wasi:http/types", "wasi:http/outgoing-handler"];

export const httpClientHost: Host = {
  name: "http-client",
  summary: "Outgoing HTTP requests (not implemented yet).",
  grants: ["wasi:http", ...interfaces],
  coreModules: false,
  unimplemented: interfaces,
};
