import type { Host } from "../host.ts";
import { randomFace } from "./p2.ts";

export const randomHost: Host = {
  name: "random",
  summary: "Random numbers.",
  grants: ["wasi:random", "wasi:random/random", "wasi:random/insecure", "wasi:random/insecure-seed"],
  coreModules: false,
  p2: randomFace,
};
