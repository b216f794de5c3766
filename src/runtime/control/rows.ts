import type { EntryId } from "../../core/ids.ts";
import { growSlots, type SlotMemory, type SlotTable } from "../slots.ts";

/**
 * How many numbers of removed entries rest before the first is given to another entry: what still runs of the removed one
 * is told by its number in messages, and an entry that comes back finds its own.
 */
const restingRows = 256;

/** The numbers of entries, which are their rows in the slot table: an app that makes and removes entries uses the same ones again. */
export class Rows {
  readonly #shared: SlotMemory;
  readonly #slots: SlotTable;
  readonly #byId = new Map<EntryId, number>();
  /** Those of removed entries, the one that rests longest first. */
  readonly #resting = new Map<EntryId, number>();
  #count = 0;

  constructor(shared: SlotMemory, slots: SlotTable) {
    this.#shared = shared;
    this.#slots = slots;
  }

  /** How many there ever were. */
  get count(): number {
    return this.#count;
  }

  /** The number of an entry that is placed. It keeps it until it is removed. */
  of(id: EntryId): number {
    const row = this.#byId.get(id) ?? this.#resting.get(id) ?? this.#takeResting() ?? this.#add();
    this.#resting.delete(id);
    this.#byId.set(id, row);
    this.#slots.forgetMicros(row);
    return row;
  }

  /** The entry was removed; its number is used again when none of its calls holds a slot any more. */
  release(id: EntryId): void {
    const row = this.#byId.get(id);
    if (row === undefined) return;
    this.#byId.delete(id);
    this.#resting.set(id, row);
  }

  #takeResting(): number | undefined {
    if (this.#resting.size <= restingRows) return undefined;
    const [id, row] = [...this.#resting].find(([, each]) => this.#slots.totals(each).used === 0) ?? [];
    if (id !== undefined) this.#resting.delete(id);
    return row;
  }

  #add(): number {
    this.#count += 1;
    growSlots(this.#shared, this.#count);
    return this.#count - 1;
  }
}
