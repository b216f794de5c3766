import { LuaSyntaxError } from "../syntax-error.ts";

/** What a piece of the source is. `end` stands once, after the last. */
export type TokenKind = "name" | "keyword" | "string" | "number" | "operator" | "end";

/** A piece of the source: `text` is empty for strings, whose content nobody asks for. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

const keywords = new Set(
  "and break do else elseif end false for function goto if in local nil not or repeat return then true until while".split(
    " ",
  ),
);

const blank = /[^\S\n]+/y;
const longOpen = /\[(=*)\[/y;
const lineComment = /--[^\n]*/y;
const name = /[A-Za-z_]\w*/y;
const number = /0[xX](?:[\da-fA-F.]|[pP][+-]?)+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const operator = /\.\.\.|\.\.|==|~=|<=|>=|<<|>>|\/\/|::|->|[-+*/%^#&~|<>=(){}[\];:,.?!@]/y;

/** Cuts Lua text, with the signs that type annotations add, into tokens. @throws LuaSyntaxError */
export function readTokens(source: string): Token[] {
  return new Scanner(source).scan();
}

/** The column of an offset, counted from 1. */
export function columnOf(source: string, offset: number): number {
  return offset - source.lastIndexOf("\n", offset - 1);
}

class Scanner {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
  }

  scan(): Token[] {
    if (this.#source.startsWith("#")) this.#at = endOfLine(this.#source, 0);
    while (this.#at < this.#source.length) {
      const char = this.#source[this.#at];
      if (char === "\n") {
        this.#at += 1;
        this.#line += 1;
      } else if (this.#match(blank) === undefined && !this.#comment()) this.#token(char);
    }
    this.#push("end", "<eof>", this.#at);
    return this.#tokens;
  }

  #token(char: string | undefined): void {
    if (char === '"' || char === "'") return this.#string(char);
    if (char === "[" && this.#long("string")) return;
    const word = this.#match(name);
    if (word !== undefined) return this.#push(keywords.has(word) ? "keyword" : "name", word, this.#at - word.length);
    const digits = this.#match(number);
    if (digits !== undefined) return this.#push("number", digits, this.#at - digits.length);
    const sign = this.#match(operator);
    if (sign === undefined) this.#fail(`unexpected symbol near '${char ?? ""}'`, this.#at);
    this.#push("operator", sign, this.#at - sign.length);
  }

  #comment(): boolean {
    if (!this.#source.startsWith("--", this.#at)) return false;
    const start = this.#at;
    this.#at += 2;
    if (this.#long("comment")) return true;
    this.#at = start;
    return this.#match(lineComment) !== undefined;
  }

  /** A long bracket, as a string or as a comment's text. */
  #long(what: "string" | "comment"): boolean {
    longOpen.lastIndex = this.#at;
    const level = longOpen.exec(this.#source)?.[1];
    if (level === undefined) return false;
    const start = this.#at;
    const line = this.#line;
    const close = this.#source.indexOf(`]${level}]`, start);
    if (close < 0) this.#fail(`unfinished long ${what}`, start);
    this.#at = close + level.length + 2;
    for (let i = start; i < this.#at; i++) if (this.#source[i] === "\n") this.#line += 1;
    if (what === "string") this.#tokens.push({ kind: "string", text: "", start, end: this.#at, line });
    return true;
  }

  #string(quote: string): void {
    const start = this.#at;
    const line = this.#line;
    for (let i = start + 1; i < this.#source.length; i++) {
      const char = this.#source[i];
      if (char === quote) {
        this.#at = i + 1;
        this.#tokens.push({ kind: "string", text: "", start, end: this.#at, line });
        return;
      }
      if (char === "\n") break;
      if (char === "\\") i = this.#escape(i + 1);
    }
    this.#fail("unfinished string", start);
  }

  /** Steps over what a backslash escapes: `\z` takes the white space after it, lines included. */
  #escape(at: number): number {
    if (this.#source[at] === "\r" && this.#source[at + 1] === "\n") at += 1;
    if (this.#source[at] === "\n") this.#line += 1;
    if (this.#source[at] !== "z") return at;
    while (/\s/.test(this.#source[at + 1] ?? "")) {
      at += 1;
      if (this.#source[at] === "\n") this.#line += 1;
    }
    return at;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #push(kind: TokenKind, text: string, start: number): void {
    this.#tokens.push({ kind, text, start, end: start + (kind === "end" ? 0 : text.length), line: this.#line });
  }

  #fail(message: string, offset: number): never {
    throw new LuaSyntaxError(message, this.#line, columnOf(this.#source, offset));
  }
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf("\n", from);
  return end < 0 ? source.length : end;
}
