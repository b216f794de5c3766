import type { Pool } from "./pool.ts";

/** Nothing at start; instances come with calls, up to the maximum. A slot costs nothing until it is used. */
export const lazyPool: Pool = {
  type: "lazy",
  slotsAtStart: (spec) => spec.maxSlots,
};
