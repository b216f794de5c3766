import type { Host } from "../host.ts";

const interfaces = [
  "wasi:sockets/network",
  "wasi:sockets/instance-network",
  "wasi:sockets/tcp-create-socket",
  "wasi:sockets/tcp",
  "wasi:sockets/udp-create-socket",
  "wasi:sockets/udp",
  "wasi:sockets/ip-name-lookup",
];

export const socketsHost: Host = {
  name: "sockets",
  summary: "TCP, UDP and name lookup (not implemented yet).",
  grants: ["wasi:sockets", ...interfaces],
  coreModules: false,
  unimplemented: interfaces,
};
