import type { Cursor } from "./cursor.ts";
import type { CaseNode, Definition, FunctionNode, NamedType, NameNode, ResourceMember, TypeNode } from "./syntax.ts";

const definitionWords = ["type", "record", "variant", "enum", "flags", "resource"];

/** True at `record name`, `type name` …; a function may be called `record:` all the same. */
export function startsDefinition(cursor: Cursor): boolean {
  return definitionWords.some((word) => cursor.sees(word)) && cursor.peek(1).kind === "word";
}

/** Steps over `@since(version = 1.0.0)`, `@unstable(feature = x)`, `@deprecated(…)`. */
export function skipGates(cursor: Cursor): void {
  while (cursor.sees("@")) {
    cursor.next();
    cursor.word("a gate such as since(version = 1.0.0)");
    if (!cursor.accept("(")) continue;
    cursor.list(")", () => {
      cursor.word("a name");
      cursor.expect("=");
      return cursor.next();
    });
  }
}

/** Reads a type definition with its keyword. */
export function parseDefinition(cursor: Cursor): Definition {
  const keyword = cursor.next().text;
  const { text: name, at } = cursor.word(`the name of the ${keyword}`);
  switch (keyword) {
    case "type": {
      cursor.expect("=");
      const type = parseType(cursor);
      cursor.endItem();
      return { kind: "type", name, at, type };
    }
    case "record":
      cursor.expect("{");
      return { kind: "record", name, at, fields: cursor.list("}", () => parseField(cursor)) };
    case "variant":
      cursor.expect("{");
      return { kind: "variant", name, at, cases: cursor.list("}", () => parseCase(cursor)) };
    case "enum":
    case "flags":
      cursor.expect("{");
      return { kind: keyword, name, at, names: cursor.list("}", () => parseBareName(cursor)) };
    default:
      return { kind: "resource", name, at, members: parseMembers(cursor) };
  }
}

/** Reads `name: func(…) -> type;`. The last semicolon of a text, and one before `}`, may be missing. */
export function parseFunction(cursor: Cursor): FunctionNode {
  const name = cursor.word("the name of a function");
  cursor.expect(":");
  return parseFunctionType(cursor, name);
}

function parseFunctionType(cursor: Cursor, { text: name, at }: { text: string; at: number }): FunctionNode {
  cursor.accept("async");
  cursor.expect("func");
  const params = parseParams(cursor);
  const result = cursor.accept("->") ? parseResult(cursor) : undefined;
  cursor.endItem();
  return { name, at, params, ...(result === undefined ? {} : { result }) };
}

function parseParams(cursor: Cursor): NamedType[] {
  cursor.expect("(");
  return cursor.list(")", () => parseParam(cursor));
}

/** A parameter may have no name: `func(u32) -> u32`. */
function parseParam(cursor: Cursor): NamedType {
  skipGates(cursor);
  if (cursor.sees(":", 1)) return parseField(cursor);
  return { name: "", at: cursor.peek().at, type: parseType(cursor) };
}

/** `-> T`; of the old forms, `-> (T)` is T, `-> ()` is nothing, and several are a tuple. */
function parseResult(cursor: Cursor): TypeNode | undefined {
  const at = cursor.peek().at;
  if (!cursor.accept("(")) return parseType(cursor);
  const types = cursor.list(")", () => parseParam(cursor).type);
  return types.length < 2 ? types[0] : { name: "tuple", escaped: false, arguments: types, at };
}

function parseField(cursor: Cursor): NamedType {
  skipGates(cursor);
  const { text: name, at } = cursor.word("a name");
  cursor.expect(":");
  return { name, at, type: parseType(cursor) };
}

function parseCase(cursor: Cursor): CaseNode {
  skipGates(cursor);
  const { text: name, at } = cursor.word("the name of a case");
  if (!cursor.accept("(")) return { name, at };
  const type = parseType(cursor);
  cursor.expect(")");
  return { name, at, type };
}

function parseBareName(cursor: Cursor): NameNode {
  skipGates(cursor);
  const { text: name, at } = cursor.word("a name");
  return { name, at };
}

function parseMembers(cursor: Cursor): ResourceMember[] {
  const members: ResourceMember[] = [];
  if (!cursor.accept("{")) {
    cursor.endItem();
    return members;
  }
  cursor.nested(() => {
    while (!cursor.accept("}")) {
      if (cursor.accept(";")) continue;
      skipGates(cursor);
      members.push(parseMember(cursor));
    }
  });
  return members;
}

function parseMember(cursor: Cursor): ResourceMember {
  const name = cursor.word("a method, `constructor(…)` or `static`");
  if (name.text === "constructor" && !name.escaped && cursor.sees("(")) {
    const params = parseParams(cursor);
    const result = cursor.accept("->") ? parseResult(cursor) : undefined;
    cursor.endItem();
    return {
      sort: "constructor",
      node: { name: "", at: name.at, params, ...(result === undefined ? {} : { result }) },
    };
  }
  cursor.expect(":");
  const sort = cursor.accept("static") ? "static" : "method";
  return { sort, node: parseFunctionType(cursor, name) };
}

/** Reads a use of a type, its arguments included. `_` stands for nothing inside a result; a number is the length of a list. */
export function parseType(cursor: Cursor): TypeNode {
  const number = cursor.peek();
  if (number.kind === "number") {
    cursor.next();
    return { name: number.text, escaped: false, at: number.at };
  }
  const { text: name, escaped, at } = cursor.word("a type");
  if (!cursor.accept("<")) return { name, escaped, at };
  return { name, escaped, at, arguments: cursor.list(">", () => parseType(cursor)) };
}
