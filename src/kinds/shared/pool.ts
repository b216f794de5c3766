import { availableParallelism } from "node:os";
import { z } from "zod";
import type { PoolSpec } from "../../registry/placement.ts";

/** Slots are counted in 32-bit cells; nobody has that many guests in one process. */
const mostSlots = 100_000;

const slots = (description: string) => z.int().min(0).max(mostSlots).optional().describe(description);

/** The `pool` field of functions. */
export const poolSchema = z
  .strictObject({
    type: z
      .enum(["inline", "lazy", "static", "adaptive"])
      .optional()
      .describe("How calls share instances: in the caller's isolate, on demand, a fixed number, or by load."),
    size: slots("Slots; alone it means an inline pool."),
    workers: slots(
      "Slots of a static pool, or threads of a worker class; needs `size` unless there is a `worker_class`.",
    ),
    buffer: slots("Calls that may wait for a slot of a static pool; default 64 for each worker."),
    max_size: slots("The most slots that a lazy or adaptive pool may have."),
    warm_start: z
      .union([z.int().min(0).max(mostSlots), z.boolean()])
      .optional()
      .describe("Slots that an adaptive pool never goes below."),
    on_full: z
      .enum(["wait", "reject"])
      .optional()
      .describe("What a full pool does with a call: let it wait (default), or refuse it with POOL_FULL."),
    state: z
      .enum(["fresh", "kept"])
      .optional()
      .describe("Whether every call sees a new instance (default), or instances keep their state between calls."),
    worker_class: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Runs the calls on threads of their own, shared by all entries that name the same class; `type` has no effect then.",
      ),
  })
  .check((context) => {
    const { size = 0, workers = 0, worker_class } = context.value;
    if (workers <= 0 || size > 0 || worker_class !== undefined) return;
    const message = "needs `size` beside it: write `size` with the same number";
    context.issues.push({ code: "custom", input: workers, path: ["workers"], message });
  })
  .describe("How many calls run at once, on which instances, and what happens to more.");

/** The `pool` field, checked. */
export type PoolFields = z.infer<typeof poolSchema>;

/** A pool nobody configured; `spec/wasm.md` §5.1. */
const defaultLazySlots = 100;
const defaultTypedSlots = 16;
const defaultStaticSlots = 8;
const queuedPerSlot = 64;

/** Inline calls of guests take no slot; this bounds those that come from outside every isolate. */
const inlineSlots = 1_000;

/** What a `pool` field means, by the rules of `spec/wasm.md` §5.1. Zero counts as not said. */
export function resolvePool(pool: PoolFields = {}): PoolSpec {
  const { on_full: onFull = "wait", state = "fresh", worker_class: name } = pool;
  const common = { onFull, state } as const;
  if (name !== undefined) {
    const workers = said(pool.workers) ?? Math.min(availableParallelism(), 4);
    const count = said(pool.max_size) ?? said(pool.size) ?? workers;
    return { ...fixed(count, pool), ...common, workerClass: { name, workers } };
  }
  return { ...sized(pool), ...common, workerClass: undefined };
}

type Sized = Pick<PoolSpec, "type" | "minSlots" | "maxSlots" | "queueLength">;

function sized(pool: PoolFields): Sized {
  const max = said(pool.max_size);
  switch (pool.type ?? impliedType(pool)) {
    case "inline":
      return { type: "inline", minSlots: 0, maxSlots: inlineSlots, queueLength: Infinity };
    case "static":
      return fixed(said(pool.workers) ?? said(pool.size) ?? defaultStaticSlots, pool);
    case "adaptive": {
      const maxSlots = max ?? defaultTypedSlots;
      const warm = typeof pool.warm_start === "number" ? pool.warm_start : 1;
      const minSlots = Math.min(Math.max(warm, 1), maxSlots);
      return { type: "adaptive", minSlots, maxSlots, queueLength: maxSlots * queuedPerSlot };
    }
    default: {
      const maxSlots = max ?? (pool.type === undefined ? defaultLazySlots : defaultTypedSlots);
      // Waiting callers are unbounded; a pool that refuses them lets as many wait as it was told, else none.
      const queueLength = pool.on_full === "reject" ? (pool.buffer ?? 0) : Infinity;
      return { type: "lazy", minSlots: 0, maxSlots, queueLength };
    }
  }
}

function impliedType(pool: PoolFields): PoolSpec["type"] {
  if (said(pool.workers) !== undefined) return "static";
  return said(pool.size) === undefined ? "lazy" : "inline";
}

function fixed(count: number, pool: PoolFields): Sized {
  return { type: "static", minSlots: count, maxSlots: count, queueLength: said(pool.buffer) ?? count * queuedPerSlot };
}

function said(count: number | undefined): number | undefined {
  return count === 0 ? undefined : count;
}
