// The functions of `string` that make strings of strings.
import { longestString } from "../access.seam.ts";
import { push, slotAt } from "../api.seam.ts";
import { auxiliary, INTEGER, NIL, STRING, type HostFunction, type Thread } from "../internals.seam.ts";
import { chargeFirst, spend, spendOnBytes } from "../meter.seam.ts";
import { fromCharacters, literal, toCharacters } from "../strings.seam.ts";
import { fail, integerArgument, integerOr, refuse, textArgument } from "./arguments.seam.ts";
import { part } from "./captures.seam.ts";

function pushText(L: Thread, text: string): number {
  push(L, STRING, fromCharacters(text));
  return 1;
}

function repeat(L: Thread): number {
  const text = textArgument(L, 1);
  const count = Number(integerArgument(L, 2));
  const separator = slotAt(L, 3).type === NIL ? "" : textArgument(L, 3);
  if (count <= 0) return pushText(L, "");
  const length = (text.length + separator.length) * count;
  if (length > longestString) fail(L, "resulting string too large");
  chargeFirst(L, length);
  spendOnBytes(L, length);
  return pushText(L, (text + separator).repeat(count - 1) + text);
}

/** Stock fengari's forgets to say which argument is wrong. */
function fromCodes(L: Thread): number {
  const count = L.top - L.ci.funcOff - 1;
  spend(L, count >> 3);
  let text = "";
  for (let at = 1; at <= count; at++) {
    const value = Number(integerArgument(L, at));
    if (value < 0 || value > 255) refuse(L, at, "value out of range");
    text += String.fromCharCode(value);
  }
  return pushText(L, text);
}

function position(given: number, length: number): number {
  if (given >= 0) return given;
  return -given > length ? 0 : length + given + 1;
}

function subString(L: Thread): number {
  const text = textArgument(L, 1);
  const { length } = text;
  const from = Math.max(1, position(Number(integerArgument(L, 2)), length));
  const to = Math.min(length, position(Number(integerOr(L, 3, () => -1)), length));
  return pushText(L, from > to ? "" : part(text, from - 1, to));
}

function codes(L: Thread): number {
  const text = textArgument(L, 1);
  const { length } = text;
  const first = position(Number(integerOr(L, 2, () => 1)), length);
  const from = Math.max(1, first);
  const to = Math.min(length, position(Number(integerOr(L, 3, () => first)), length));
  if (from > to) return 0;
  if (from === to) {
    push(L, INTEGER, text.charCodeAt(from - 1));
    return 1;
  }
  const count = to - from + 1;
  spend(L, count >> 3);
  auxiliary().luaL_checkstack(L, count, literal("string slice too long"));
  for (let i = from - 1; i < to; i++) push(L, INTEGER, text.charCodeAt(i));
  return count;
}

/** A function of a whole string that native code is quick at. */
function mapped(change: (text: string) => string): HostFunction {
  return (L) => {
    const text = textArgument(L, 1);
    chargeFirst(L, text.length);
    spendOnBytes(L, text.length);
    return pushText(L, change(text));
  };
}

/** Bytes above 127 stay what they are: there is no locale but C's. */
const isAscii = (text: string) => !/[\x80-\xff]/.test(text);

function lower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function upper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** Longer strings are turned round as bytes. */
const shortText = 64;

function reversed(text: string): string {
  if (text.length > shortText) return toCharacters(Buffer.from(text, "latin1").toReversed());
  let out = "";
  for (let i = text.length - 1; i >= 0; i--) out += text[i];
  return out;
}

/** Replacements in `string`. */
export const textFunctions: Readonly<Record<string, HostFunction>> = {
  byte: codes,
  char: fromCodes,
  lower: mapped(lower),
  rep: repeat,
  reverse: mapped(reversed),
  sub: subString,
  upper: mapped(upper),
};
