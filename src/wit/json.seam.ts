// Seam for JSON.parse, whose types know neither the reviver's third parameter nor what comes out.
import type { Value } from "../core/values.ts";

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

const longNumber = /\d{16}/;

/** `JSON.parse`, but an integer too big for a number becomes a bigint instead of losing digits. Throws SyntaxError. */
export function parseExact(text: string): Value {
  // A reviver makes parsing several times slower, and only integers of this length can be inexact.
  if (!longNumber.test(text)) return JSON.parse(text) as Value;
  const revive = (_key: string, value: unknown, context: { readonly source?: string }): unknown => {
    const { source } = context;
    const isInexact = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
    return isInexact && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  };
  return JSON.parse(text, revive as Reviver) as Value;
}
