import type { PoolSpec } from "../../registry/placement.ts";

/**
 * How many calls of an entry may be in flight, and how that changes. A pool is numbers, not threads: its slots are
 * spread over the shared isolates (or those of a `worker_class`).
 */
export interface Pool {
  readonly type: PoolSpec["type"];
  /** Slots while nothing has happened yet; undefined for a pool without slots, whose calls run where the caller is. */
  slotsAtStart(spec: PoolSpec): number | undefined;
  /** Decides, every `adaptTickMs`, how many slots there are from now on. Absent for a fixed size. */
  adapt?(spec: PoolSpec): SlotController;
}

/** The memory of one pool that changes its size. */
export interface SlotController {
  /** Called every tick with what happened since the last one; returns the new number of slots. */
  tick(sample: PoolSample): number;
}

/** What a controller sees. */
export interface PoolSample {
  readonly slots: number;
  readonly busy: number;
  readonly waiting: number;
  /** Calls that ended since the last tick. */
  readonly finished: number;
}

/** How often controllers decide, in milliseconds. */
export const adaptTickMs = 500;
