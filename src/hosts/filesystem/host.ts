import type { Host } from "../host.ts";
import { filesystemFace } from "./p2.ts";

export const filesystemHost: Host = {
  name: "filesystem",
  summary: "Files and directories of the entry's mounts.",
  grants: ["wasi:filesystem", "wasi:filesystem/types", "wasi:filesystem/preopens"],
  coreModules: false,
  p2: filesystemFace,
};
