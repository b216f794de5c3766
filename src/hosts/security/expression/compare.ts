import { compileSearch } from "../../../core/search.seam.ts";
import { between, comparisons, known, testOf, type Comparison } from "../atoms.ts";
import type { Formula } from "../formula.ts";
import { isIn } from "./operators.ts";
import type { Expression } from "./parse.ts";
import { ExpressionError } from "./tokens.ts";
import { atomOf, isSure, type Compiled } from "./value.ts";

/** Two values compared. What compares a field with something known becomes the same test as in a condition. */
export function compared(
  expression: Expression,
  comparison: Comparison,
  [a, b]: readonly [Compiled, Compiled],
): Formula {
  if (a.field !== undefined && b.literal !== undefined) return known(a.field, comparison, b.literal.value);
  if (a.field !== undefined && b.field !== undefined) return between(a.field, comparison, b.field);
  const isEither = comparison === "eq" || comparison === "ne";
  if (isEither && a.literal !== undefined && b.field !== undefined) return known(b.field, comparison, a.literal.value);
  if (b.literal !== undefined) {
    const test = testOf(comparison, b.literal.value);
    return atomOf(expression, (actor, action, resource, meta, item) =>
      test(a.run(actor, action, resource, meta, item)),
    );
  }
  const compare = comparisons[comparison];
  return atomOf(expression, (actor, action, resource, meta, item) =>
    compare(a.run(actor, action, resource, meta, item), b.run(actor, action, resource, meta, item)),
  );
}

/** `a in b`, where `items` are those of `b` when it is written as a list. */
export function contained(
  expression: Expression,
  [a, b]: readonly [Compiled, Compiled],
  items: readonly Compiled[] | undefined,
): Formula {
  if (a.field !== undefined && b.literal !== undefined && Array.isArray(b.literal.value)) {
    return known(a.field, "in", b.literal.value);
  }
  if (a.field !== undefined && items?.every(isSure) === true) {
    // Without the list, which would be made for each decision.
    return { is: "any", of: items.map((item) => compared(expression, "eq", [a, item])) };
  }
  return atomOf(expression, (actor, action, resource, meta, item) =>
    isIn(a.run(actor, action, resource, meta, item), b.run(actor, action, resource, meta, item)),
  );
}

/** A pattern that is known is refused where it stands. @throws ExpressionError */
export function checkPattern(pattern: Expression): void {
  if (pattern.is !== "literal") return;
  if (typeof pattern.value !== "string") throw new ExpressionError("a regular expression is a text", pattern.at);
  try {
    compileSearch(pattern.value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpressionError(`this is no regular expression: ${reason}`, pattern.at);
  }
}
