import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import { rawNumber } from "../../core/raw-json.seam.ts";
import { parseExact } from "../../wit/json.seam.ts";

/** A value as text: strings and bytes as they are, nothing as the empty text, all else as JSON. */
export function toText(value: Value): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : toJson(value);
}

/** The same in bytes. */
export function toBytes(value: Value): Uint8Array {
  return value instanceof Uint8Array ? value : new TextEncoder().encode(toText(value));
}

/** A value as JSON. Integers beyond a double are digits, bytes are text, a map's keys are text. */
export function toJson(value: Value): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "bigint") return rawNumber(part);
    if (part instanceof Uint8Array) return new TextDecoder().decode(part);
    return part instanceof Map ? Object.fromEntries([...part].map(([key, item]) => [String(key), item])) : part;
  });
}

/**
 * A call's arguments from JSON: an array's items, or anything else as the one argument.
 * @throws WeftError `INVALID_ARGUMENT` when it is not JSON.
 */
export function parseArguments(json: string): Value[] {
  try {
    const parsed = parseExact(json);
    return Array.isArray(parsed) ? [...parsed] : [parsed];
  } catch (cause) {
    throw new WeftError("INVALID_ARGUMENT", "the arguments of call-json are not JSON", { cause });
  }
}
