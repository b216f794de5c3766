import type { Actor } from "../../core/context.ts";
import type { Value } from "../../core/values.ts";
import { holds, order, same, type Verdict } from "./compare.ts";
import { compileSearch } from "../../core/search.seam.ts";
import type { ConditionSpec, Operator } from "./spec.ts";
import { compileField, type Attributes, type ReadField } from "./subject.ts";

/** Whether a condition holds; `unknown` where it cannot be said. */
export type Condition = (actor: Actor, action: string, resource: string, meta: Attributes | undefined) => Verdict;

type Compare = (field: Value | undefined, value: Value | undefined) => Verdict;

const ordered =
  (isMet: (order: number) => boolean): Compare =>
  (a, b) => {
    const found = order(a, b);
    return found === undefined ? "unknown" : isMet(found);
  };

const not =
  (compare: Compare): Compare =>
  (a, b) => {
    const verdict = compare(a, b);
    return verdict === "unknown" ? verdict : !verdict;
  };

const isIn: Compare = (a, b) => (Array.isArray(b) ? holds(b, a) : "unknown");
const matches: Compare = (a, b) => {
  if (a === undefined) return false;
  return typeof a === "string" && typeof b === "string" ? search(b)(a) : "unknown";
};

/** What is missing is like nothing: it equals nothing, is in no list, and has no order. */
const comparisons: Readonly<Record<Operator, Compare>> = {
  eq: same,
  ne: (a, b) => !same(a, b),
  lt: ordered((order) => order < 0),
  gt: ordered((order) => order > 0),
  lte: ordered((order) => order <= 0),
  gte: ordered((order) => order >= 0),
  in: isIn,
  nin: not(isIn),
  exists: (a) => a !== undefined,
  nexists: (a) => a === undefined,
  contains: holds,
  ncontains: not(holds),
  matches,
  nmatches: not(matches),
};

/** Patterns that come from fields are compiled once, up to this many. */
const rememberedPatterns = 256;
const searches = new Map<string, (text: string) => Verdict>();

/** A pattern that is not known ahead; one that is none matches nobody knows what. */
export function search(pattern: string): (text: string) => Verdict {
  let found = searches.get(pattern);
  if (found === undefined) {
    if (searches.size >= rememberedPatterns) searches.clear();
    found = searchOf(pattern);
    searches.set(pattern, found);
  }
  return found;
}

function searchOf(pattern: string): (text: string) => Verdict {
  try {
    return compileSearch(pattern);
  } catch {
    return () => "unknown";
  }
}

/** Compiles a condition. One that was not checked, and makes no sense, is `unknown` always. */
export function compileCondition({ field, operator, value, valueFrom }: ConditionSpec): Condition {
  const read = compileField(field);
  const other: ReadField | undefined = valueFrom === undefined ? () => value : compileField(valueFrom);
  if (read === undefined || other === undefined) return () => "unknown";
  if (valueFrom === undefined && isWord(value)) {
    // What most conditions are: decided without another call.
    if (operator === "eq") return (actor, action, resource, meta) => read(actor, action, resource, meta) === value;
    if (operator === "ne") return (actor, action, resource, meta) => read(actor, action, resource, meta) !== value;
  }
  const compare = comparisons[operator];
  return (actor, action, resource, meta) =>
    compare(read(actor, action, resource, meta), other(actor, action, resource, meta));
}

/** A value that is the same as another one only if it is identical. */
export function isWord(value: Value | undefined): value is string | boolean {
  return typeof value === "string" || typeof value === "boolean";
}
