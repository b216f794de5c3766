import { LuaSyntaxError } from "../syntax-error.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./tokens.ts";

/** Types without parameters: after a cast to one of these, `<` compares. */
const plainTypes = new Set("any boolean integer never nil number string table thread unknown userdata".split(" "));

const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Words that stand in no type: meeting one inside brackets means that the bracket was never closed. */
const notInTypes = new Set("do then local return while for if elseif else repeat until goto break".split(" "));

/** `: T`, if it stands here; blanked. */
export function annotation(cursor: Cursor): void {
  if (!cursor.is(":")) return;
  const { start } = cursor.peek();
  cursor.next();
  type(cursor);
  cursor.cutFrom(start);
}

/** `?: T` or `: T` after the name of a parameter; blanked. */
export function parameterAnnotation(cursor: Cursor): void {
  if (!cursor.is("?")) return annotation(cursor);
  const { start } = cursor.peek();
  cursor.next();
  cursor.expect(":");
  type(cursor);
  cursor.cutFrom(start);
}

/** Parameters up to the closing bracket. */
export function parameters(cursor: Cursor): void {
  if (cursor.accept(")")) return;
  do {
    if (cursor.accept("...")) {
      annotation(cursor);
      break;
    }
    cursor.name();
    parameterAnnotation(cursor);
  } while (cursor.accept(","));
  cursor.expect(")");
}

/** `: T`, `: A, B` or `: (A, B)` after a parameter list; blanked. */
export function returnAnnotation(cursor: Cursor): void {
  if (!cursor.is(":")) return;
  const { start } = cursor.peek();
  cursor.next();
  do type(cursor);
  while (cursor.accept(","));
  cursor.cutFrom(start);
}

/** `<T: C, U = D>` after a function's or a type's name; blanked. */
export function typeParameters(cursor: Cursor): void {
  if (!cursor.is("<")) return;
  const { start } = cursor.peek();
  cursor.next();
  do {
    cursor.accept("...");
    cursor.name();
    cursor.accept("...");
    if (cursor.accept(":")) type(cursor);
    if (cursor.accept("=")) type(cursor);
  } while (cursor.accept(","));
  cursor.closeAngle();
  cursor.cutFrom(start);
}

/** One type: `A | B?`, `(a: A) -> R`, `T extends U ? X : Y` … */
export function type(cursor: Cursor): void {
  cursor.nested(() => {
    if (!cursor.accept("|")) cursor.accept("&");
    simple(cursor);
    while (cursor.accept("|") || cursor.accept("&")) simple(cursor);
    if (cursor.isWord("extends")) conditional(cursor);
  });
}

/** True when the present token can begin a type. */
export function canStartType(token: Token): boolean {
  if (token.kind === "keyword") return ["nil", "true", "false", "function"].includes(token.text);
  if (token.kind === "operator") return ["{", "(", "-", "|", "&"].includes(token.text);
  return token.kind !== "end";
}

function conditional(cursor: Cursor): void {
  cursor.next();
  primary(cursor);
  suffixes(cursor, () => cursor.is("?") && !cursor.is("?", 1));
  cursor.expect("?");
  type(cursor);
  cursor.expect(":");
  type(cursor);
}

function simple(cursor: Cursor): void {
  primary(cursor);
  suffixes(cursor, () => false);
}

/** `?`, `[]`, `[K]` and `@min(0)`, in any order. */
function suffixes(cursor: Cursor, stop: () => boolean): void {
  while (!stop()) {
    if (cursor.accept("?")) continue;
    if (cursor.is("[")) {
      bracketed(cursor);
    } else if (cursor.accept("@")) {
      cursor.name();
      if (cursor.is("(")) bracketed(cursor);
    } else return;
  }
}

function primary(cursor: Cursor): void {
  const token = cursor.peek();
  if (token.kind === "string" || token.kind === "number") return cursor.next();
  if (cursor.is("-") && cursor.peek(1).kind === "number") return cursor.next(2);
  if (cursor.accept("nil") || cursor.accept("true") || cursor.accept("false")) return;
  if (cursor.accept("...")) return primary(cursor);
  if (cursor.is("{")) return bracketed(cursor);
  if (cursor.is("(")) {
    bracketed(cursor);
    if (cursor.accept("->")) returned(cursor);
    return;
  }
  if (cursor.accept("function")) return functionType(cursor, token);
  if (token.kind !== "name") cursor.fail("type expected");
  named(cursor, token);
}

function named(cursor: Cursor, token: Token): void {
  cursor.next();
  switch (token.text) {
    case "readonly":
      if (canStartType(cursor.peek()) && cursor.peek().line === token.line) return primary(cursor);
      break;
    case "interface":
      if (cursor.is("{")) return bracketed(cursor);
      break;
    case "asserts":
      if (!cursor.isName()) break;
      cursor.next();
      if (cursor.isWord("is")) {
        cursor.next();
        type(cursor);
      }
      return;
    case "typeof":
    case "keyof":
      if (cursor.is("(")) return bracketed(cursor);
      break;
    case "fun":
      return functionType(cursor, token);
  }
  while (cursor.is(".") && cursor.isName(1)) cursor.next(2);
  if (cursor.is("<") && !plainTypes.has(token.text)) typeArguments(cursor);
}

/** `fun(a: A): R`. */
function functionType(cursor: Cursor, word: Token): void {
  if (!cursor.is("(") || cursor.peek().line !== word.line) return;
  bracketed(cursor);
  if (cursor.accept(":") || cursor.accept("->")) returned(cursor);
}

/** `R` or `(R1, R2)`. */
function returned(cursor: Cursor): void {
  cursor.accept("...");
  type(cursor);
}

/** `<A, B>`; if it is none, the sign compares and stays. */
function typeArguments(cursor: Cursor): void {
  const mark = cursor.mark();
  try {
    cursor.next();
    do {
      cursor.accept("...");
      type(cursor);
      cursor.accept("...");
    } while (cursor.accept(","));
    cursor.closeAngle();
  } catch (error) {
    if (!(error instanceof LuaSyntaxError)) throw error;
    cursor.back(mark);
  }
}

/** Everything from an opening bracket to its partner. What stands between is for a type checker to judge. */
function bracketed(cursor: Cursor): void {
  const open: Token[] = [];
  do {
    const token = cursor.peek();
    const closer = token.kind === "operator" ? closers[token.text] : undefined;
    if (closer !== undefined) open.push(token);
    const isCloser = token.kind === "operator" && [")", "]", "}"].includes(token.text);
    if (isCloser && closers[open.pop()?.text ?? ""] !== token.text) cursor.fail("unbalanced brackets in a type");
    if (token.kind === "end" || (token.kind === "keyword" && notInTypes.has(token.text))) {
      const first = open.at(-1) ?? token;
      cursor.expect(closers[first.text] ?? "", first);
    }
    cursor.next();
  } while (open.length > 0);
}
