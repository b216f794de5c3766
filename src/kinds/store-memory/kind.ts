import { z } from "zod";
import { parseDurationMs } from "../../core/durations.ts";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const defaultSize = 10_000;
const defaultCleanupMs = 300_000;
/** Timers cannot wait longer. */
const maxCleanupMs = 2 ** 31 - 1;

const schema = z.strictObject({
  max_size: z.int().min(1).optional().describe(`Keys that it holds at most; default ${defaultSize}.`),
  cleanup_interval: z
    .string()
    .refine((text) => (parseDurationMs(text) ?? 0) > 0, "expected a duration such as 500ms, 10s or 5m")
    .optional()
    .describe("How often values whose time is over are dropped; default 5m. Nobody ever gets one."),
  lifecycle: lifecycleSchema,
});

/** Values by key, in memory. */
export const storeMemoryKind = defineKind({
  name: "store.memory",
  summary: "Values by key that all programs share, each with an end of its time if it wants one.",
  schema,
  build({ max_size: maxSize = defaultSize, cleanup_interval: interval, lifecycle }, entry) {
    const cleanupMs = (interval === undefined ? undefined : parseDurationMs(interval)) ?? defaultCleanupMs;
    return {
      references: lifecycleReferences(entry, lifecycle),
      warnings: [],
      provides: {
        offer: { service: "store", spec: { maxSize, cleanupMs: Math.min(Math.max(1, cleanupMs), maxCleanupMs) } },
      },
      service: serviceOf(lifecycle, { entry }),
    };
  },
});
