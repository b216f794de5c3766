import type { PoolSpec } from "../../registry/placement.ts";
import { adaptivePool } from "./adaptive.ts";
import { inlinePool } from "./inline.ts";
import { lazyPool } from "./lazy.ts";
import type { Pool } from "./pool.ts";
import { staticPool } from "./static.ts";

/** The pools, by the name that `pool.type` gives them. */
export const pools: Readonly<Record<PoolSpec["type"], Pool>> = {
  inline: inlinePool,
  lazy: lazyPool,
  static: staticPool,
  adaptive: adaptivePool,
};
