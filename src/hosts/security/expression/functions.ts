import type { Value } from "../../../core/values.ts";
import { binaryOperators, NotJudged } from "./operators.ts";

type Operand = Value | undefined;

/** A function of the expression language. */
export interface ExpressionFunction {
  readonly takes: number;
  readonly run: (...given: readonly Operand[]) => Value;
  readonly type: "bool" | "number" | "text";
}

const ofText = (change: (text: string) => string): ExpressionFunction => ({
  takes: 1,
  run(text) {
    if (typeof text === "string") return change(text);
    throw new NotJudged();
  },
  type: "text",
});

const operator = (name: string): ExpressionFunction => ({
  takes: 2,
  run: (a, b) => binaryOperators[name]?.run(a, b) ?? false,
  type: "bool",
});

function lengthOf(value: Operand): number {
  if (typeof value === "string") return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) return Object.keys(value).length;
  throw new NotJudged();
}

/** Functions, by name. */
export const functions: Readonly<Record<string, ExpressionFunction>> = {
  len: { takes: 1, run: lengthOf, type: "number" },
  lower: ofText((text) => text.toLowerCase()),
  upper: ofText((text) => text.toUpperCase()),
  trim: ofText((text) => text.trim()),
  hasPrefix: operator("startsWith"),
  hasSuffix: operator("endsWith"),
};
