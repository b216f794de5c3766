import { compileSearch } from "../../../core/search.seam.ts";
import type { Shape } from "./shape.ts";

/** Compiled patterns: the same ones are asked again and again. */
const patterns = new Map<string, (text: string) => boolean>();
/** More than any app has; beyond, those of long ago are compiled anew. */
const mostPatterns = 500;

/** What is wrong with a number, a text or a list's length by a rule such as `@min(0)`; undefined when nothing is. */
export function withinLimit(measured: unknown, { rule, value }: Shape & { is: "limited" }): string | undefined {
  const length = typeof measured === "string" ? Buffer.byteLength(measured) : measured;
  switch (rule) {
    case "min":
      return isBelow(measured, value) ? `${String(measured)} is below the minimum ${value} (@min)` : undefined;
    case "max":
      return isBelow(value, measured) ? `${String(measured)} is above the maximum ${value} (@max)` : undefined;
    case "min_len":
      return isBelow(length, value) ? `length ${String(length)} is below the minimum ${value} (@min_len)` : undefined;
    case "max_len":
      return isBelow(value, length) ? `length ${String(length)} is above the maximum ${value} (@max_len)` : undefined;
    case "pattern":
      if (typeof measured !== "string" || patternOf(String(value))(measured)) return undefined;
      return `${JSON.stringify(measured)} does not match the pattern ${String(value)} (@pattern)`;
    default:
      return undefined;
  }
}

function isBelow(one: unknown, other: unknown): boolean {
  const isNumber = (each: unknown) => typeof each === "number" || typeof each === "bigint";
  return isNumber(one) && isNumber(other) && Number(one) < Number(other);
}

function patternOf(source: string): (text: string) => boolean {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  if (patterns.size >= mostPatterns) patterns.clear();
  let compiled: (text: string) => boolean;
  try {
    compiled = compileSearch(source);
  } catch {
    // What no expression says, nothing matches: the message shows the pattern.
    compiled = () => false;
  }
  patterns.set(source, compiled);
  return compiled;
}
