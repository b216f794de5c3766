import type { Value } from "../../../core/values.ts";
import { holds, order, same, type Verdict } from "../compare.ts";
import { search } from "../conditions.ts";

/** What an expression ends with that compares what cannot be compared: nobody can say whether it holds. */
export class NotJudged extends Error {}

type Operand = Value | undefined;

/** An operator: what it does, and what comes out. */
export interface Operator {
  readonly run: (a: Operand, b: Operand) => Value;
  readonly type: "bool" | "number" | "any";
}

/** A truth value; what is missing is not so, anything else is no answer. @throws NotJudged */
export function truth(value: Operand): boolean {
  if (typeof value === "boolean") return value;
  if (value === undefined || value === null) return false;
  throw new NotJudged();
}

const judged = (compare: (a: Operand, b: Operand) => Verdict): Operator => ({
  run(a, b) {
    const verdict = compare(a, b);
    if (verdict === "unknown") throw new NotJudged();
    return verdict;
  },
  type: "bool",
});

const ordered = (isMet: (order: number) => boolean): Operator =>
  judged((a, b) => {
    const found = order(a, b);
    return found === undefined ? "unknown" : isMet(found);
  });

/** Of two texts; one that is missing is like nothing, with which no text begins. */
const ofTexts = (isMet: (a: string, b: string) => Verdict): Operator =>
  judged((a, b) => {
    if (a === undefined || a === null) return false;
    return typeof a === "string" && typeof b === "string" ? isMet(a, b) : "unknown";
  });

const arithmetic = (compute: (a: number, b: number) => number): Operator => ({
  run(a, b) {
    if (typeof a !== "number" || typeof b !== "number") throw new NotJudged();
    return compute(a, b);
  },
  type: "number",
});

const isIn = (a: Operand, b: Operand): Verdict => {
  if (b === undefined || b === null) return false;
  // A text has parts, but is no list of them.
  return typeof b === "string" ? "unknown" : holds(b, a ?? null);
};

/** Operators between two values, by how they are written. */
export const binaryOperators: Readonly<Record<string, Operator>> = {
  "==": judged(same),
  "!=": judged((a, b) => !same(a, b)),
  "<": ordered((found) => found < 0),
  ">": ordered((found) => found > 0),
  "<=": ordered((found) => found <= 0),
  ">=": ordered((found) => found >= 0),
  in: judged(isIn),
  "not in": judged((a, b) => {
    const verdict = isIn(a, b);
    return verdict === "unknown" ? verdict : !verdict;
  }),
  contains: judged(holds),
  startsWith: ofTexts((a, b) => a.startsWith(b)),
  endsWith: ofTexts((a, b) => a.endsWith(b)),
  matches: ofTexts((a, b) => search(b)(a)),
  "+": {
    run(a, b) {
      if (typeof a === "number" && typeof b === "number") return a + b;
      if (typeof a === "string" && typeof b === "string") return a + b;
      throw new NotJudged();
    },
    type: "any",
  },
  "-": arithmetic((a, b) => a - b),
  "*": arithmetic((a, b) => a * b),
  "/": arithmetic((a, b) => a / b),
  "%": arithmetic((a, b) => a % b),
};
