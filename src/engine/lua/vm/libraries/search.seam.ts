// The functions of `string` that search, and those that make long strings.
import { longestString } from "../access.seam.ts";
import { push, pushSlot, slotAt } from "../api.seam.ts";
import {
  anyFunction,
  api,
  auxiliary,
  BOOLEAN,
  HOST_FUNCTION,
  INTEGER,
  NIL,
  STRING,
  TABLE,
  TValue,
  variantMask,
  type HostFunction,
  type Slot,
  type Thread,
} from "../internals.seam.ts";
import { isString } from "../numbers.seam.ts";
import { fromCharacters, literal } from "../strings.seam.ts";
import { fail, integerArgument, isNumber, refuse, shown, textArgument } from "./arguments.seam.ts";
import { isPosition, Matcher } from "./pattern.seam.ts";

const pushText = (L: Thread, text: string) => push(L, STRING, fromCharacters(text));

function isTrue({ type, value }: Slot): boolean {
  return type !== NIL && !(type === BOOLEAN && value === false);
}

/** Pushes a capture; the whole match stands for the first of a pattern without any. */
function pushCapture(L: Thread, matcher: Matcher, at: number, whole: readonly [number, number]): void {
  const capture = matcher.captures[at];
  if (capture === undefined) {
    if (at > 0) fail(L, `invalid capture index %${at + 1}`);
    return pushText(L, matcher.subject.slice(...whole));
  }
  if (capture.length === isPosition) return push(L, INTEGER, capture.start + 1);
  if (capture.length < 0) fail(L, "unfinished capture");
  pushText(L, matcher.subject.slice(capture.start, capture.start + capture.length));
}

/** Pushes all captures, or the whole match when there are none and it is asked for. */
function pushCaptures(L: Thread, matcher: Matcher, whole: readonly [number, number] | undefined): number {
  const count = matcher.captures.length === 0 && whole !== undefined ? 1 : matcher.captures.length;
  auxiliary().luaL_checkstack(L, count, literal("too many captures"));
  for (let i = 0; i < count; i++) pushCapture(L, matcher, i, whole ?? [0, 0]);
  return count;
}

/** Where a search begins, from an argument that may count from the end; undefined beyond the subject. */
function startArgument(L: Thread, at: number, length: number): number | undefined {
  const given = slotAt(L, at).type === NIL ? 1 : Number(integerArgument(L, at));
  const start = given < 0 ? Math.max(0, length + given) : Math.max(0, given - 1);
  return start > length ? undefined : start;
}

const hasSpecials = /[$^*+?.([%-]/;

function search(L: Thread, isFind: boolean): number {
  const subject = textArgument(L, 1);
  const pattern = textArgument(L, 2);
  const start = startArgument(L, 3, subject.length);
  if (start !== undefined) {
    if (isFind && (isTrue(slotAt(L, 4)) || !hasSpecials.test(pattern))) {
      const found = subject.indexOf(pattern, start);
      if (found >= 0) return pushRange(L, found, found + pattern.length);
    } else {
      const matcher = new Matcher(L, subject, pattern);
      const isAnchored = pattern.startsWith("^");
      const last = isAnchored ? start : subject.length;
      for (let from = start; from <= last; from++) {
        const end = matcher.match(from, isAnchored ? 1 : 0);
        if (end < 0) continue;
        if (!isFind) return pushCaptures(L, matcher, [from, end]);
        return pushRange(L, from, end) + pushCaptures(L, matcher, undefined);
      }
    }
  }
  pushSlot(L, new TValue(NIL, null));
  return 1;
}

function pushRange(L: Thread, from: number, end: number): number {
  push(L, INTEGER, from + 1);
  push(L, INTEGER, end);
  return 2;
}

function eachMatch(L: Thread): number {
  const matcher = new Matcher(L, textArgument(L, 1), textArgument(L, 2));
  let from = 0;
  let last = -1;
  const step: HostFunction = (inner) => {
    matcher.thread = inner;
    for (; from <= matcher.subject.length; from++) {
      const end = matcher.match(from, 0);
      // An empty match right behind the last one is part of it.
      if (end < 0 || end === last) continue;
      const whole = [from, end] as const;
      from = last = end;
      return pushCaptures(inner, matcher, whole);
    }
    return 0;
  };
  push(L, HOST_FUNCTION, step);
  return 1;
}

/** What stands for one match; undefined keeps it as it is. */
type Replace = (matcher: Matcher, whole: readonly [number, number]) => string | undefined;

function replaceByText(L: Thread, text: string): Replace {
  if (!text.includes("%")) return () => text;
  return (matcher, whole) =>
    text.replace(/%([^]?)/g, (_, sign: string) => {
      if (sign === "%") return "%";
      if (!/^\d$/.test(sign)) return fail(L, "invalid use of '%' in replacement string");
      if (sign === "0") return matcher.subject.slice(...whole);
      pushCapture(L, matcher, Number(sign) - 1, whole);
      const caught = shown(L, -1);
      L.top--;
      return caught;
    });
}

function replaceByValue(L: Thread, type: number): Replace {
  return (matcher, whole) => {
    if (type === TABLE) {
      pushCapture(L, matcher, 0, whole);
      api.lua_gettable(L, 3);
    } else {
      api.lua_pushvalue(L, 3);
      api.lua_call(L, pushCaptures(L, matcher, whole), 1);
    }
    const slot = slotAt(L, -1);
    if (!isTrue(slot)) {
      L.top--;
      return undefined;
    }
    if (!isString(slot.type) && !isNumber(slot)) {
      fail(L, `invalid replacement value (a ${new TextDecoder().decode(auxiliary().luaL_typename(L, -1))})`);
    }
    const text = shown(L, -1);
    L.top--;
    return text;
  };
}

function replacement(L: Thread): Replace {
  const slot = slotAt(L, 3);
  if (isString(slot.type) || isNumber(slot)) return replaceByText(L, shown(L, 3));
  if (slot.type === TABLE || (slot.type & variantMask) === anyFunction) return replaceByValue(L, slot.type);
  return refuse(L, 3, "string/function/table expected");
}

function substitute(L: Thread): number {
  const subject = textArgument(L, 1);
  const pattern = textArgument(L, 2);
  const replace = replacement(L);
  const most = slotAt(L, 4).type === NIL ? subject.length + 1 : Number(integerArgument(L, 4));
  const matcher = new Matcher(L, subject, pattern);
  const isAnchored = pattern.startsWith("^");
  let [out, from, count, last] = ["", 0, 0, -1];
  while (count < most) {
    const end = matcher.match(from, isAnchored ? 1 : 0);
    if (end >= 0 && end !== last) {
      count++;
      out += replace(matcher, [from, end]) ?? subject.slice(from, end);
      if (out.length > longestString) fail(L, "resulting string too large");
      from = last = end;
    } else if (from < subject.length) out += subject[from++];
    else break;
    if (isAnchored) break;
  }
  pushText(L, out + subject.slice(from));
  push(L, INTEGER, count);
  return 2;
}

function repeat(L: Thread): number {
  const text = textArgument(L, 1);
  const count = Number(integerArgument(L, 2));
  const separator = slotAt(L, 3).type === NIL ? "" : textArgument(L, 3);
  if (count <= 0) {
    pushText(L, "");
    return 1;
  }
  if ((text.length + separator.length) * count > longestString) fail(L, "resulting string too large");
  pushText(L, (text + separator).repeat(count - 1) + text);
  return 1;
}

/** Stock fengari's forgets to say which argument is wrong. */
function fromCodes(L: Thread): number {
  const count = L.top - L.ci.funcOff - 1;
  let text = "";
  for (let at = 1; at <= count; at++) {
    const value = Number(integerArgument(L, at));
    if (value < 0 || value > 255) refuse(L, at, "value out of range");
    text += String.fromCharCode(value);
  }
  pushText(L, text);
  return 1;
}

/** Replacements in `string`. */
export const searchFunctions: Readonly<Record<string, HostFunction>> = {
  char: fromCodes,
  find: (L) => search(L, true),
  match: (L) => search(L, false),
  gmatch: eachMatch,
  gsub: substitute,
  rep: repeat,
};
