import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { Placement } from "../../registry/placement.ts";

/**
 * The value of a process that somebody keeps running: a method of a WIT `result` that gives `err` has failed.
 * @throws WeftError `GUEST_ERROR`.
 */
export function supervisedValue(id: EntryId, value: Value, placement: Placement | undefined): Value {
  if (placement?.signature?.result?.kind !== "result") return value;
  if (typeof value !== "object" || value === null || !("err" in value)) return value;
  const { err } = value;
  const text = typeof err === "string" ? err : JSON.stringify(err, plain);
  // The guest does not say whether another try is of use, so it is made.
  const message = `${id} returned an error: ${text}`;
  throw new WeftError("GUEST_ERROR", message, { retryable: null, details: { value: err ?? null } });
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
