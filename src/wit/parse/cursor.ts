import { witError } from "./error.ts";
import { tokenize, type Token } from "./tokens.ts";

/** Nesting of braces and angle brackets together. Hand-written WIT stays below ten; the bound keeps recursion shallow. */
const nestingDepth = 100;

/** A position in the tokens of one text, with the small steps every rule of the grammar is made of. */
export class Cursor {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    this.text = text;
    this.#tokens = tokenize(text);
  }

  /** The token `ahead` places on, the end after the last. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#index + ahead] ?? { kind: "end", text: "", escaped: false, at: this.text.length };
  }

  next(): Token {
    const token = this.peek();
    this.#index += 1;
    return token;
  }

  /** True when the token `ahead` is this mark, or this word written without `%`. */
  sees(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && (token.kind === "mark" || (token.kind === "word" && !token.escaped));
  }

  /** Steps over the mark or keyword if it is there. */
  accept(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#index += 1;
    return true;
  }

  expect(text: string, why = ""): Token {
    if (!this.sees(text)) this.fail(`"${text}"${why}`);
    return this.next();
  }

  /** A name; keywords count, for authors of short signatures use them without `%`. */
  word(what: string): Token {
    if (this.peek().kind !== "word") this.fail(what);
    return this.next();
  }

  /** Items between `open` and `close`, divided by commas; one after the last is allowed. */
  list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    this.nested(() => {
      while (!this.sees(close)) {
        items.push(item());
        if (!this.accept(",")) break;
      }
      this.expect(close, ' or ","');
    });
    return items;
  }

  /** The semicolon after an item; the last of a text, or of a block, may be missing. */
  endItem(): void {
    if (this.peek().kind !== "end" && !this.sees("}")) this.expect(";");
  }

  nested(inside: () => void): void {
    this.#depth += 1;
    if (this.#depth > nestingDepth) this.fail(`at most ${nestingDepth} levels of nesting`);
    inside();
    this.#depth -= 1;
  }

  /** Throws the error for the token that stands here. */
  fail(expected: string, hint?: string): never {
    const token = this.peek();
    const found = token.kind === "end" ? "the end of the text" : `"${token.text}"`;
    throw witError(this.text, { at: token.at, expected, found, hint });
  }
}
