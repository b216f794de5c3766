// What a pattern caught, as values.
import { push } from "../api.seam.ts";
import { auxiliary, INTEGER, STRING, type Thread } from "../internals.seam.ts";
import { detached, fromCharacters, literal } from "../strings.seam.ts";
import { fail } from "./arguments.seam.ts";
import { isPosition, type Matcher } from "./pattern.seam.ts";

/** A part of a subject, which is not kept alive by it. */
export function part(subject: string, from: number, end: number): string {
  return detached(subject.slice(from, end), subject.length);
}

/** Pushes a capture; the whole match stands for the first of a pattern without any. */
export function pushCapture(L: Thread, matcher: Matcher, at: number, end: number): void {
  const length = matcher.lengths[at];
  const start = matcher.starts[at];
  if (at >= matcher.level || length === undefined || start === undefined) {
    if (at > 0) fail(L, `invalid capture index %${at + 1}`);
    return push(L, STRING, fromCharacters(part(matcher.subject, matcher.start, end)));
  }
  if (length === isPosition) return push(L, INTEGER, start + 1);
  if (length < 0) fail(L, "unfinished capture");
  push(L, STRING, fromCharacters(part(matcher.subject, start, start + length)));
}

/** Pushes all captures, or the whole match when there are none; answers how many values that are. */
export function pushMatch(L: Thread, matcher: Matcher, end: number): number {
  return pushSome(L, matcher, end, Math.max(1, matcher.level));
}

/** Pushes the captures of a match alone. */
export function pushCaptures(L: Thread, matcher: Matcher, end: number): number {
  return pushSome(L, matcher, end, matcher.level);
}

function pushSome(L: Thread, matcher: Matcher, end: number, count: number): number {
  auxiliary().luaL_checkstack(L, count, literal("too many captures"));
  for (let i = 0; i < count; i++) pushCapture(L, matcher, i, end);
  return count;
}
