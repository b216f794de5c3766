import type { EntryId } from "./ids.ts";

/** What a runtime is doing at this moment. */
export interface RuntimeStats {
  readonly isolates: readonly IsolateStats[];
  /** Functions with slots. */
  readonly pools: readonly PoolStats[];
}

/** One thread for guests. */
export interface IsolateStats {
  readonly isolate: number;
  /** Its thread serves. */
  readonly isUp: boolean;
  /** Calls from the control plane that are in flight there. */
  readonly load: number;
  /** Linear memories that live there, idle ones included. */
  readonly memories: number;
}

/** The slots of one function, over all isolates. */
export interface PoolStats {
  readonly id: EntryId;
  readonly slots: number;
  readonly used: number;
  readonly waiting: number;
  /** Calls that ended since it was placed, from wherever they came. Wraps at 2^31. */
  readonly finished: number;
}
