import type { SharedTables } from "./protocol.ts";

/**
 * Which process each isolate is inside of right now, or which call that only the control plane watches, in memory that
 * every thread sees: the control plane may have it cut off at any moment. Cell of an isolate: the process's number, the
 * call's (below -1), 0 for none, -1 once the order to cut it is on its way.
 */
const none = 0;
const ordered = -1;
const firstCall = -2;
const lastCall = -(2 ** 31);

/** The buffer behind both sides. */
export function allocateKillCells(isolates: number): SharedArrayBuffer {
  return new SharedArrayBuffer(isolates * Int32Array.BYTES_PER_ELEMENT);
}

/** One isolate's cell. */
export class KillCell {
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #at: number;
  #nextCall = firstCall;

  constructor(shared: SharedTables, isolate: number) {
    this.#cells = new Int32Array(shared.kills);
    this.#at = isolate;
  }

  /** The isolate is inside of this process from now on. */
  enter(process: number): void {
    Atomics.store(this.#cells, this.#at, process);
  }

  /** The isolate has left it. False when the order to cut it came first: then it must be waited for, in the scope. */
  leave(process: number): boolean {
    return Atomics.compareExchange(this.#cells, this.#at, process, none) === process;
  }

  /** Nothing can be cut any more. */
  clear(): void {
    Atomics.store(this.#cells, this.#at, none);
  }

  /** A number for a call of a function that is about to be entered; undefined when the cell is another's. */
  numberCall(): number | undefined {
    if (Atomics.load(this.#cells, this.#at) !== none) return undefined;
    const number = this.#nextCall;
    this.#nextCall = number === lastCall ? firstCall : number - 1;
    return number;
  }

  /** The call that the isolate is inside of, if it is one that must be watched. */
  get call(): number | undefined {
    const inside = Atomics.load(this.#cells, this.#at);
    return inside <= firstCall ? inside : undefined;
  }

  /** Claims the right to cut a process or a call. False when the isolate is not inside of it. Control plane only. */
  order(process: number): boolean {
    return Atomics.compareExchange(this.#cells, this.#at, process, ordered) === process;
  }
}

/** A view of all isolates' cells. */
export class ProcessesInside {
  readonly #cells: Int32Array<SharedArrayBuffer>;

  constructor(shared: SharedTables) {
    this.#cells = new Int32Array(shared.kills);
  }

  get isolates(): number {
    return this.#cells.length;
  }

  /** The process that an isolate is inside of right now. */
  at(isolate: number): number | undefined {
    const process = Atomics.load(this.#cells, isolate);
    return process > 0 ? process : undefined;
  }
}
