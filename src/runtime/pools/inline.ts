import type { Pool } from "./pool.ts";

/** Runs in the caller's isolate at once, on an instance of its own: re-entrant, unbounded, never queued. */
export const inlinePool: Pool = {
  type: "inline",
  slotsAtStart: () => undefined,
};
