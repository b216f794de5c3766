// Lua's patterns over strings with a character a byte. A search keeps what it would try next on a stack of its own, so that
// it can stop after any step and go on later; each step costs fuel.
import type { Thread } from "../internals.seam.ts";
import { fail } from "./arguments.seam.ts";
import { ask, parsePattern, type Item } from "./pattern-items.ts";

/** Answers of a search that has found nothing, and of one that is not yet over. */
export const noMatch = -1;
/** The fuel is used up: ask again. */
export const notYet = -2;

const isOpen = -1;
/** The length of a capture that caught where it stands. */
export const isPosition = -2;

const mostCaptures = 32;
const longestPattern = 100_000;

// What the stack of choices holds beside items that can take more or less.
const forgetCapture = -1;
const reopenCapture = -2;

/** Bytes looked at in one go, and those that cost as much as a step. */
const scanned = 1 << 16;
const bytesPerStep = 16;

/** One search of a pattern in a subject. */
export class Matcher {
  readonly subject: string;
  readonly #items: readonly Item[];
  /** The bytes that a match must begin with, if it must begin with any. */
  readonly #lead: Uint8Array | undefined;
  /** Beginnings and lengths of what was caught. */
  readonly starts: number[] = [];
  readonly lengths: number[] = [];
  /** Choices left: three numbers each, the item, the least it takes, and what it took. */
  readonly #choices: number[] = [];
  /** How much of these arrays is in use: emptied ones would be made anew. */
  #top = 0;
  level = 0;
  #from = 0;
  #item = 0;
  #at = 0;
  /** Where a scan that is not over began; open brackets of a `%b`. */
  #scanFrom = -1;
  #depth = 0;
  #isRunning = false;

  constructor(L: Thread, subject: string, pattern: string, patternStart: number) {
    if (pattern.length > longestPattern) fail(L, "pattern too long");
    this.subject = subject;
    this.#items = parsePattern(pattern, patternStart);
    this.#lead = leadOf(this.#items);
  }

  /** Where the match began that was found last. */
  get start(): number {
    return this.#from;
  }

  /** Searches for the first match that begins between two positions: its end, `noMatch` or `notYet`. */
  search(L: Thread, from: number, last: number): number {
    const shared = L.l_G;
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#begin(from);
    }
    for (;;) {
      if (this.#scanFrom < 0 && this.#item === 0 && !this.#skip(L, last))
        return shared.fuel < 0 ? notYet : this.#end(noMatch);
      const end = this.#run(L);
      if (end === notYet) return notYet;
      if (end >= 0 || this.#from >= last) return this.#end(end);
      this.#begin(this.#from + 1);
    }
  }

  #end(result: number): number {
    this.#isRunning = false;
    return result;
  }

  #begin(from: number): void {
    this.#from = this.#at = from;
    this.#item = 0;
    this.#scanFrom = -1;
    this.#top = this.level = 0;
  }

  /** Goes on to where the first item may match; false at the end of the search or of the fuel. */
  #skip(L: Thread, last: number): boolean {
    const set = this.#lead;
    if (set === undefined || this.#from >= last) return true;
    const { subject } = this;
    let from = this.#from;
    while (from <= last) {
      const end = Math.min(last + 1, from + scanned, subject.length);
      const begin = from;
      while (from < end && set[subject.charCodeAt(from)] !== 1) from++;
      this.#from = this.#at = from;
      if ((L.l_G.fuel -= ((from - begin) / bytesPerStep) | 0) < 0 && from === end) return false;
      if (from < end || end === subject.length) break;
    }
    return from <= last && from < subject.length;
  }

  /** Runs items until the pattern ends, nothing is left to try, or the fuel is used up. */
  #run(L: Thread): number {
    const shared = L.l_G;
    const { subject } = this;
    const items = this.#items;
    for (;;) {
      if (--shared.fuel < 0) return notYet;
      const item = items[this.#item] as Item;
      const s = this.#at;
      let isTaken: boolean;
      switch (item.asks) {
        case ask.end:
          return s;
        case ask.one:
          isTaken = s < subject.length && item.set[subject.charCodeAt(s)] === 1;
          if (isTaken) this.#at = s + 1;
          break;
        case ask.any:
        case ask.some:
          if (!this.#scan(L, item.set)) return notYet;
          isTaken = this.#most(item.asks === ask.some ? s + 1 : s);
          break;
        case ask.option:
          isTaken = true;
          if (s < subject.length && item.set[subject.charCodeAt(s)] === 1) {
            this.#choose(this.#item, s, s + 1);
            this.#at = s + 1;
          }
          break;
        case ask.few:
          this.#choose(this.#item, s, s);
          isTaken = true;
          break;
        case ask.balance: {
          const end = this.#balance(L, item);
          if (end === notYet) return notYet;
          isTaken = end >= 0;
          break;
        }
        default:
          isTaken = this.#special(L, item);
      }
      if (isTaken) this.#item++;
      else if (!this.#retry()) return noMatch;
    }
  }

  /** Finds how far a set goes; false when the fuel is used up on the way. */
  #scan(L: Thread, set: Uint8Array): boolean {
    const { subject } = this;
    let s = this.#scanFrom < 0 ? this.#at : this.#scanFrom;
    for (;;) {
      const begin = s;
      const end = Math.min(subject.length, s + scanned);
      while (s < end && set[subject.charCodeAt(s)] === 1) s++;
      L.l_G.fuel -= ((s - begin) / bytesPerStep) | 0;
      this.#scanFrom = s;
      if (s < end || s === subject.length) return true;
      if (L.l_G.fuel < 0) return false;
    }
  }

  /** Takes all that was scanned, if it is enough; less of it may be tried later. */
  #most(least: number): boolean {
    const s = this.#scanFrom;
    this.#scanFrom = -1;
    if (s < least) return false;
    if (s > least) this.#choose(this.#item, least, s);
    this.#at = s;
    return true;
  }

  /** Goes back to the last choice that can be made otherwise; false when there is none. */
  #retry(): boolean {
    const choices = this.#choices;
    while (this.#top > 0) {
      const top = this.#top - 3;
      const item = choices[top] as number;
      if (item >= 0 && this.#tryNext(item, top)) return true;
      if (item === forgetCapture) this.level--;
      if (item === reopenCapture) this.lengths[choices[top + 1] as number] = isOpen;
      this.#top = top;
    }
    return false;
  }

  /** Notes what can be tried otherwise. */
  #choose(item: number, least: number, taken: number): void {
    const choices = this.#choices;
    const top = this.#top;
    choices[top] = item;
    choices[top + 1] = least;
    choices[top + 2] = taken;
    this.#top = top + 3;
  }

  #tryNext(item: number, top: number): boolean {
    const choices = this.#choices;
    const { asks, set } = this.#items[item] as Item;
    const least = choices[top + 1] as number;
    let s = choices[top + 2] as number;
    if (asks === ask.few) {
      if (s >= this.subject.length || set[this.subject.charCodeAt(s)] !== 1) return false;
      s++;
    } else {
      if (s <= least) return false;
      s--;
    }
    choices[top + 2] = s;
    this.#at = s;
    this.#item = item + 1;
    return true;
  }

  #special(L: Thread, { asks, set, first, message }: Item): boolean {
    const { subject } = this;
    const s = this.#at;
    switch (asks) {
      case ask.open:
        return this.#open(L, isOpen);
      case ask.position:
        return this.#open(L, isPosition);
      case ask.close: {
        let at = this.level - 1;
        while (at >= 0 && this.lengths[at] !== isOpen) at--;
        if (at < 0) fail(L, "invalid pattern capture");
        this.lengths[at] = s - (this.starts[at] as number);
        this.#choose(reopenCapture, at, 0);
        return true;
      }
      case ask.last:
        return s === subject.length;
      case ask.frontier: {
        const before = s === 0 ? 0 : subject.charCodeAt(s - 1);
        const after = s < subject.length ? subject.charCodeAt(s) : 0;
        return set[before] === 0 && set[after] === 1;
      }
      case ask.caught:
        return this.#same(L, first);
      default:
        return fail(L, message);
    }
  }

  #open(L: Thread, length: number): boolean {
    if (this.level >= mostCaptures) fail(L, "too many captures");
    this.starts[this.level] = this.#at;
    this.lengths[this.level++] = length;
    this.#choose(forgetCapture, 0, 0);
    return true;
  }

  #same(L: Thread, at: number): boolean {
    const length = this.lengths[at];
    const start = this.starts[at];
    if (at >= this.level || length === undefined || start === undefined || length === isOpen) {
      return fail(L, `invalid capture index %${at + 1}`);
    }
    if (length === isPosition) return false;
    L.l_G.fuel -= (length / bytesPerStep) | 0;
    if (!this.subject.startsWith(this.subject.slice(start, start + length), this.#at)) return false;
    this.#at += length;
    return true;
  }

  #balance(L: Thread, { first, second }: Item): number {
    const { subject } = this;
    if (this.#scanFrom < 0) {
      if (subject.charCodeAt(this.#at) !== first) return noMatch;
      this.#scanFrom = this.#at + 1;
      this.#depth = 1;
    }
    let s = this.#scanFrom;
    while (s < subject.length) {
      const end = Math.min(subject.length, s + scanned);
      const begin = s;
      for (; s < end; s++) {
        const byte = subject.charCodeAt(s);
        if (byte === second) {
          if (--this.#depth > 0) continue;
          this.#scanFrom = -1;
          return (this.#at = s + 1);
        }
        if (byte === first) this.#depth++;
      }
      this.#scanFrom = s;
      if ((L.l_G.fuel -= ((s - begin) / bytesPerStep) | 0) < 0) return notYet;
    }
    this.#scanFrom = -1;
    return noMatch;
  }
}

function leadOf(items: readonly Item[]): Uint8Array | undefined {
  const first = items.find(({ asks }) => asks !== ask.open && asks !== ask.position);
  return first !== undefined && (first.asks === ask.one || first.asks === ask.some) ? first.set : undefined;
}
