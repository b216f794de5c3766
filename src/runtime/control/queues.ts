import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { CallRequest } from "../../hosts/ports.ts";
import type { Placed } from "../placed.ts";
import type { SlotTable } from "../slots.ts";
import { Packing } from "./packing.ts";
import { PassingMap, PassingSet } from "../../core/passing.ts";

interface Waiting {
  readonly placed: Placed;
  readonly request: CallRequest;
  resolve(value: Promise<Value>): void;
  reject(error: unknown): void;
}

/** What queues need of the control plane. */
export interface QueueParts {
  /** The isolates that may run an entry. */
  isolatesOf(row: number): readonly number[];
  /** For how many microseconds calls in flight are likely to hold an isolate. */
  work(isolate: number): number;
  /** Runs a call that has its slot. */
  start(isolate: number, placed: Placed, request: CallRequest): Promise<Value>;
}

/** Calls that wait for a slot of a full pool, first come first served. */
export class Queues {
  readonly #queues = new Map<number, PassingSet<Waiting>>();
  readonly #slots: SlotTable;
  readonly #parts: QueueParts;
  readonly #packing = new Packing();
  /** Calls in flight beyond their pool's slots, by row and the root of their tree. */
  readonly #overdrawn = new PassingMap<string, number>();

  constructor(slots: SlotTable, parts: QueueParts) {
    this.#slots = slots;
    this.#parts = parts;
  }

  /** Takes a slot on an isolate that has one free, and says which: the one with the least to do, or where others go now. */
  acquire(row: number): number | undefined {
    const micros = this.#slots.micros(row);
    const packed = this.#packing.take(micros);
    if (packed !== undefined && this.#slots.acquire(row, packed)) return packed;
    const isolate = this.#slots.acquireAny(row, this.#parts.isolatesOf(row), (each) => this.#parts.work(each));
    if (isolate !== undefined) this.#packing.begin(isolate, micros);
    return isolate;
  }

  /** Waits for a slot and runs. @throws WeftError `POOL_FULL` when the queue is, and the pool says so. */
  wait(placed: Placed, request: CallRequest): Promise<Value> {
    const { row, placement } = placed;
    const queue = this.#queues.get(row) ?? new PassingSet();
    this.#queues.set(row, queue);
    const { pool } = placement;
    const overdrawing = this.#overdraw(placed, request);
    if (overdrawing !== undefined) return overdrawing;
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
      const isolate = this.acquire(row);
      if (isolate === undefined) break;
      queue.delete(waiting);
      this.#slots.setWaiting(row, queue.size);
      waiting.resolve(this.#parts.start(isolate, waiting.placed, waiting.request));
    }
  }

  /**
   * Lets a call into a full pool in which calls above it hold slots: they wait for it, and would for ever. Of one tree of
   * calls only as many are let in at a time as it has such calls above it, so a recursion that fans out stays bounded.
   */
  #overdraw(placed: Placed, request: CallRequest): Promise<Value> | undefined {
    const { row } = placed;
    const { held, root } = request.context;
    const above = held?.filter((each) => each === row).length ?? 0;
    if (above === 0) return undefined;
    const key = `${row}:${root}`;
    const overdrawn = this.#overdrawn.get(key) ?? 0;
    if (overdrawn >= above) return undefined;
    // There may be a free slot by now.
    const isolate = this.acquire(row) ?? this.#takeAnyway(row);
    if (isolate === undefined) return undefined;
    this.#overdrawn.set(key, overdrawn + 1);
    return this.#parts.start(isolate, placed, request).finally(() => this.#endOverdraft(row, root));
  }

  #takeAnyway(row: number): number | undefined {
    const byWork = this.#parts.isolatesOf(row).toSorted((a, b) => this.#parts.work(a) - this.#parts.work(b));
    const [isolate] = byWork;
    if (isolate !== undefined) this.#slots.overdraw(row, isolate);
    return isolate;
  }

  #endOverdraft(row: number, root: number): void {
    const key = `${row}:${root}`;
    const left = (this.#overdrawn.get(key) ?? 1) - 1;
    if (left === 0) this.#overdrawn.delete(key);
    else this.#overdrawn.set(key, left);
    const queue = this.#queues.get(row) ?? new PassingSet();
    for (const waiting of queue) {
      if (waiting.request.context.root !== root) continue;
      const result = this.#overdraw(waiting.placed, waiting.request);
      if (result === undefined) continue;
      queue.delete(waiting);
      this.#slots.setWaiting(row, queue.size);
      waiting.resolve(result);
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
