import type { Host } from "../host.ts";
import { ioFace, pollFace } from "./p2.ts";

export const ioHost: Host = {
  name: "io",
  summary: "Byte streams and their errors.",
  grants: ["wasi:io", "wasi:io/error", "wasi:io/streams"],
  coreModules: false,
  p2: ioFace,
};

export const pollHost: Host = {
  name: "poll",
  summary: "Waiting for timers, input and other events.",
  grants: ["wasi:poll", "wasi:io/poll"],
  coreModules: false,
  p2: pollFace,
};
