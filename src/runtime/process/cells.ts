import type { SharedTables } from "../protocol.ts";

/** Processes that a runtime has room for at once: each number has its cells. */
const capacity = 65_536;
const cellsEach = 3;

/** Letters that may wait for one process or function, unless the process's host says otherwise. */
export const maxMailbox = 10_000;

/** The buffer behind every thread's view. */
export function allocateProcesses(): SharedArrayBuffer {
  return new SharedArrayBuffer(capacity * cellsEach * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Which processes are alive, and how many letters wait for each, in memory that every thread sees: so a sender learns at
 * once that there is nobody to write to, or no room. Cells of a process, at its number modulo the capacity:
 * `[number while alive, letters waiting, letters that may wait]`.
 */
export class ProcessCells {
  readonly #cells: Int32Array<SharedArrayBuffer>;
  #last = 0;

  constructor(shared: SharedTables) {
    this.#cells = new Int32Array(shared.processes);
  }

  /** Chooses the number of a new process. Control plane only. Undefined when there is no room for more. */
  claim(mailbox: number): number | undefined {
    for (let tries = 0; tries < capacity; tries += 1) {
      this.#last = this.#last === 2 ** 31 - 1 ? 1 : this.#last + 1;
      const at = this.#at(this.#last);
      if (Atomics.load(this.#cells, at) !== 0) continue;
      Atomics.store(this.#cells, at + 1, 0);
      Atomics.store(this.#cells, at + 2, mailbox);
      Atomics.store(this.#cells, at, this.#last);
      return this.#last;
    }
    return undefined;
  }

  release(number: number): void {
    Atomics.compareExchange(this.#cells, this.#at(number), number, 0);
  }

  isAlive(number: number): boolean {
    return Atomics.load(this.#cells, this.#at(number)) === number;
  }

  /** How many letters may wait for a process. */
  mailboxOf(number: number): number {
    return Atomics.load(this.#cells, this.#at(number) + 2);
  }

  /** How many letters wait for a process. */
  waiting(number: number): number {
    return this.isAlive(number) ? Atomics.load(this.#cells, this.#at(number) + 1) : 0;
  }

  /** Counts a letter on its way to a process. False when its mailbox is full. */
  post(number: number): boolean {
    const waiting = this.#at(number) + 1;
    if (Atomics.add(this.#cells, waiting, 1) < this.mailboxOf(number)) return true;
    Atomics.sub(this.#cells, waiting, 1);
    return false;
  }

  /** A letter was taken out of a process's mailbox. */
  taken(number: number): void {
    if (this.isAlive(number)) Atomics.sub(this.#cells, this.#at(number) + 1, 1);
  }

  #at(number: number): number {
    return (number % capacity) * cellsEach;
  }
}
