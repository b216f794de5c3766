import { compileSearch } from "../../core/search.seam.ts";
import type { Value } from "../../core/values.ts";
import { holds, order, same, type Verdict } from "./compare.ts";
import { opposite, type Atom, type Range } from "./formula.ts";
import type { Operator } from "./spec.ts";
import { isOfActor, isText, type Field } from "./subject.ts";

type Operand = Value | undefined;
type Test = (value: Operand) => Verdict;
type Compare = (a: Operand, b: Operand) => Verdict;

/** Operators of conditions, and those that only expressions have. */
export type Comparison = Operator | "starts" | "ends";

const ordered =
  (isMet: (order: number) => boolean): Compare =>
  (a, b) => {
    const found = order(a, b);
    return found === undefined ? "unknown" : isMet(found);
  };

/** Of two texts; one that is missing is like nothing, with which no text begins. */
const ofTexts =
  (isMet: (a: string, b: string) => Verdict): Compare =>
  (a, b) => {
    if (a === undefined || a === null) return false;
    return typeof a === "string" && typeof b === "string" ? isMet(a, b) : "unknown";
  };

const not =
  (compare: Compare): Compare =>
  (a, b) =>
    opposite(compare(a, b));

const isIn: Compare = (a, b) => (Array.isArray(b) ? holds(b, a) : "unknown");
const matches = ofTexts((a, b) => search(b)(a));

/** What is missing is like nothing: it equals nothing, is in no list, and has no order. */
export const comparisons: Readonly<Record<Comparison, Compare>> = {
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
  starts: ofTexts((a, b) => a.startsWith(b)),
  ends: ofTexts((a, b) => a.endsWith(b)),
};

/** Patterns that come from fields are compiled once, up to this many. */
const rememberedPatterns = 256;
const rememberedLength = 1_000;
const searches = new Map<string, (text: string) => Verdict>();

/** A pattern that is not known ahead; one that is none matches nobody knows what. */
function search(pattern: string): (text: string) => Verdict {
  let found = searches.get(pattern);
  if (found === undefined) {
    if (searches.size >= rememberedPatterns) searches.clear();
    found = searchOf(pattern);
    if (pattern.length <= rememberedLength) searches.set(pattern, found);
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

/** A field compared with something known. */
export function known(field: Field, comparison: Comparison, value: Operand): Atom {
  const test = testOf(comparison, value);
  const { path, read } = field;
  const range = rangeOf(field, comparison, value);
  return {
    is: "atom",
    key: keyOf(path, comparison, value),
    judge: (actor, action, resource, meta) => test(read(actor, action, resource, meta)),
    field,
    test,
    ...(comparison === "eq" && isWord(value) && { word: value }),
    ...(range && { range }),
    isOfActor: isOfActor(field),
    isSlow: isSlow(comparison),
  };
}

/** Two fields compared with each other. */
export function between(field: Field, comparison: Comparison, other: Field): Atom {
  const compare = comparisons[comparison];
  return {
    is: "atom",
    key: JSON.stringify([field.path, comparison, { from: other.path }]),
    judge: (actor, action, resource, meta) =>
      compare(field.read(actor, action, resource, meta), other.read(actor, action, resource, meta)),
    field,
    other,
    compare,
    isOfActor: isOfActor(field) && isOfActor(other),
    isSlow: isSlow(comparison),
  };
}

function isSlow(comparison: Comparison): boolean {
  return comparison === "matches" || comparison === "nmatches";
}

/** A comparison with something known, as a closure that has no more to find out. */
export function testOf(comparison: Comparison, value: Operand): Test {
  if (typeof value === "number") {
    const number = numberTests[comparison];
    if (number !== undefined) return number(value);
  }
  if (isWord(value)) {
    if (comparison === "eq") return (found) => found === value;
    if (comparison === "ne") return (found) => found !== value;
  }
  if (typeof value === "string" && comparison === "matches") return searchTest(value);
  if (typeof value === "string" && comparison === "nmatches") {
    const test = searchTest(value);
    return (found) => opposite(test(found));
  }
  if (Array.isArray(value) && value.every(isWord)) {
    const words = new Set<Operand>(value);
    if (comparison === "in") return (found) => words.has(found);
    if (comparison === "nin") return (found) => !words.has(found);
  }
  const compare = comparisons[comparison];
  return (found) => compare(found, value);
}

const numberTests: Partial<Record<Comparison, (value: number) => Test>> = {
  lt: (value) => (found) => (typeof found === "number" ? found < value : comparisons.lt(found, value)),
  gt: (value) => (found) => (typeof found === "number" ? found > value : comparisons.gt(found, value)),
  lte: (value) => (found) => (typeof found === "number" ? found <= value : comparisons.lte(found, value)),
  gte: (value) => (found) => (typeof found === "number" ? found >= value : comparisons.gte(found, value)),
};

/** The text that was looked at last is often the next one too, and looking takes long. */
function searchTest(pattern: string): Test {
  const find = searchOf(pattern);
  let last: string | undefined;
  let verdict: Verdict = false;
  return (found) => {
    if (found === undefined || found === null) return false;
    if (typeof found !== "string") return "unknown";
    if (found !== last) {
      verdict = find(found);
      last = found;
    }
    return verdict;
  };
}

const none: Pick<Range, "points" | "prefixes"> = { points: [], prefixes: [] };
const onlyThere = { hit: true, absent: false, otherwise: false } as const;
const onlyElse = { hit: false, absent: true, otherwise: true } as const;

function rangeOf(field: Field, comparison: Comparison, value: Operand): Range | undefined {
  if (comparison === "exists") return { ...none, hit: true, absent: false, otherwise: true };
  if (comparison === "nexists") return { ...none, hit: false, absent: true, otherwise: false };
  if (comparison === "starts" && typeof value === "string" && isText(field)) {
    return { ...none, prefixes: [value], ...onlyThere };
  }
  const isList = comparison === "in" || comparison === "nin";
  const points = isList ? value : [value];
  if (!Array.isArray(points) || !points.every(isWord)) return undefined;
  if (comparison === "eq" || comparison === "in") return { points, prefixes: [], ...onlyThere };
  return comparison === "ne" || comparison === "nin" ? { points, prefixes: [], ...onlyElse } : undefined;
}

/** A value that is the same as another one only if it is identical. */
function isWord(value: Operand): value is string | boolean {
  return typeof value === "string" || typeof value === "boolean";
}

let unlike = 0;

/** Values that can be written down are told apart so; all others are unlike any other. */
function keyOf(path: string, comparison: Comparison, value: Operand): string {
  const isWritten = isWord(value) || Number.isFinite(value) || (Array.isArray(value) && value.every(isWord));
  if (!isWritten) unlike += 1;
  return JSON.stringify([path, comparison, isWritten ? value : { unlike }]);
}
