import type { Value } from "../../../core/values.ts";
import { notJudged } from "./operators.ts";

type Operand = Value | undefined;

/** A function of the expression language; each takes one value. */
export interface ExpressionFunction {
  readonly run: (given: Operand) => Value;
  readonly type: "number" | "text";
}

const ofText = (change: (text: string) => string): ExpressionFunction => ({
  run(text) {
    if (typeof text === "string") return change(text);
    throw notJudged;
  },
  type: "text",
});

function lengthOf(value: Operand): number {
  if (typeof value === "string") return charactersOf(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) return keysOf(value);
  throw notJudged;
}

/** Counted without making a list of them. */
function charactersOf(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}

function keysOf(value: object): number {
  let count = 0;
  for (const key in value) if (Object.hasOwn(value, key)) count += 1;
  return count;
}

/** Functions, by name. */
export const functions: Readonly<Record<string, ExpressionFunction>> = {
  len: { run: lengthOf, type: "number" },
  lower: ofText((text) => text.toLowerCase()),
  upper: ofText((text) => text.toUpperCase()),
  trim: ofText((text) => text.trim()),
};
