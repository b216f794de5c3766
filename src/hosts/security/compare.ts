import { isDeepStrictEqual } from "node:util";
import type { Value } from "../../core/values.ts";

/** What a comparison comes to; `unknown` where the values cannot be compared so. */
export type Verdict = boolean | "unknown";

/** Whether two values are the same; nothing is the same as nothing, and integers are so whatever their size. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (typeof a === "bigint" || typeof b === "bigint")
    return isNumber(a) && isNumber(b) ? Number(a) === Number(b) && BigInt(a) === BigInt(b) : false;
  if (typeof a !== "object" || typeof b !== "object") return (a ?? null) === (b ?? null);
  return isDeepStrictEqual(a ?? null, b ?? null);
}

/** The order of two numbers or two texts: negative, zero, positive; undefined for anything else. */
export function order(a: Value | undefined, b: Value | undefined): number | undefined {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return undefined;
}

/** Whether a list has an item, a text a part, or a mapping a key. */
export function holds(whole: Value | undefined, part: Value | undefined): Verdict {
  if (whole === undefined || whole === null) return false;
  if (typeof whole === "string") return typeof part === "string" ? whole.includes(part) : "unknown";
  if (Array.isArray(whole)) {
    for (const item of whole) if (same(item, part)) return true;
    return false;
  }
  if (typeof whole !== "object" || whole instanceof Uint8Array) return "unknown";
  if (whole instanceof Map) return part !== undefined && whole.has(part);
  return typeof part === "string" && Object.hasOwn(whole, part);
}

function isNumber(value: Value | undefined): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
