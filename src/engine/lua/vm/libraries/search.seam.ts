// The functions of `string` that search.
import { push, pushSlot, slotAt } from "../api.seam.ts";
import {
  HOST_CLOSURE,
  INTEGER,
  NIL,
  objects,
  STRING,
  TValue,
  type HostFunction,
  type Thread,
} from "../internals.seam.ts";
import { spendOnBytes } from "../meter.seam.ts";
import { fromCharacters } from "../strings.seam.ts";
import { inTurns } from "../turns.seam.ts";
import { integerOr, isTrue, textArgument } from "./arguments.seam.ts";
import { pushCaptures, pushMatch } from "./captures.seam.ts";
import { Matcher, noMatch, notYet } from "./pattern.seam.ts";
import { substitute } from "./substitute.seam.ts";

/** Where a search begins, from an argument that may count from the end; undefined beyond the subject. */
function startArgument(L: Thread, at: number, length: number): number | undefined {
  const given = Number(integerOr(L, at, () => 1));
  const start = given < 0 ? Math.max(0, length + given) : Math.max(0, given - 1);
  return start > length ? undefined : start;
}

const hasSpecials = /[$^*+?.([%-]/;

function pushNil(L: Thread): number {
  pushSlot(L, new TValue(NIL, null));
  return 1;
}

function pushRange(L: Thread, from: number, end: number): number {
  push(L, INTEGER, from + 1);
  push(L, INTEGER, end);
  return 2;
}

function search(L: Thread, isFind: boolean): number {
  const subject = textArgument(L, 1);
  const pattern = textArgument(L, 2);
  const start = startArgument(L, 3, subject.length);
  if (start === undefined) return pushNil(L);
  if (isFind && (isTrue(slotAt(L, 4)) || !hasSpecials.test(pattern))) {
    const found = subject.indexOf(pattern, start);
    spendOnBytes(L, (found < 0 ? subject.length : found) - start);
    return found < 0 ? pushNil(L) : pushRange(L, found, found + pattern.length);
  }
  const isAnchored = pattern.startsWith("^");
  const matcher = new Matcher(L, subject, pattern, isAnchored ? 1 : 0);
  const last = isAnchored ? start : subject.length;
  const work = (thread: Thread): number | undefined => {
    const end = matcher.search(thread, start, last);
    if (end === notYet) return undefined;
    if (end === noMatch) return pushNil(thread);
    if (!isFind) return pushMatch(thread, matcher, end);
    return pushRange(thread, matcher.start, end) + pushCaptures(thread, matcher, end);
  };
  // Most searches are over at once: they need no function that could go on.
  return work(L) ?? inTurns(L, work);
}

function eachMatch(L: Thread): number {
  const subject = textArgument(L, 1);
  const pattern = textArgument(L, 2);
  const matcher = new Matcher(L, subject, pattern, 0);
  let from = 0;
  let last = -1;
  const work = (thread: Thread): number | undefined => {
    while (from <= subject.length) {
      const end = matcher.search(thread, from, subject.length);
      if (end === notYet) return undefined;
      if (end === noMatch) break;
      // An empty match right behind the last one is part of it.
      if (end !== last) {
        from = last = end;
        return pushMatch(thread, matcher, end);
      }
      from = matcher.start + 1;
    }
    from = subject.length + 1;
    return 0;
  };
  // What the iterator holds is seen by who counts memory.
  const closure = new objects.CClosure(L, (thread: Thread) => work(thread) ?? inTurns(thread, work), 1);
  closure.upvalue[0] = new TValue(STRING, fromCharacters(subject));
  push(L, HOST_CLOSURE, closure);
  return 1;
}

/** Replacements in `string`. */
export const searchFunctions: Readonly<Record<string, HostFunction>> = {
  find: (L) => search(L, true),
  match: (L) => search(L, false),
  gmatch: eachMatch,
  gsub: substitute,
};
