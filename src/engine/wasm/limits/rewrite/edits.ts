/** What is done at a place of a function's body. */
export const edit = {
  /** Charge the instructions from here on: `argument` of them. */
  charge: 0,
  /** The same, and fuel that is used up ends the call. */
  check: 1,
  /** Other code may run next: write what is kept in locals to the counters. */
  leave: 2,
  /** Other code has run: read it again. */
  enter: 3,
  /** The function returns. */
  return: 4,
  /** Charge a bulk operation by its length, an i32 or i64 on the stack. */
  bulk32: 5,
  bulk64: 6,
  /** Let V8 look at interrupts. */
  poll: 7,
  /** Replace an instruction by a call or a counter; `argument` is the memory or table. */
  memorySize: 8,
  memoryGrow: 9,
  tableGrow: 10,
  /** A charge that the one with the index `argument` takes over. */
  folded: 11,
  /** Mark what an instruction is about to write to: a store, a bulk operation. */
  markStore: 12,
  markBulk: 13,
  /** The same for a store whose address is in the local `argument`, or which is to the card `argument`. */
  markLocal: 14,
  markCard: 15,
} as const;

const firstRoom = 1024;

/** The edits of one function, in the order of their places. Used again for each function. */
export class Edits {
  length = 0;
  #kinds = new Uint8Array(firstRoom);
  #places = new Uint32Array(firstRoom);
  #arguments = new Uint32Array(firstRoom);

  clear(): void {
    this.length = 0;
  }

  add(kind: number, place: number, argument = 0): number {
    const index = this.length++;
    if (index === this.#kinds.length) this.#grow();
    this.#kinds[index] = kind;
    this.#places[index] = place;
    this.#arguments[index] = argument;
    return index;
  }

  #grow(): void {
    const room = this.#kinds.length * 2;
    const [kinds, places, args] = [this.#kinds, this.#places, this.#arguments];
    this.#kinds = new Uint8Array(room);
    this.#kinds.set(kinds);
    this.#places = new Uint32Array(room);
    this.#places.set(places);
    this.#arguments = new Uint32Array(room);
    this.#arguments.set(args);
  }

  kind(index: number): number {
    return this.#kinds[index] ?? 0;
  }

  place(index: number): number {
    return this.#places[index] ?? 0;
  }

  argument(index: number): number {
    return this.#arguments[index] ?? 0;
  }

  setKind(index: number, kind: number): void {
    this.#kinds[index] = kind;
  }

  setArgument(index: number, argument: number): void {
    this.#arguments[index] = argument;
  }
}
