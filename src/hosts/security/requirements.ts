import type { Formula, Range } from "./formula.ts";
import type { Field } from "./subject.ts";

/** What must hold for a policy to apply; each by itself, in whatever order. */
export interface Requirements {
  readonly requirements: readonly Formula[];
  /** Whether one is met of which nobody can say whether it holds. */
  readonly unknownHolds: boolean;
}

/** A requirement of one field that says so or not of every value. */
export interface FieldRange {
  readonly field: Field;
  readonly range: Range;
}

/** The requirements in the smallest parts that can be judged by themselves: those that take long last. */
export function partsOf({ requirements, unknownHolds }: Requirements): readonly Formula[] {
  const parts = requirements.flatMap((formula) => {
    const inOrder = conjuncts(formula);
    if (!unknownHolds) return inOrder;
    // An unknown part ends an `and`: the parts after it are judged only where it is known.
    const sure = inOrder.findIndex((part) => rangeOf(part) === undefined);
    return sure < 0 ? inOrder : [...inOrder.slice(0, sure), { is: "all" as const, of: inOrder.slice(sure) }];
  });
  const needed = parts.filter((part) => part.is !== "always" || !part.holds);
  return needed.toSorted((a, b) => Number(isSlow(a)) - Number(isSlow(b)));
}

/** What a part says by the value of one field alone, if it always says yes or no. */
export function rangeOf(part: Formula): FieldRange | undefined {
  if (part.is === "atom") return part.range && part.field && { field: part.field, range: part.range };
  const inner = part.is === "not" ? rangeOf(part.of) : undefined;
  if (inner === undefined) return undefined;
  const { points, prefixes, hit, absent, otherwise } = inner.range;
  return { field: inner.field, range: { points, prefixes, hit: !hit, absent: !absent, otherwise: !otherwise } };
}

function conjuncts(formula: Formula): readonly Formula[] {
  return formula.is === "all" ? formula.of.flatMap(conjuncts) : [formula];
}

function isSlow(formula: Formula): boolean {
  switch (formula.is) {
    case "atom":
      return formula.isSlow === true;
    case "always":
      return false;
    case "not":
      return isSlow(formula.of);
    case "all":
    case "any":
      return formula.of.some(isSlow);
    case "choice":
      return [formula.test, formula.yes, formula.no].some(isSlow);
  }
}
