import { z } from "zod";
import type { Limits } from "../../core/limits.ts";

const pageBytes = 65_536;

/** A 32-bit memory has no more pages. */
const mostPages = 65_536;

const bound = (description: string) => z.int().min(1).optional().describe(description);

/** The `limits` field. */
export const limitsSchema = z
  .strictObject({
    max_execution_ms: z
      .int()
      .min(0)
      .optional()
      .describe("Wall-clock time of one call, in milliseconds; 0 is no limit."),
    max_memory_bytes: bound("Linear memory of an instance, in bytes."),
    max_memory_pages: z
      .int()
      .min(1)
      .max(mostPages)
      .optional()
      .describe("Linear memory of an instance, in pages of 64 KiB."),
    max_fuel: bound("Deterministic budget of instructions for one call."),
    max_stack_bytes: bound("Depth of the guest's stack, in bytes (approximate)."),
    max_output_bytes: bound("Bytes that one call may write to stdout and stderr together."),
    max_host_calls: bound("Calls into the host during one call."),
  })
  .check((context) => {
    const { max_memory_bytes, max_memory_pages } = context.value;
    if (max_memory_bytes === undefined || max_memory_pages === undefined) return;
    const message = "the memory is already limited by max_memory_bytes: keep one of the two";
    context.issues.push({ code: "custom", input: max_memory_pages, path: ["max_memory_pages"], message });
  })
  .describe("Bounds on one call; crossing one ends that call and nothing else.");

/** The `limits` field, checked. */
export type LimitFields = z.infer<typeof limitsSchema>;

/** The limits that a `limits` field sets. */
export function resolveLimits(fields: LimitFields = {}): Limits {
  const memory =
    fields.max_memory_bytes ??
    (fields.max_memory_pages === undefined ? undefined : fields.max_memory_pages * pageBytes);
  const limits = {
    executionMs: fields.max_execution_ms === 0 ? undefined : fields.max_execution_ms,
    memoryBytes: memory,
    outputBytes: fields.max_output_bytes,
    stackBytes: fields.max_stack_bytes,
    fuel: fields.max_fuel,
    hostCalls: fields.max_host_calls,
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
