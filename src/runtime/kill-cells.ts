import { monotonicMs } from "../core/clock.ts";
import type { SharedTables } from "./protocol.ts";

/**
 * What each isolate is inside of right now that may be cut from outside, in memory that every thread sees. Cells of an
 * isolate: `[inside, deadline, asks, watched]`.
 *
 * - inside: the process's number, the call's (below -1), 0 for none, -1 once the order to cut it is on its way.
 * - deadline: of that call, in milliseconds from `shared.epoch`; a call of a process has none.
 * - asks: 1 once the isolate had something to be watched.
 * - watched: when the control plane last looked and could have cut, in milliseconds from `shared.epoch`; 0 for never.
 *
 * Times wrap round after 24 days, which is why they are only ever compared by their difference.
 */
const cellsPerIsolate = 4;
const [insideCell, deadlineCell, asksCell, watchedCell] = [0, 1, 2, 3];

const none = 0;
const ordered = -1;
const firstCall = -2;
const lastCall = -(2 ** 31);

/** A deadline further away than this is as good as none: 12 days, in milliseconds. */
const farMs = 2 ** 30;

/**
 * The control plane looks every 10 ms. If it has not for so long, in milliseconds, it is busy, and a call that begins now
 * has a time-out of its own.
 */
const freshMs = 25;

/** The buffer behind both sides. */
export function allocateKillCells(isolates: number): SharedArrayBuffer {
  return new SharedArrayBuffer(isolates * cellsPerIsolate * Int32Array.BYTES_PER_ELEMENT);
}

/** One isolate's cells. */
export class KillCell {
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #base: number;
  readonly #epoch: number;
  #nextCall = firstCall;

  constructor(shared: Pick<SharedTables, "kills" | "epoch">, isolate: number) {
    this.#cells = new Int32Array(shared.kills);
    this.#base = isolate * cellsPerIsolate;
    this.#epoch = shared.epoch;
  }

  /** The isolate is inside of this process, or this call, from now on. */
  enter(number: number): void {
    Atomics.store(this.#cells, this.#base + insideCell, number);
  }

  /** The isolate has left it. False when the order to cut it came first: then it must be waited for. */
  leave(number: number): boolean {
    return Atomics.compareExchange(this.#cells, this.#base + insideCell, number, none) === number;
  }

  /** Whether the isolate says that it is inside of this one, and no order to cut it is on its way. */
  holds(number: number): boolean {
    return Atomics.load(this.#cells, this.#base + insideCell) === number;
  }

  /** Nothing can be cut any more. */
  clear(): void {
    Atomics.store(this.#cells, this.#base + insideCell, none);
  }

  /**
   * A number for a call that is about to be entered and must be over within `ms`; undefined when the isolate is inside
   * of something else already.
   */
  numberCall(ms: number): number | undefined {
    if (Atomics.load(this.#cells, this.#base + insideCell) !== none) return undefined;
    Atomics.store(this.#cells, this.#base + deadlineCell, this.#now() + Math.ceil(Math.min(ms, farMs)));
    const number = this.#nextCall;
    this.#nextCall = number === lastCall ? firstCall : number - 1;
    return number;
  }

  /** Whether the control plane looks at this isolate and would cut a call in time. Asks for it, if not. */
  isWatched(): boolean {
    const watched = Atomics.load(this.#cells, this.#base + watchedCell);
    if (watched !== 0 && ((this.#now() - watched) | 0) <= freshMs) return true;
    Atomics.store(this.#cells, this.#base + asksCell, 1);
    return false;
  }

  /** Whether the isolate had something to be watched. Control plane only, as all below. */
  get asks(): boolean {
    return Atomics.load(this.#cells, this.#base + asksCell) === 1;
  }

  /** Tells the isolate that it is looked at, and is reached. */
  sayWatched(): void {
    Atomics.store(this.#cells, this.#base + watchedCell, this.#now() | 0 || 1);
  }

  /** The call that the isolate is inside of, and how many milliseconds it has left; undefined when it is in none. */
  get call(): { readonly number: number; readonly leftMs: number } | undefined {
    // In this order: a call says its deadline first. If it has been replaced by now, ordering it fails.
    const number = Atomics.load(this.#cells, this.#base + insideCell);
    if (number > firstCall) return undefined;
    const deadline = Atomics.load(this.#cells, this.#base + deadlineCell);
    return { number, leftMs: (deadline - this.#now()) | 0 };
  }

  /** Claims the right to cut a process or a call. False when the isolate is not inside of it. */
  order(number: number): boolean {
    return Atomics.compareExchange(this.#cells, this.#base + insideCell, number, ordered) === number;
  }

  /** Forgets what an isolate said before it ended. */
  forget(): void {
    for (let cell = 0; cell < cellsPerIsolate; cell += 1) Atomics.store(this.#cells, this.#base + cell, 0);
  }

  #now(): number {
    return Math.floor(monotonicMs() - this.#epoch);
  }
}

/** A view of all isolates' cells. */
export class ProcessesInside {
  readonly #cells: Int32Array<SharedArrayBuffer>;

  constructor(shared: SharedTables) {
    this.#cells = new Int32Array(shared.kills);
  }

  get isolates(): number {
    return this.#cells.length / cellsPerIsolate;
  }

  /** The process that an isolate is inside of right now. */
  at(isolate: number): number | undefined {
    const process = Atomics.load(this.#cells, isolate * cellsPerIsolate + insideCell);
    return process > 0 ? process : undefined;
  }
}
