import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { CallRequest } from "../../hosts/ports.ts";
import type { Placed } from "../placed.ts";
import type { SlotTable } from "../slots.ts";

interface Waiting {
  readonly placed: Placed;
  readonly request: CallRequest;
  resolve(value: Promise<Value>): void;
  reject(error: unknown): void;
}

/** How a call runs once it got its slot. */
export type StartQueued = (isolate: number, placed: Placed, request: CallRequest) => Promise<Value>;

/** Calls that wait for a slot of a full pool, first come first served. */
export class Queues {
  readonly #queues = new Map<number, Set<Waiting>>();
  readonly #slots: SlotTable;
  readonly #acquire: (row: number) => number | undefined;
  readonly #start: StartQueued;

  constructor(slots: SlotTable, acquire: (row: number) => number | undefined, start: StartQueued) {
    this.#slots = slots;
    this.#acquire = acquire;
    this.#start = start;
  }

  /** Waits for a slot and runs. @throws WeftError `POOL_FULL` when the queue is, and the pool says so. */
  wait(placed: Placed, request: CallRequest): Promise<Value> {
    const { row, placement } = placed;
    const queue = this.#queues.get(row) ?? new Set();
    this.#queues.set(row, queue);
    const { pool } = placement;
    if (pool.onFull === "reject" && queue.size >= pool.queueLength) return Promise.reject(poolFull(placed));
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const waiting: Waiting = { placed, request, resolve, reject };
    queue.add(waiting);
    const watch = request.context.cancellation.onCancel((reason) => {
      if (!queue.delete(waiting)) return;
      this.#slots.setWaiting(row, queue.size);
      reject(reason);
    });
    // Said before looking once more: a slot given back in between is not missed.
    this.#slots.setWaiting(row, queue.size);
    this.drain(row);
    return promise.finally(() => watch[Symbol.dispose]());
  }

  /** Starts as many waiting calls of an entry as there are free slots. */
  drain(row: number): void {
    const queue = this.#queues.get(row);
    if (queue === undefined) return;
    for (const waiting of queue) {
      const isolate = this.#acquire(row);
      if (isolate === undefined) break;
      queue.delete(waiting);
      this.#slots.setWaiting(row, queue.size);
      waiting.resolve(this.#start(isolate, waiting.placed, waiting.request));
    }
  }

  drainAll(): void {
    for (const row of this.#queues.keys()) this.drain(row);
  }

  waiting(row: number): number {
    return this.#queues.get(row)?.size ?? 0;
  }

  /** Refuses everything that still waits for an entry. */
  reject(row: number, error: WeftError): void {
    const queue = this.#queues.get(row);
    this.#queues.delete(row);
    this.#slots.setWaiting(row, 0);
    for (const waiting of queue ?? []) waiting.reject(error);
  }

  rejectAll(error: WeftError): void {
    for (const row of this.#queues.keys()) this.reject(row, error);
  }
}

function poolFull({ placement }: Placed): WeftError {
  const { maxSlots, queueLength } = placement.pool;
  return new WeftError(
    "POOL_FULL",
    `${placement.id}: all ${maxSlots} slots of its ${placement.pool.type} pool are in use and ${queueLength} calls wait`,
    { details: { entry: placement.id, slots: maxSlots, queue: queueLength } },
  );
}
