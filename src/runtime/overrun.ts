import { monotonicMs } from "../core/clock.ts";
import type { SharedTables } from "./protocol.ts";
import { PassingSet } from "../core/passing.ts";

/**
 * Where each isolate says which guest it is inside of and when that guest must be done. A guest that spins keeps its
 * thread from saying anything else, so the control plane reads this memory and ends the isolate of one that overran.
 * Cells of an isolate: `[deadline, root call, entry's index, calls started]`; the deadline counts in milliseconds from `shared.epoch`, 0 is
 * none. 32 bits of them wrap round after 24 days, so deadlines are only compared with a time near them.
 */
const cellsPerIsolate = 4;

/** The buffer behind both sides. */
export function allocateOverrun(isolates: number): SharedArrayBuffer {
  return new SharedArrayBuffer(isolates * cellsPerIsolate * Int32Array.BYTES_PER_ELEMENT);
}

/** A guest that is running past its deadline. */
export interface Overrun {
  readonly isolate: number;
  readonly root: number;
  readonly index: number;
}

/** One stretch of guest code: what must be over by when. */
interface Stretch {
  /** Infinity when nothing bounds it. */
  readonly deadline: number;
  readonly root: number;
  readonly index: number;
}

/**
 * A guest is stopped by its own thread: by the guard while it runs, by a timer while it waits. If that has not happened
 * this long after its deadline, in milliseconds, the thread is stuck. One huge bulk operation, which nothing can
 * interrupt, takes some hundred.
 */
const graceMs = 1_000;
/** A deadline further away than this counts as this far, 12 days in milliseconds: cells hold no more. */
const farMs = 2 ** 30;
/** Where there is no guard, a guest that runs past its deadline has no grace. */
const unguardedGraceMs = 0;

/**
 * The isolate's side: guests it is inside of, and guests that wait with a deadline. What is published is the tightest
 * deadline of those it is inside of (nested calls stack up); while it is inside of none, that of those that wait.
 */
export class RunningGuests {
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #base: number;
  readonly #epoch: number;
  readonly #running: Stretch[] = [];
  readonly #waiting = new PassingSet<Stretch>();
  #earliest: Stretch | undefined;

  readonly #runningGraceMs: number;

  /** `guarded` says that the thread stops guests that spin by itself. */
  constructor(shared: SharedTables, { isolate, guarded }: { readonly isolate: number; readonly guarded: boolean }) {
    this.#runningGraceMs = guarded ? graceMs : unguardedGraceMs;
    this.#cells = new Int32Array(shared.overrun);
    this.#base = isolate * cellsPerIsolate;
    this.#epoch = shared.epoch;
  }

  /** Says that guest code runs from now on; `leave` with what this returns when it ends, `wait` when it waits. */
  enter(deadline: number, root: number, index: number): Stretch {
    const stretch = { deadline, root, index };
    this.#running.push(stretch);
    this.#publish();
    return stretch;
  }

  /** Says that the guest waits: it goes on later without saying so. */
  wait(stretch: Stretch): void {
    this.#stop(stretch);
    if (stretch.deadline < Infinity) {
      this.#waiting.add(stretch);
      if (this.#earliest === undefined || stretch.deadline < this.#earliest.deadline) this.#earliest = stretch;
    }
    this.#publish();
  }

  leave(stretch: Stretch): void {
    this.#stop(stretch);
    if (this.#waiting.delete(stretch) && this.#earliest === stretch) this.#earliest = tightest(this.#waiting);
    this.#publish();
  }

  /** Counts a call that was taken from the control plane: those sent after a stuck one never began. */
  countStarted(): void {
    Atomics.add(this.#cells, this.#base + 3, 1);
  }

  #stop(stretch: Stretch): void {
    const at = this.#running.lastIndexOf(stretch);
    if (at >= 0) this.#running.splice(at, 1);
  }

  #publish(): void {
    const shown = this.#running.length > 0 ? tightest(this.#running) : this.#earliest;
    Atomics.store(this.#cells, this.#base + 1, shown?.root ?? 0);
    Atomics.store(this.#cells, this.#base + 2, shown?.index ?? 0);
    Atomics.store(this.#cells, this.#base, this.#shownDeadline(shown));
  }

  #shownDeadline(shown: Stretch | undefined): number {
    if (shown === undefined || shown.deadline === Infinity) return 0;
    const grace = shown === this.#earliest ? graceMs : this.#runningGraceMs;
    return toCell(Math.min(shown.deadline, monotonicMs() + farMs) + grace - this.#epoch);
  }
}

function tightest(stretches: Iterable<Stretch>): Stretch | undefined {
  let found: Stretch | undefined;
  for (const stretch of stretches) if (found === undefined || stretch.deadline < found.deadline) found = stretch;
  return found;
}

/** The control plane's side: guests that are past their deadline by more than `graceMs`. */
export function findOverruns(shared: SharedTables, graceMs: number): Overrun[] {
  const cells = new Int32Array(shared.overrun);
  const latest = Math.ceil(monotonicMs() - shared.epoch) - graceMs;
  const found: Overrun[] = [];
  for (let isolate = 0; isolate < shared.isolates; isolate += 1) {
    const base = isolate * cellsPerIsolate;
    const deadline = Atomics.load(cells, base);
    if (deadline === 0 || ((deadline - latest) | 0) > 0) continue;
    found.push({ isolate, root: Atomics.load(cells, base + 1), index: Atomics.load(cells, base + 2) });
  }
  return found;
}

/** How many calls an isolate took from the control plane. */
export function startedCalls(shared: SharedTables, isolate: number): number {
  return Atomics.load(new Int32Array(shared.overrun), isolate * cellsPerIsolate + 3);
}

/** Forgets what an isolate said before it ended. */
export function clearOverrun(shared: SharedTables, isolate: number): void {
  const base = isolate * cellsPerIsolate;
  new Int32Array(shared.overrun).fill(0, base, base + cellsPerIsolate);
}

/** A time as a cell has it, never 0. */
function toCell(sinceEpoch: number): number {
  return Math.ceil(sinceEpoch) | 0 || 1;
}
