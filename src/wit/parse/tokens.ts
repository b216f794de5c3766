import { witError } from "./error.ts";

/** A word, a version or number, one of the marks, or the end of the text. */
export interface Token {
  readonly kind: "word" | "number" | "mark" | "end";
  /** As written, a word without its `%`. */
  readonly text: string;
  /** Written with `%`, so never a keyword. */
  readonly escaped: boolean;
  readonly at: number;
}

/** One signature or package is kilobytes; a text beyond this is not one, and would only cost memory. */
const textLength = 2_000_000;

// In order: space and line comments, words, versions and numbers, marks. Block comments nest, so code reads them.
const space = /(?:\s+|\/\/[^\n]*)+/y;
const word = /%?[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*/y;
const number = /\d+(?:\.\d+)*(?:-[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?(?:\+[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?/y;
const mark = /->|[(){}<>,:;=/.@*]/y;

/** Cuts WIT text into tokens; the last is always the end. */
export function tokenize(text: string): Token[] {
  if (text.length > textLength) {
    throw witError(text, { at: 0, expected: `at most ${textLength} characters`, found: `${text.length}` });
  }
  const tokens: Token[] = [];
  let at = 0;
  while (true) {
    at = skipSpace(text, at);
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    tokens.push(token);
    at += token.text.length + (token.escaped ? 1 : 0);
  }
  tokens.push({ kind: "end", text: "", escaped: false, at: text.length });
  return tokens;
}

function tokenAt(text: string, at: number): Token {
  const name = matchAt(word, text, at);
  if (name !== undefined) {
    const escaped = name.startsWith("%");
    return { kind: "word", text: escaped ? name.slice(1) : name, escaped, at };
  }
  const digits = matchAt(number, text, at);
  if (digits !== undefined) return { kind: "number", text: digits, escaped: false, at };
  const sign = matchAt(mark, text, at);
  if (sign !== undefined) return { kind: "mark", text: sign, escaped: false, at };
  const found = JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
  throw witError(text, { at, expected: "WIT text", found: `the character ${found}` });
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const skipped = matchAt(space, text, at);
    if (skipped !== undefined) at += skipped.length;
    else if (text.startsWith("/*", at)) at = skipBlockComment(text, at);
    else break;
  }
  return at;
}

function skipBlockComment(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    if (text.startsWith("/*", at)) {
      depth += 1;
      at += 2;
    } else if (text.startsWith("*/", at)) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else at += 1;
  }
  throw witError(text, { at: from, expected: '"*/" to end this comment', found: "the end of the text" });
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
