// Lua's patterns, parsed. A mistake in a pattern becomes an item of its own: it is an error only for a match that gets there.

/** What an item of a pattern asks for. */
export const ask = {
  end: 0,
  one: 1,
  any: 2,
  some: 3,
  option: 4,
  few: 5,
  open: 6,
  position: 7,
  close: 8,
  last: 9,
  balance: 10,
  frontier: 11,
  caught: 12,
  mistake: 13,
} as const;

/** One item. */
export interface Item {
  readonly asks: number;
  /** Which bytes it takes. */
  readonly set: Uint8Array;
  /** The two brackets of `%b`, or the number of a capture. */
  readonly first: number;
  readonly second: number;
  readonly message: string;
}

const code = (character: string) => character.charCodeAt(0);
const percent = code("%");
const dash = code("-");

/** Classes of bytes by their lower-case letter. */
const classes: Readonly<Record<string, RegExp>> = {
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
};

const known = new Map<number, Uint8Array>();

/** The bytes that `%` and a character stand for. */
function classOf(letter: number): Uint8Array {
  let made = known.get(letter);
  if (made === undefined) known.set(letter, (made = makeClass(letter)));
  return made;
}

function makeClass(letter: number): Uint8Array {
  const name = String.fromCharCode(letter);
  const expression = /^[A-Za-z]$/.test(name) ? classes[name.toLowerCase()] : undefined;
  if (expression === undefined) return onlyByte(letter);
  const isNegated = letter < 97;
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    Number(expression.test(String.fromCharCode(byte)) !== isNegated),
  );
}

const singles: (Uint8Array | undefined)[] = [];

function onlyByte(byte: number): Uint8Array {
  let made = singles[byte];
  if (made === undefined) {
    singles[byte] = made = new Uint8Array(256);
    made[byte] = 1;
  }
  return made;
}

const nothing = new Uint8Array(256);
const everything = new Uint8Array(256).fill(1);

const suffixes: Readonly<Record<string, number>> = { "*": ask.any, "+": ask.some, "?": ask.option, "-": ask.few };

class Mistake extends Error {}

/** Reads a pattern from left to right. */
class Reader {
  readonly #pattern: string;
  readonly #items: Item[] = [];
  #at: number;

  constructor(pattern: string, at: number) {
    this.#pattern = pattern;
    this.#at = at;
  }

  read(): Item[] {
    try {
      while (this.#at < this.#pattern.length) this.#item();
      this.#add(ask.end);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      this.#add(ask.mistake, { message: error.message });
    }
    return this.#items;
  }

  #add(asks: number, more: Partial<Item> = {}): void {
    this.#items.push({ asks, set: nothing, first: 0, second: 0, message: "", ...more });
  }

  #item(): void {
    const pattern = this.#pattern;
    const letter = pattern[this.#at];
    const next = pattern[this.#at + 1];
    if (letter === "(" && next === ")") return this.#simple(ask.position, 2);
    if (letter === "(") return this.#simple(ask.open, 1);
    if (letter === ")") return this.#simple(ask.close, 1);
    if (letter === "$" && next === undefined) return this.#simple(ask.last, 1);
    if (letter === "%" && next === "b") return this.#balance();
    if (letter === "%" && next === "f") return this.#frontier();
    if (letter === "%" && next !== undefined && next >= "0" && next <= "9") {
      this.#add(ask.caught, { first: Number(next) - 1 });
      this.#at += 2;
      return;
    }
    const set = this.#single();
    const asks = suffixes[pattern[this.#at] ?? ""];
    if (asks !== undefined) this.#at++;
    this.#add(asks ?? ask.one, { set });
  }

  #simple(asks: number, length: number): void {
    this.#add(asks);
    this.#at += length;
  }

  #balance(): void {
    const at = this.#at + 2;
    if (at + 1 >= this.#pattern.length) throw new Mistake("malformed pattern (missing arguments to '%b')");
    this.#add(ask.balance, { first: this.#pattern.charCodeAt(at), second: this.#pattern.charCodeAt(at + 1) });
    this.#at = at + 2;
  }

  #frontier(): void {
    this.#at += 2;
    if (this.#pattern[this.#at] !== "[") throw new Mistake("missing '[' after '%f' in pattern");
    this.#add(ask.frontier, { set: this.#set() });
  }

  #single(): Uint8Array {
    const letter = this.#pattern[this.#at];
    if (letter === "[") return this.#set();
    this.#at++;
    if (letter === ".") return everything;
    if (letter !== "%") return onlyByte(this.#pattern.charCodeAt(this.#at - 1));
    if (this.#at >= this.#pattern.length) throw new Mistake("malformed pattern (ends with '%')");
    return classOf(this.#pattern.charCodeAt(this.#at++));
  }

  #set(): Uint8Array {
    const pattern = this.#pattern;
    const isNegated = pattern[this.#at + 1] === "^";
    const begin = this.#at + (isNegated ? 2 : 1);
    let end = begin;
    do {
      if (end >= pattern.length) throw new Mistake("malformed pattern (missing ']')");
      // An escaped bracket does not end the set, nor does one that stands first.
      end += pattern[end] === "%" ? 2 : 1;
    } while (pattern[end] !== "]");
    const set = new Uint8Array(256);
    for (let p = begin; p < end; p++) {
      const first = pattern.charCodeAt(p);
      if (first === percent)
        classOf(pattern.charCodeAt(++p)).forEach((isIn, byte) => (set[byte] = (set[byte] ?? 0) | isIn));
      else if (pattern.charCodeAt(p + 1) === dash && p + 2 < end) {
        p += 2;
        for (let byte = first; byte <= pattern.charCodeAt(p); byte++) set[byte] = 1;
      } else set[first] = 1;
    }
    this.#at = end + 1;
    return isNegated ? set.map((isIn) => 1 - isIn) : set;
  }
}

const parsed = new Map<string, readonly Item[]>();
const mostKept = 500;
const longestKept = 200;

/** The items of a pattern, from a position on. */
export function parsePattern(pattern: string, at: number): readonly Item[] {
  if (pattern.length > longestKept) return new Reader(pattern, at).read();
  const key = `${at}${pattern}`;
  let items = parsed.get(key);
  if (items === undefined) {
    if (parsed.size >= mostKept) parsed.clear();
    parsed.set(key, (items = new Reader(pattern, at).read()));
  }
  return items;
}
