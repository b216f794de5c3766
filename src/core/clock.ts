/**
 * Milliseconds since the epoch on a clock that never jumps, the same in every thread of the process.
 * Deadlines are absolute times on it.
 */
export function monotonicMs(): number {
  return performance.timeOrigin + performance.now();
}
