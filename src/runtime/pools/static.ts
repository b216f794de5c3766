import type { Pool } from "./pool.ts";

/** A fixed number of slots and a bounded queue. */
export const staticPool: Pool = {
  type: "static",
  slotsAtStart: (spec) => spec.maxSlots,
};
