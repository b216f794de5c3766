import type { Host } from "../host.ts";
import { httpFace } from "./p2.ts";

export const httpClientHost: Host = {
  name: "http-client",
  summary: "Requests to other servers.",
  grants: ["wasi:http", "wasi:http/types", "wasi:http/outgoing-handler"],
  coreModules: false,
  p2: httpFace,
};
