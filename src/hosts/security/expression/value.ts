import type { Actor } from "../../../core/context.ts";
import type { Value } from "../../../core/values.ts";
import type { Verdict } from "../compare.ts";
import { judgeOf, type Formula, type Judge } from "../formula.ts";
import type { Attributes, Field } from "../subject.ts";
import { notJudged, truth } from "./operators.ts";
import type { Expression } from "./parse.ts";

/** What an expression is about, one by one so that nothing is made; `item` is the one that `any` and its like look at. */
export type Run = (
  actor: Actor,
  action: string,
  resource: string,
  meta: Attributes | undefined,
  item: Value | undefined,
) => Value | undefined;

/** What is known of a value ahead. */
export type Type = "bool" | "number" | "text" | "list" | "nothing" | "any";

/** An expression, compiled. `run` throws `notJudged` where there is no value. */
export interface Compiled {
  readonly run: Run;
  readonly type: Type;
  /** The same, of what is true or false. */
  readonly formula?: Formula;
  /** The field that it is. */
  readonly field?: Field;
  /** The value that it always has. */
  readonly literal?: { readonly value: Value };
}

/** What is true or false. */
export function truths(formula: Formula): Compiled {
  const judge = judgeOf(formula);
  const run: Run = (actor, action, resource, meta, item) => {
    const verdict = judge(actor, action, resource, meta, item);
    if (verdict === "unknown") throw notJudged;
    return verdict;
  };
  return { run, type: "bool", formula };
}

/** What always has a value, and the same for one question. */
export function isSure({ field, literal }: Compiled): boolean {
  return field !== undefined || literal !== undefined;
}

/** A test that is like no other kind of test: known by how it is written. */
export function atomOf(expression: Expression, judge: Judge): Formula {
  const written = JSON.stringify(expression, (key, value: unknown) => (key === "at" ? undefined : value));
  const guarded: Judge = (actor, action, resource, meta, item): Verdict => {
    try {
      return judge(actor, action, resource, meta, item);
    } catch (error) {
      if (error === notJudged) return "unknown";
      throw error;
    }
  };
  return { is: "atom", key: `expression ${written}`, judge: guarded, isOfActor: isOfActor(expression) };
}

/** Whether the actor is all that an expression names. */
function isOfActor(expression: Expression): boolean {
  switch (expression.is) {
    case "literal":
    case "item":
      return true;
    case "name":
      return expression.name === "actor";
    case "list":
      return expression.items.every(isOfActor);
    case "member":
      return isOfActor(expression.of) && isOfActor(expression.key);
    case "call":
      return expression.args.every(isOfActor);
    case "unary":
      return isOfActor(expression.of);
    case "binary":
      return isOfActor(expression.left) && isOfActor(expression.right);
    case "choice":
      return [expression.test, expression.yes, expression.no].every(isOfActor);
  }
}

/** Whether a value is true, of an expression that may have any. */
export function truthOf(expression: Expression, { run, formula, field }: Compiled): Formula {
  if (formula !== undefined) return formula;
  const atom = atomOf(expression, (actor, action, resource, meta, item) =>
    truth(run(actor, action, resource, meta, item)),
  );
  return field === undefined || atom.is !== "atom" ? atom : { ...atom, field, test: truth };
}
