import { Ending } from "../../core/ending.ts";

/** Node fires a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Runs something later, unless it is disposed before. */
export function startTimer(ms: number, run: () => void): Disposable {
  const timer = setTimeout(run, Math.min(ms, longestTimerMs));
  return new Ending(() => clearTimeout(timer));
}
