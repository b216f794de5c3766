import type { Value } from "../../../core/values.ts";
import type { Comparison } from "../atoms.ts";
import { holds, type Verdict } from "../compare.ts";

/** What an expression ends with that asks of a value what it has not: nobody can say whether it holds. */
class NotJudged extends Error {}

/** Made once: to make an error takes longer than a decision may. */
export const notJudged = new NotJudged("nobody can say whether the expression holds");

type Operand = Value | undefined;

/** A truth value; what is missing is not so, anything else is no answer. */
export function truth(value: Operand): Verdict {
  if (typeof value === "boolean") return value;
  return value === undefined || value === null ? false : "unknown";
}

/** Operators that compare, by how they are written. */
export const comparingOperators: Readonly<Record<string, Comparison>> = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  ">": "gt",
  "<=": "lte",
  ">=": "gte",
  contains: "contains",
  startsWith: "starts",
  endsWith: "ends",
  matches: "matches",
};

/** Functions that do what an operator does. */
export const comparingFunctions: Readonly<Record<string, Comparison>> = { hasPrefix: "starts", hasSuffix: "ends" };

/** Whether a value is in a list, or a key in a mapping. A text has parts, but is no list of them. */
export function isIn(a: Operand, b: Operand): Verdict {
  if (b === undefined || b === null) return false;
  return typeof b === "string" ? "unknown" : holds(b, a ?? null);
}

/** An operator that computes a value. */
export interface Operator {
  readonly run: (a: Operand, b: Operand) => Value;
  readonly type: "number" | "any";
}

const arithmetic = (compute: (a: number, b: number) => number): Operator => ({
  run(a, b) {
    if (typeof a !== "number" || typeof b !== "number") throw notJudged;
    return compute(a, b);
  },
  type: "number",
});

/** Operators that compute, by how they are written. */
export const operators: Readonly<Record<string, Operator>> = {
  "+": {
    run(a, b) {
      if (typeof a === "number" && typeof b === "number") return a + b;
      if (typeof a === "string" && typeof b === "string") return a + b;
      throw notJudged;
    },
    type: "any",
  },
  "-": arithmetic((a, b) => a - b),
  "*": arithmetic((a, b) => a * b),
  "/": arithmetic((a, b) => a / b),
  "%": arithmetic((a, b) => a % b),
};
