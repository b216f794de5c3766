import type { SharedTables } from "./protocol.ts";

/** What a slot table needs of the memory that threads share. */
export type SlotMemory = Pick<SharedTables, "isolates" | "slots">;

/** Rows are added as entries are placed; the buffer's address space is reserved up front, its pages are not. */
const maxRows = 65_536;
/** Cells of a row before those of the isolates. */
const ownCells = 3;
const mostMicros = 1_000_000_000;

/**
 * Slots of every pooled entry, counted in shared memory so that any thread takes one without asking.
 * Row per entry: `[waiting, finished, micros, used 0, capacity 0, used 1, capacity 1, …]`, a pair for each isolate.
 */
export class SlotTable {
  readonly isolates: number;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #stride: number;

  constructor(shared: SlotMemory) {
    this.isolates = shared.isolates;
    this.#stride = rowLength(shared.isolates);
    this.#cells = new Int32Array(shared.slots);
  }

  /** Takes a slot of the entry on one isolate. Returns false when all are in use. */
  acquire(row: number, isolate: number): boolean {
    const used = this.#used(row, isolate);
    const capacity = Atomics.load(this.#cells, used + 1);
    for (let count = Atomics.load(this.#cells, used); count < capacity;) {
      const seen = Atomics.compareExchange(this.#cells, used, count, count + 1);
      if (seen === count) return true;
      count = seen;
    }
    return false;
  }

  /** Takes a slot of the entry on an isolate, whether there is one left or not. */
  overdraw(row: number, isolate: number): void {
    Atomics.add(this.#cells, this.#used(row, isolate), 1);
  }

  /** Gives a slot back. Returns true when somebody waits for one. */
  release(row: number, isolate: number): boolean {
    const base = row * this.#stride;
    Atomics.sub(this.#cells, this.#used(row, isolate), 1);
    Atomics.add(this.#cells, base + 1, 1);
    return Atomics.load(this.#cells, base) > 0;
  }

  /** Takes a slot on the least loaded isolate of `candidates` that has one left, and says which. */
  acquireAny(row: number, candidates: readonly number[], load?: (isolate: number) => number): number | undefined {
    for (;;) {
      let best: number | undefined;
      let least = Infinity;
      for (const isolate of candidates) {
        const used = this.used(row, isolate);
        if (used >= this.capacity(row, isolate)) continue;
        const weight = load === undefined ? used : load(isolate);
        if (weight >= least) continue;
        best = isolate;
        least = weight;
      }
      // Somebody may have been quicker to take the last one: then look again.
      if (best === undefined || this.acquire(row, best)) return best;
    }
  }

  /** How many slots of the entry are in use on an isolate. */
  used(row: number, isolate: number): number {
    return Atomics.load(this.#cells, this.#used(row, isolate));
  }

  capacity(row: number, isolate: number): number {
    return Atomics.load(this.#cells, this.#used(row, isolate) + 1);
  }

  /** Calls that ended since the entry was placed: a wrapping counter. */
  finished(row: number): number {
    return Atomics.load(this.#cells, row * this.#stride + 1);
  }

  /** For how many microseconds calls have held their thread lately; undefined while that is not known. */
  micros(row: number): number | undefined {
    const known = Atomics.load(this.#cells, row * this.#stride + 2);
    return known === 0 ? undefined : known;
  }

  /** Notes how long a call held its thread. What others note at the same time may be lost, which does no harm. */
  noteMicros(row: number, micros: number): void {
    const known = this.micros(row);
    const noted = Math.min(Math.max(1, Math.round(micros)), mostMicros);
    Atomics.store(
      this.#cells,
      row * this.#stride + 2,
      known === undefined ? noted : known + Math.trunc((noted - known) / 8),
    );
  }

  /** What was known of an entry holds no more. */
  forgetMicros(row: number): void {
    Atomics.store(this.#cells, row * this.#stride + 2, 0);
  }

  /** How a pool is used, over all isolates. */
  totals(row: number): {
    readonly slots: number;
    readonly used: number;
    readonly waiting: number;
    readonly finished: number;
  } {
    const isolates = Array.from({ length: this.isolates }, (_, isolate) => isolate);
    return {
      slots: isolates.reduce((sum, isolate) => sum + this.capacity(row, isolate), 0),
      used: isolates.reduce((sum, isolate) => sum + this.used(row, isolate), 0),
      waiting: Atomics.load(this.#cells, row * this.#stride),
      finished: this.finished(row),
    };
  }

  /** Says how many calls wait on the control plane. */
  setWaiting(row: number, count: number): void {
    Atomics.store(this.#cells, row * this.#stride, count);
  }

  /** Spreads a pool's slots over the isolates that may run it; the first ones get what is left over. */
  setCapacity(row: number, slots: number, isolates: readonly number[]): void {
    for (let isolate = 0; isolate < this.isolates; isolate += 1) {
      const place = isolates.indexOf(isolate);
      const share = place < 0 ? 0 : Math.floor(slots / isolates.length) + (place < slots % isolates.length ? 1 : 0);
      Atomics.store(this.#cells, this.#used(row, isolate) + 1, share);
    }
  }

  /** Forgets the slots that an isolate held when it ended. */
  clearIsolate(isolate: number, rows: number): void {
    for (let row = 0; row < rows; row += 1) Atomics.store(this.#cells, this.#used(row, isolate), 0);
  }

  #used(row: number, isolate: number): number {
    return row * this.#stride + ownCells + isolate * 2;
  }
}

function rowLength(isolates: number): number {
  return ownCells + 2 * isolates;
}

/** The buffer behind a slot table; `growSlots` adds rows to it. */
export function allocateSlots(isolates: number): SharedArrayBuffer {
  return new SharedArrayBuffer(0, { maxByteLength: maxRows * rowLength(isolates) * Int32Array.BYTES_PER_ELEMENT });
}

/** Makes room for `rows` entries. Views of every thread see it at once. */
export function growSlots(shared: SlotMemory, rows: number): void {
  const needed = rows * rowLength(shared.isolates) * Int32Array.BYTES_PER_ELEMENT;
  if (shared.slots.byteLength < needed) shared.slots.grow(needed);
}
