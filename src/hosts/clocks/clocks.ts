import type { Readiness } from "../io/pollable.ts";

const nsPerMs = 1_000_000n;
/** Node fires a longer timer at once; longer waits are made of several. */
const longestTimerMs = 2 ** 31 - 1;

/** Resolution of the wall clock: JavaScript gives whole milliseconds. */
export const wallResolutionNs = 1_000_000n;
/** Resolution of the monotonic clock. */
export const monotonicResolutionNs = 1n;
/** The end of time for instants, which are unsigned 64-bit numbers. */
const lastInstantNs = 2n ** 64n - 1n;

/** Nanoseconds since 1970. */
export function wallNs(): bigint {
  return BigInt(Date.now()) * nsPerMs;
}

/** Nanoseconds on a clock that never jumps; its zero means nothing. */
export function monotonicNs(): bigint {
  return process.hrtime.bigint();
}

/** Ready from an instant of the monotonic clock on. */
export function timerAt(instantNs: bigint): Readiness {
  const remainingMs = (): number => Number((instantNs - monotonicNs() + nsPerMs - 1n) / nsPerMs);
  return {
    isReady: () => monotonicNs() >= instantNs,
    onReady(wake) {
      let timer: NodeJS.Timeout | undefined;
      const arm = (): void => {
        timer = setTimeout(fire, Math.min(Math.max(remainingMs(), 0), longestTimerMs));
      };
      const fire = (): void => {
        if (monotonicNs() >= instantNs) wake();
        else arm();
      };
      arm();
      return { [Symbol.dispose]: () => clearTimeout(timer) };
    },
  };
}

/** Ready a number of nanoseconds from now on. */
export function timerAfter(durationNs: bigint): Readiness {
  const at = monotonicNs() + durationNs;
  return timerAt(at > lastInstantNs ? lastInstantNs : at);
}
