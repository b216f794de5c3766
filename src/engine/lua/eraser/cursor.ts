import { LuaSyntaxError } from "../syntax-error.ts";
import { columnOf, readTokens, type Token } from "./tokens.ts";

/** Nesting deeper than this is refused, as by Lua's own compiler: the parsers recurse. */
const nestingDepth = 195;

/** A declared type: where it stands in the source. */
export interface Declaration {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly isExported: boolean;
}

/** A piece of the source and what stands there instead. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const nothing: Token = { kind: "end", text: "<eof>", start: 0, end: 0, line: 1 };

/** A place among the tokens of a source, and the pieces of it that are to be blanked. */
export class Cursor {
  readonly source: string;
  readonly #tokens: Token[];
  readonly #split: { readonly at: number; readonly token: Token }[] = [];
  readonly #cuts: Cut[] = [];
  /** The types that the source declares, in their order. */
  readonly declarations: Declaration[] = [];
  /** Names that the source uses for variables. */
  readonly variables = new Set<string>();
  /** Where the expressions of the last `return` stand. */
  returned: { readonly start: number; readonly end: number } | undefined;
  #at = 0;
  #depth = 0;

  readonly #block: (cursor: Cursor) => void;

  /** `block` parses statements: expressions meet it in functions, and may not import it, because it imports them. */
  constructor(source: string, block: (cursor: Cursor) => void) {
    this.source = source;
    this.#block = block;
    this.#tokens = readTokens(source);
  }

  block(): void {
    this.#block(this);
  }

  /** The token `ahead` of the present one; after the last, the end. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] ?? nothing;
  }

  /** The token before the present one. */
  get last(): Token {
    return this.#tokens[this.#at - 1] ?? nothing;
  }

  /** True when the token `ahead` is this operator or keyword, or a name of this spelling. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && token.kind !== "string";
  }

  isName(ahead = 0): boolean {
    return this.peek(ahead).kind === "name";
  }

  /** True for one of the words that are keywords only where the grammar asks for them. */
  isWord(text: string, ahead = 0): boolean {
    return this.isName(ahead) && this.is(text, ahead);
  }

  next(count = 1): void {
    this.#at = Math.min(this.#at + count, this.#tokens.length - 1);
  }

  accept(text: string): boolean {
    const found = this.is(text);
    if (found) this.next();
    return found;
  }

  expect(text: string, opened?: Token): void {
    if (this.accept(text)) return;
    const from =
      opened === undefined || opened.line === this.peek().line
        ? ""
        : ` (to close '${opened.text}' at line ${opened.line})`;
    this.fail(`'${text}' expected${from}`);
  }

  name(): void {
    if (!this.isName()) this.fail("name expected");
    this.next();
  }

  /** Takes the closing sign of type parameters; of a `>>` only its first half. */
  closeAngle(): void {
    const token = this.peek();
    if (!this.is(">>")) return this.expect(">");
    this.#split.push({ at: this.#at, token });
    this.#tokens[this.#at] = { ...token, text: ">", start: token.start + 1 };
  }

  /** Where reading can go back to after a trial. */
  mark(): number {
    this.#split.length = 0;
    return this.#at;
  }

  back(mark: number): void {
    this.#at = mark;
    for (const { at, token } of this.#split.splice(0)) this.#tokens[at] = token;
  }

  /** Has everything blanked from `start` to the end of the last token taken. */
  cutFrom(start: number): void {
    this.#cuts.push({ start, end: this.last.end, text: "" });
  }

  /** Has a text put in the place of a piece of the source. */
  replace(cut: Cut): void {
    this.#cuts.push(cut);
  }

  /** The names that are left when annotations and declarations are blanked, without those of fields. */
  names(): Token[] {
    const gone = [...this.#cuts, ...this.declarations].toSorted((a, b) => a.start - b.start);
    let i = 0;
    let until = 0;
    return this.#tokens.filter((token, at) => {
      for (let cut = gone[i]; cut !== undefined && cut.start <= token.start; cut = gone[++i]) {
        until = Math.max(until, cut.end);
      }
      return token.kind === "name" && token.start >= until && ![".", ":"].includes(this.#tokens[at - 1]?.text ?? "");
    });
  }

  /** True when only semicolons stand after this offset. */
  isAtEnd(offset: number): boolean {
    const rest = this.#tokens.slice(this.#tokens.findLastIndex(({ start }) => start < offset) + 1);
    return rest.every(({ kind, text }) => kind === "end" || text === ";");
  }

  /** Runs a parser one level deeper. */
  nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > nestingDepth) this.fail("chunk has too many syntax levels");
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  fail(message: string, token = this.peek()): never {
    const near =
      token.kind === "string" ? this.source.slice(token.start, Math.min(token.end, token.start + 40)) : token.text;
    throw new LuaSyntaxError(`${message} near '${near}'`, token.line, columnOf(this.source, token.start));
  }

  /** The source with every cut blanked, so that each remaining character stands where it stood. */
  erased(): string {
    const shebang = this.source.startsWith("#");
    if (this.#cuts.length === 0 && !shebang) return this.source;
    let text = "";
    let at = 0;
    if (shebang) at = this.source.indexOf("\n") < 0 ? this.source.length : this.source.indexOf("\n");
    text += " ".repeat(at);
    for (const { start, end, text: instead } of this.#cuts.toSorted((a, b) => a.start - b.start)) {
      if (end < at) continue;
      const from = Math.max(start, at);
      const blank = this.source.slice(from, end).replaceAll(/[^\n]/g, " ");
      const space = /^ */.exec(blank)?.[0].length ?? 0;
      text += this.source.slice(at, from) + instead + blank.slice(Math.min(space, instead.length));
      at = end;
    }
    return text + this.source.slice(at);
  }
}
