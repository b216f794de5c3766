import type { PoolSpec } from "../../registry/placement.ts";
import { pools } from "../pools/index.ts";
import { adaptTickMs, type SlotController } from "../pools/pool.ts";
import type { SlotTable } from "../slots.ts";
import type { Queues } from "./queues.ts";

interface Sized {
  readonly isolates: readonly number[];
  readonly controller: SlotController | undefined;
  slots: number;
  finished: number;
}

/** Keeps the number of slots of each pool what its type says, over time. */
export class PoolSizes implements Disposable {
  readonly #slots: SlotTable;
  readonly #queues: Queues;
  readonly #sized = new Map<number, Sized>();
  readonly #timer: NodeJS.Timeout;

  constructor(slots: SlotTable, queues: Queues) {
    this.#slots = slots;
    this.#queues = queues;
    this.#timer = setInterval(() => this.#tick(), adaptTickMs).unref();
  }

  /** Gives a pool its slots at start; a pool without slots of its own gets what its worker class can run. */
  set(row: number, spec: PoolSpec, isolates: readonly number[]): void {
    const pool = pools[spec.type];
    const slots = pool.slotsAtStart(spec) ?? spec.maxSlots;
    this.#sized.set(row, { isolates, controller: pool.adapt?.(spec), slots, finished: this.#slots.finished(row) });
    this.#slots.setCapacity(row, slots, isolates);
  }

  /** The pool's entry was removed: nobody takes a slot of it any more. */
  forget(row: number): void {
    this.#sized.delete(row);
    this.#slots.setCapacity(row, 0, []);
  }

  isolatesOf(row: number): readonly number[] {
    return this.#sized.get(row)?.isolates ?? [];
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    for (const [row, sized] of this.#sized) {
      if (sized.controller === undefined) continue;
      const finished = this.#slots.finished(row);
      const busy = sized.isolates.reduce((sum, isolate) => sum + this.#slots.used(row, isolate), 0);
      const sample = {
        slots: sized.slots,
        busy,
        waiting: this.#queues.waiting(row),
        finished: finished - sized.finished,
      };
      sized.finished = finished;
      const slots = sized.controller.tick(sample);
      if (slots === sized.slots) continue;
      sized.slots = slots;
      this.#slots.setCapacity(row, slots, sized.isolates);
      this.#queues.drain(row);
    }
  }
}
