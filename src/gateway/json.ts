import { isUtf8 } from "node:buffer";
import type { Value } from "../core/values.ts";
import { rawNumber } from "../core/raw-json.seam.ts";

/**
 * A value as JSON that can be read back: integers keep their digits, bytes are a text when they are UTF-8 and else a list of
 * numbers, a map's keys are texts, numbers that JSON lacks are `nan`, `inf` and `-inf`.
 */
export function toJson(value: Value): string {
  // What needs no second look is written at once.
  if (typeof value === "string" || typeof value === "boolean" || Number.isSafeInteger(value))
    return JSON.stringify(value);
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "bigint") return rawNumber(part);
    if (typeof part === "number" && !Number.isFinite(part))
      return Number.isNaN(part) ? "nan" : part > 0 ? "inf" : "-inf";
    if (part instanceof Uint8Array) return isUtf8(part) ? Buffer.from(part).toString("utf8") : [...part];
    return part instanceof Map ? Object.fromEntries([...part].map(([key, item]) => [String(key), item])) : part;
  });
}
