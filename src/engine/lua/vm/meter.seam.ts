// What tasks use: fuel for steps, bytes for strings, tables and functions. Counting is one subtraction; only when a count
// falls below zero is somebody asked (`L.l_G.onFuel`), who may raise. One task runs at a time: it owns the meter.
import type { Shared, Thread } from "./internals.seam.ts";

/** The bytes that the running task may still allocate until the bytes it holds are counted. */
export const meter: { left: number; shared: Shared | null } = { left: Infinity, shared: null };

/** What is exported is looked up at every use, even here. */
const counter = meter;

/** Rounded sizes in V8's heap. */
export const sizes = {
  string: 72,
  table: 136,
  item: 48,
  entry: 140,
  closure: 88,
  variable: 48,
  thread: 1_200,
} as const;

/** Counts bytes that were allocated. Who holds too many is stopped at the next loop or call. */
export function charge(bytes: number): void {
  if ((counter.left -= bytes) < 0) trip();
}

/** Uses up the fuel of the running task, so that its next loop or call asks. */
export function trip(): void {
  const { shared } = meter;
  if (shared === null) return;
  askAgain(shared);
}

/** Counts bytes before they are allocated; raises when the task would hold too many. */
export function chargeFirst(L: Thread, bytes: number): void {
  if ((counter.left -= bytes) >= 0 || L.l_G.onFuel === null) return;
  L.l_G.pending = bytes;
  const turn = L.l_G.onFuel(L);
  L.l_G.pending = 0;
  if (turn === "yield") askAgain(L.l_G);
}

/** Fuel where nobody counts. */
const unlimited = 0x3fffffff;

/** Pays for steps of a library function that cannot stop on the way; raises when the task must end. */
export function spend(L: Thread, steps: number): void {
  if ((L.l_G.fuel -= steps) < 0 && mustStop(L)) askAgain(L.l_G);
}

/** The turn was over where nothing can stop: the next loop or call asks again, or the task would keep its turn for ever. */
function askAgain(shared: Shared): void {
  shared.granted -= shared.fuel;
  shared.fuel = 0;
}

/** Asks what becomes of a task whose fuel is used up; it may raise. True when its turn is over. */
export function mustStop(L: Thread): boolean {
  const shared = L.l_G;
  if (shared.onFuel === null) {
    shared.fuel = unlimited;
    return false;
  }
  return shared.onFuel(L) === "yield";
}

/** Bytes that native code goes through in about the time of one step. */
const bytesPerStep = 64;

/** Pays for native work on so many bytes. */
export function spendOnBytes(L: Thread, bytes: number): void {
  spend(L, (bytes / bytesPerStep) | 0);
}
