import { alwaysReady, type Readiness } from "../io/pollable.ts";
import { monotonicNs, monotonicResolutionNs, timerAfter, wallNs, wallResolutionNs } from "./clocks.ts";

/** Clocks of preview 1 by number: 0 is the time of day, 1 monotonic. The two of CPU time do not exist here. */
const clocks = [
  { now: wallNs, resolution: wallResolutionNs },
  { now: monotonicNs, resolution: monotonicResolutionNs },
] as const;

/** The clocks for preview 1; undefined for a number that none has. */
export const preview1Clocks = {
  now: (id: number): bigint | undefined => clocks[id]?.now(),
  resolution: (id: number): bigint | undefined => clocks[id]?.resolution,
  /** Ready when a clock reaches `timeout`, or that long from now on. */
  timer(id: number, timeout: bigint, absolute: boolean): Readiness | undefined {
    const clock = clocks[id];
    if (clock === undefined) return undefined;
    const remaining = absolute ? timeout - clock.now() : timeout;
    return remaining <= 0n ? alwaysReady : timerAfter(remaining);
  },
};
