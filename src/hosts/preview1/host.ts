import type { Host } from "../host.ts";

/** Core modules have preview 1 whether it is listed or not; listing it says so. */
export const preview1Host: Host = {
  name: "preview1",
  summary: "WASI preview 1, which every core module has.",
  grants: ["wasi1", "preview1", "wasi-preview1", "wasi_snapshot_preview1"],
  coreModules: true,
};
