import type { Host } from "../host.ts";
import { clocksFace } from "./p2.ts";

export const clocksHost: Host = {
  name: "clocks",
  summary: "The time of day, a monotonic clock, and timers.",
  grants: ["wasi:clocks", "wasi:clocks/wall-clock", "wasi:clocks/monotonic-clock"],
  coreModules: false,
  p2: clocksFace,
};
