// Seam for JSON.parse, whose types know neither the reviver's third parameter nor what comes out.
import type { Value } from "../core/values.ts";

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

/** `JSON.parse`, but an integer too big for a number becomes a bigint instead of losing digits. Throws SyntaxError. */
export function parseExact(text: string): Value {
  const revive = (_key: string, value: unknown, context: { readonly source?: string }): unknown => {
    const { source } = context;
    const isInexact = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
    return isInexact && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  };
  return JSON.parse(text, revive as Reviver) as Value;
}
