import type { Cursor } from "./cursor.ts";
import { expression, expressions, functionBody, suffixed } from "./expressions.ts";
import type { Token } from "./tokens.ts";
import { annotation, parameterAnnotation, parameters, returnAnnotation, type, typeParameters } from "./types.ts";

const blockEnds = new Set(["end", "else", "elseif", "until", "<eof>"]);

/** Statements up to what closes the block. */
export function block(cursor: Cursor): void {
  cursor.nested(() => {
    while (!atBlockEnd(cursor)) {
      if (cursor.accept("return")) {
        const { start } = cursor.peek();
        const isEmpty = atBlockEnd(cursor) || cursor.is(";");
        if (!isEmpty) expressions(cursor);
        cursor.returned = isEmpty ? undefined : { start, end: cursor.last.end };
        cursor.accept(";");
        if (!atBlockEnd(cursor)) cursor.fail("'end' expected");
        return;
      }
      statement(cursor);
    }
  });
}

function atBlockEnd(cursor: Cursor): boolean {
  const token = cursor.peek();
  return token.kind === "end" || (token.kind === "keyword" && blockEnds.has(token.text));
}

function statement(cursor: Cursor): void {
  const token = cursor.peek();
  if (token.kind === "keyword") return keywordStatement(cursor, token);
  if (cursor.accept(";")) return;
  if (cursor.accept("::")) {
    cursor.name();
    return cursor.expect("::");
  }
  if (typeDeclaration(cursor)) return;
  suffixed(cursor);
  if (!cursor.is("=") && !cursor.is(",")) return;
  if (cursor.last === token) cursor.variables.add(token.text);
  while (cursor.accept(",")) suffixed(cursor);
  cursor.expect("=");
  expressions(cursor);
}

function keywordStatement(cursor: Cursor, token: Token): void {
  cursor.next();
  switch (token.text) {
    case "break":
      return;
    case "goto":
      return cursor.name();
    case "do":
      return closed(cursor, token);
    case "while":
      expression(cursor);
      cursor.expect("do");
      return closed(cursor, token);
    case "repeat":
      block(cursor);
      cursor.expect("until", token);
      return expression(cursor);
    case "if":
      return conditions(cursor, token);
    case "for":
      return loop(cursor, token);
    case "function":
      cursor.variables.add(cursor.peek().text);
      cursor.name();
      while (cursor.is(".") || cursor.is(":")) {
        cursor.next();
        cursor.name();
      }
      return functionBody(cursor, token);
    case "local":
      return local(cursor);
    default:
      cursor.fail("unexpected symbol", token);
  }
}

function closed(cursor: Cursor, opened: Token): void {
  block(cursor);
  cursor.expect("end", opened);
}

function conditions(cursor: Cursor, opened: Token): void {
  do {
    expression(cursor);
    cursor.expect("then");
    block(cursor);
  } while (cursor.accept("elseif"));
  if (cursor.accept("else")) block(cursor);
  cursor.expect("end", opened);
}

function loop(cursor: Cursor, opened: Token): void {
  names(cursor);
  if (!cursor.accept("=")) cursor.expect("in");
  expressions(cursor);
  cursor.expect("do");
  closed(cursor, opened);
}

function local(cursor: Cursor): void {
  if (cursor.is("function")) {
    const opened = cursor.peek();
    cursor.next();
    cursor.variables.add(cursor.peek().text);
    cursor.name();
    return functionBody(cursor, opened);
  }
  names(cursor);
  if (cursor.accept("=")) expressions(cursor);
}

function names(cursor: Cursor): void {
  do {
    cursor.variables.add(cursor.peek().text);
    cursor.name();
    annotation(cursor);
  } while (cursor.accept(","));
}

/** `[export] type N<T> = …` or `[export] interface N: A … end`; blanked whole, or made a value by `type-values.ts`. */
function typeDeclaration(cursor: Cursor): boolean {
  const { start } = cursor.peek();
  const ahead = cursor.isWord("export") ? 1 : 0;
  if (!cursor.isName(ahead + 1)) return false;
  const name = cursor.peek(ahead + 1).text;
  if (cursor.isWord("type", ahead)) {
    cursor.next(ahead + 2);
    typeParameters(cursor);
    cursor.expect("=");
    type(cursor);
  } else if (cursor.isWord("interface", ahead)) {
    const opened = cursor.peek(ahead);
    cursor.next(ahead + 2);
    typeParameters(cursor);
    if (cursor.accept(":")) {
      do type(cursor);
      while (cursor.accept(","));
    }
    while (!cursor.is("end")) member(cursor, opened);
    cursor.next();
  } else return false;
  cursor.declarations.push({ name, start, end: cursor.last.end, isExported: ahead === 1 });
  return true;
}

/** A line of an interface: `name: T`, `name?: T`, `function name(…): R`, `name(…): R`. */
function member(cursor: Cursor, opened: Token): void {
  if (cursor.accept(";") || cursor.accept(",")) return;
  if (cursor.isWord("readonly") && cursor.isName(1)) cursor.next();
  cursor.accept("function");
  if (!cursor.isName()) cursor.expect("end", opened);
  cursor.next();
  typeParameters(cursor);
  if (cursor.accept("(")) {
    parameters(cursor);
    returnAnnotation(cursor);
  } else parameterAnnotation(cursor);
}
