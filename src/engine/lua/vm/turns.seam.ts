// Long library functions: they work until the fuel of a turn is used up, let others run, and go on where they were.
import { calls, type HostFunction, type Thread } from "./internals.seam.ts";
import { preempted } from "./coroutines.seam.ts";
import { mustStop } from "./meter.seam.ts";

/** Work in steps: answers how many results it pushed, or undefined when its fuel is used up. */
export type Work = (L: Thread) => number | undefined;

/** Runs work to its end, over as many turns as it takes. Where the thread cannot stop, in one. */
export function inTurns(L: Thread, work: Work): number {
  for (;;) {
    const count = work(L);
    if (count !== undefined) return count;
    if (mustStop(L) && L.nny === 0) {
      const goOn: HostFunction = (again) => inTurns(again, work);
      return calls.lua_yieldk(L, 0, preempted, goOn);
    }
  }
}
