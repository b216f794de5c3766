import type { Cursor } from "./cursor.ts";
import type { Token } from "./tokens.ts";
import { canStartType, parameters, returnAnnotation, type, typeParameters } from "./types.ts";

const binary = new Set("or and < > <= >= ~= == | ~ & << >> .. + - * / // % ^".split(" "));
const unary = new Set(["not", "-", "#", "~"]);
const constants = new Set(["nil", "true", "false"]);

/** Expressions with commas between them. */
export function expressions(cursor: Cursor): void {
  do expression(cursor);
  while (cursor.accept(","));
}

/** One expression. Operators need no ranks here: nothing is computed. */
export function expression(cursor: Cursor): void {
  cursor.nested(() => {
    for (;;) {
      operand(cursor);
      const token = cursor.peek();
      if (token.kind === "string" || !binary.has(token.text)) return;
      cursor.next();
    }
  });
}

function operand(cursor: Cursor): void {
  while (cursor.peek().kind !== "string" && unary.has(cursor.peek().text)) cursor.next();
  simple(cursor);
  while (cast(cursor));
}

function simple(cursor: Cursor): void {
  const token = cursor.peek();
  if (token.kind === "number" || token.kind === "string") return cursor.next();
  if (token.kind === "keyword" && constants.has(token.text)) return cursor.next();
  if (cursor.accept("...")) return;
  if (cursor.is("{")) return table(cursor);
  if (cursor.accept("function")) return functionBody(cursor, token);
  suffixed(cursor);
}

/** `e!`, `e :: T` and `e as T`; blanked. */
function cast(cursor: Cursor): boolean {
  if (bang(cursor)) return true;
  if (!isCast(cursor)) return false;
  const { start } = cursor.peek();
  cursor.next();
  type(cursor);
  cursor.cutFrom(start);
  return true;
}

/** `::name::` without a space in it: a label, on whatever line; two casts in a row are written apart. */
function isClosed(cursor: Cursor): boolean {
  const [before, name, after] = [cursor.peek(), cursor.peek(1), cursor.peek(2)];
  return before.end === name.start && name.end === after.start;
}

function isCast(cursor: Cursor): boolean {
  const sameLine = cursor.peek().line === cursor.last.line;
  if (cursor.is("::")) return !(cursor.isName(1) && cursor.is("::", 2) && (!sameLine || isClosed(cursor)));
  if (!cursor.isWord("as") || !canStartType(cursor.peek(1))) return false;
  // On a new line, `as (…)`, `as {…}` and `as "…"` call a function of that name.
  return sameLine || cursor.isName(1);
}

function bang(cursor: Cursor): boolean {
  if (!cursor.is("!")) return false;
  const { start } = cursor.peek();
  cursor.next();
  cursor.cutFrom(start);
  return true;
}

/** A name or a bracketed expression with its fields, indices and calls. */
export function suffixed(cursor: Cursor): void {
  cursor.nested(() => {
    const opened = cursor.peek();
    if (cursor.accept("(")) {
      expression(cursor);
      cursor.expect(")", opened);
    } else if (cursor.isName()) cursor.next();
    else cursor.fail("unexpected symbol");
    while (suffix(cursor));
  });
}

function suffix(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token.kind === "string") cursor.next();
  else if (cursor.is("{")) table(cursor);
  else if (cursor.is("(")) call(cursor);
  else if (cursor.accept(".")) cursor.name();
  else if (cursor.accept("[")) {
    expression(cursor);
    cursor.expect("]", token);
  } else if (cursor.accept(":")) {
    cursor.name();
    if (cursor.peek().kind === "string") cursor.next();
    else if (cursor.is("{")) table(cursor);
    else call(cursor);
  } else return bang(cursor);
  return true;
}

function call(cursor: Cursor): void {
  const opened = cursor.peek();
  cursor.expect("(");
  if (!cursor.is(")")) expressions(cursor);
  cursor.expect(")", opened);
}

function table(cursor: Cursor): void {
  const opened = cursor.peek();
  cursor.expect("{");
  while (!cursor.is("}")) {
    const key = cursor.peek();
    if (cursor.accept("[")) {
      expression(cursor);
      cursor.expect("]", key);
      cursor.expect("=");
    } else if (cursor.isName() && cursor.is("=", 1)) cursor.next(2);
    expression(cursor);
    if (!cursor.accept(",") && !cursor.accept(";")) break;
  }
  cursor.expect("}", opened);
}

/** A function from its type parameters to its `end`. */
export function functionBody(cursor: Cursor, opened: Token): void {
  typeParameters(cursor);
  cursor.expect("(");
  parameters(cursor);
  returnAnnotation(cursor);
  cursor.block();
  cursor.expect("end", opened);
}
