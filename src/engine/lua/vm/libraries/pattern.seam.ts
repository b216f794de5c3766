// Lua's patterns over strings with a character a byte. Each step costs fuel, so that a pattern that backtracks without end
// meets the same budget as a loop.
import { fail } from "./arguments.seam.ts";
import type { Thread } from "../internals.seam.ts";

/** A part of the subject that a pattern caught; a `length` below zero is one of the marks. */
interface Capture {
  start: number;
  length: number;
}

const isOpen = -1;
/** `()` catches where it stands. */
export const isPosition = -2;

const mostCaptures = 32;
/** Nested matches through JavaScript's own stack. */
const deepest = 200;

const code = (character: string) => character.charCodeAt(0);
const percent = code("%");
const caret = code("^");
const dash = code("-");

/** Classes of bytes by their lower-case letter. */
const classes: Readonly<Record<number, RegExp>> = Object.fromEntries(
  Object.entries({
    a: /[A-Za-z]/,
    c: /[^ -~\x80-\xff]/,
    d: /\d/,
    g: /[!-~]/,
    l: /[a-z]/,
    p: /[!-/:-@[-`{-~]/,
    s: /[ \t-\r]/,
    u: /[A-Z]/,
    w: /[A-Za-z0-9]/,
    x: /[0-9A-Fa-f]/,
    // Gone from the manual, but still there.
    z: /\0/,
  }).map(([letter, expression]) => [code(letter), expression]),
);

const members = new Map<number, Uint8Array>();

/** Which bytes a class letter stands for; undefined for a character that is no letter of a class. */
function membersOf(letter: number): Uint8Array | undefined {
  const known = members.get(letter);
  if (known !== undefined) return known;
  const expression = classes[letter | 32];
  if (expression === undefined || letter < 65) return undefined;
  const isNegated = letter < 97;
  const made = Uint8Array.from({ length: 256 }, (_, byte) =>
    Number(expression.test(String.fromCharCode(byte)) !== isNegated),
  );
  members.set(letter, made);
  return made;
}

function isInClass(byte: number, letter: number): boolean {
  const found = membersOf(letter);
  return found === undefined ? letter === byte : found[byte] === 1;
}

/** One search of a pattern in a subject. */
export class Matcher {
  readonly subject: string;
  readonly pattern: string;
  /** Who pays for the steps. */
  thread: Thread;
  #depth = 0;
  captures: Capture[] = [];

  constructor(L: Thread, subject: string, pattern: string) {
    this.thread = L;
    this.subject = subject;
    this.pattern = pattern;
  }

  /** The end of the match that begins at `from`, or -1. */
  match(from: number, patternStart: number): number {
    this.captures = [];
    this.#depth = 0;
    return this.#match(from, patternStart);
  }

  #spend(): void {
    const shared = this.thread.l_G;
    // A thread cannot stop within a match: only an error ends it here.
    if (--shared.fuel < 0 && shared.onFuel !== null) shared.onFuel(this.thread);
  }

  #match(from: number, patternFrom: number): number {
    if (++this.#depth > deepest) fail(this.thread, "pattern too complex");
    const end = this.#steps(from, patternFrom);
    this.#depth--;
    return end;
  }

  #steps(from: number, patternFrom: number): number {
    const { subject, pattern } = this;
    let [s, p] = [from, patternFrom];
    for (;;) {
      if (p >= pattern.length) return s;
      this.#spend();
      const special = this.#special(s, p);
      if (special !== undefined) {
        if (typeof special === "number") return special;
        [s, p] = special;
        continue;
      }
      const next = this.#classEnd(p);
      const suffix = pattern[next];
      if (suffix === "?") {
        if (this.#isSingle(s, p, next)) {
          const end = this.#match(s + 1, next + 1);
          if (end >= 0) return end;
        }
        p = next + 1;
      } else if (suffix === "*") return this.#longest(s, p, next);
      else if (suffix === "+") return this.#isSingle(s, p, next) ? this.#longest(s + 1, p, next) : -1;
      else if (suffix === "-") return this.#shortest(s, p, next);
      else {
        if (s >= subject.length || !this.#isSingle(s, p, next)) return -1;
        s++;
        p = next;
      }
    }
  }

  /** What is no character class: the end of the whole match, or where to go on. */
  #special(s: number, p: number): number | [s: number, p: number] | undefined {
    const { subject, pattern } = this;
    switch (pattern[p]) {
      case "(":
        return pattern[p + 1] === ")" ? this.#open(s, p + 2, isPosition) : this.#open(s, p + 1, isOpen);
      case ")":
        return this.#close(s, p + 1);
      case "$":
        return p + 1 === pattern.length ? (s === subject.length ? s : -1) : undefined;
      case "%":
        break;
      default:
        return undefined;
    }
    const letter = pattern[p + 1] ?? "";
    if (letter === "b") {
      const end = this.#balance(s, p + 2);
      return end < 0 ? -1 : [end, p + 4];
    }
    if (letter === "f") return this.#frontier(s, p + 2);
    if (letter >= "0" && letter <= "9" && letter !== "") {
      const caught = this.#caught(letter);
      return subject.startsWith(caught, s) ? [s + caught.length, p + 2] : -1;
    }
    return undefined;
  }

  #frontier(s: number, p: number): number | [number, number] {
    const { subject, pattern } = this;
    if (pattern[p] !== "[") fail(this.thread, "missing '[' after '%f' in pattern");
    const end = this.#classEnd(p);
    const before = s === 0 ? 0 : subject.charCodeAt(s - 1);
    const after = s < subject.length ? subject.charCodeAt(s) : 0;
    return !this.#isInSet(before, p, end - 1) && this.#isInSet(after, p, end - 1) ? [s, end] : -1;
  }

  #classEnd(from: number): number {
    const { pattern } = this;
    let p = from + 1;
    if (pattern[from] === "%") {
      if (p >= pattern.length) fail(this.thread, "malformed pattern (ends with '%')");
      return p + 1;
    }
    if (pattern[from] !== "[") return p;
    if (pattern[p] === "^") p++;
    do {
      if (p >= pattern.length) fail(this.thread, "malformed pattern (missing ']')");
      // An escaped bracket does not end the set.
      p += pattern[p] === "%" ? 2 : 1;
    } while (pattern[p] !== "]");
    return p + 1;
  }

  #isSingle(s: number, p: number, end: number): boolean {
    if (s >= this.subject.length) return false;
    const byte = this.subject.charCodeAt(s);
    switch (this.pattern[p]) {
      case ".":
        return true;
      case "%":
        return isInClass(byte, this.pattern.charCodeAt(p + 1));
      case "[":
        return this.#isInSet(byte, p, end - 1);
      default:
        return this.pattern.charCodeAt(p) === byte;
    }
  }

  /** Whether the set between the brackets at `from` and `end` holds a byte. */
  #isInSet(byte: number, from: number, end: number): boolean {
    const { pattern } = this;
    const isNegated = pattern.charCodeAt(from + 1) === caret;
    for (let p = from + (isNegated ? 2 : 1); p < end; p++) {
      const first = pattern.charCodeAt(p);
      if (first === percent) {
        if (isInClass(byte, pattern.charCodeAt(++p))) return !isNegated;
      } else if (pattern.charCodeAt(p + 1) === dash && p + 2 < end) {
        p += 2;
        if (first <= byte && byte <= pattern.charCodeAt(p)) return !isNegated;
      } else if (first === byte) return !isNegated;
    }
    return isNegated;
  }

  #longest(s: number, p: number, end: number): number {
    let count = 0;
    while (this.#isSingle(s + count, p, end)) count++;
    for (; count >= 0; count--) {
      const found = this.#match(s + count, end + 1);
      if (found >= 0) return found;
    }
    return -1;
  }

  #shortest(from: number, p: number, end: number): number {
    for (let s = from; ; s++) {
      const found = this.#match(s, end + 1);
      if (found >= 0) return found;
      if (!this.#isSingle(s, p, end)) return -1;
    }
  }

  #open(s: number, p: number, length: number): number {
    if (this.captures.length >= mostCaptures) fail(this.thread, "too many captures");
    this.captures.push({ start: s, length });
    const end = this.#match(s, p);
    if (end < 0) this.captures.pop();
    return end;
  }

  #close(s: number, p: number): number {
    const capture = this.captures.findLast(({ length }) => length === isOpen);
    if (capture === undefined) return fail(this.thread, "invalid pattern capture");
    capture.length = s - capture.start;
    const end = this.#match(s, p);
    if (end < 0) capture.length = isOpen;
    return end;
  }

  #caught(digit: string): string {
    const capture = this.captures[Number(digit) - 1];
    if (capture === undefined || capture.length === isOpen) return fail(this.thread, `invalid capture index %${digit}`);
    return this.subject.slice(capture.start, capture.start + Math.max(0, capture.length));
  }

  #balance(s: number, p: number): number {
    const { subject, pattern } = this;
    if (p + 1 >= pattern.length) fail(this.thread, "malformed pattern (missing arguments to '%b')");
    if (subject[s] !== pattern[p]) return -1;
    let open = 1;
    for (let i = s + 1; i < subject.length; i++) {
      if (subject[i] === pattern[p + 1]) {
        if (--open === 0) return i + 1;
      } else if (subject[i] === pattern[p]) open++;
    }
    return -1;
  }
}
