import type { Host } from "../host.ts";
import { socketsFace } from "./p2.ts";

export const socketsHost: Host = {
  name: "sockets",
  summary: "TCP, UDP and name lookup, as far as the entry's `wasi.network` allows.",
  grants: ["wasi:sockets", ...Object.keys(socketsFace.interfaces)],
  coreModules: false,
  p2: socketsFace,
};
