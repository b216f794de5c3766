/** What is wrong with an expression, and where. */
export class ExpressionError extends Error {
  /** Position in the text, from 0. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** A piece of an expression: `value` of a text is what it says, of all others how it is written. */
export interface Token {
  readonly type: "name" | "number" | "text" | "symbol" | "end";
  readonly value: string;
  readonly at: number;
}

const space = /\s+/y;
const name = /[A-Za-z_$][\w$]*/y;
const number = /(?:\d[\d_]*(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const symbol = /\?\.|\?\?|&&|\|\||==|!=|<=|>=|\.\.|[-+*/%<>!?:.,()[\]{}#]/y;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\", '"': '"', "'": "'" };

/** Cuts an expression into pieces. @throws ExpressionError */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    at += take(space)?.length ?? 0;
    const first = text[at];
    if (first === undefined) break;
    if (first === '"' || first === "'" || first === "`") {
      const { value, end } = readText(text, at);
      tokens.push({ type: "text", value, at });
      at = end;
      continue;
    }
    const found = takeWord(take);
    if (found === undefined) throw new ExpressionError(`"${first}" means nothing here`, at);
    tokens.push({ ...found, at });
    at += found.value.length;
  }
  return [...tokens, { type: "end", value: "the end", at: text.length }];
}

function takeWord(take: (pattern: RegExp) => string | undefined): Omit<Token, "at"> | undefined {
  for (const [type, pattern] of [
    ["name", name],
    ["number", number],
    ["symbol", symbol],
  ] as const) {
    const value = take(pattern);
    if (value !== undefined) return { type, value };
  }
  return undefined;
}

/** A text in quotes; between backticks everything stands for itself. */
function readText(text: string, start: number): { readonly value: string; readonly end: number } {
  const quote = text[start];
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === quote) return { value, end: at + 1 };
    if (char !== "\\" || quote === "`") {
      value += char;
      continue;
    }
    at += 1;
    const escaped = escapes[text[at] ?? ""];
    if (escaped === undefined) throw new ExpressionError(`"\\${text[at] ?? ""}" is no escape`, at - 1);
    value += escaped;
  }
  throw new ExpressionError("the text has no end", start);
}
