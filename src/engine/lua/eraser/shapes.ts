import { basicTypes, type Definition, type Field, type Shape } from "../types/shape.ts";
import { Cursor } from "./cursor.ts";

/** What the reader of a declaration meets beside it. */
export interface Surroundings {
  /** True for the types that the same source declares. */
  isDeclared(name: string): boolean;
  /** The place of a value of the program, such as `users.User`, among those that the type needs. */
  outside(path: string): number;
}

const any: Shape = { is: "any" };

/** Reads what a type declaration says. Its text has been parsed once, by the eraser: only its meaning is new here. */
export function readDeclaration(text: string, around: Surroundings): Definition {
  const cursor = new Cursor(text, () => undefined);
  if (cursor.isWord("export") && cursor.isName(1) && cursor.isName(2)) cursor.next();
  const isInterface = cursor.isWord("interface");
  cursor.next(2);
  const params = parameterNames(cursor);
  const reader = new ShapeReader(cursor, around, new Set(params));
  if (isInterface) return { params, shape: reader.interface() };
  cursor.expect("=");
  return { params, shape: reader.type() };
}

function parameterNames(cursor: Cursor): string[] {
  if (!cursor.is("<")) return [];
  const names: string[] = [];
  let depth = 0;
  do {
    const token = cursor.peek();
    if (depth === 1 && token.kind === "name" && ["<", ","].includes(cursor.last.text)) names.push(token.text);
    depth += token.text === "<" ? 1 : token.text === ">" ? -1 : token.text === ">>" ? -2 : 0;
    cursor.next();
  } while (depth > 0 && cursor.peek().kind !== "end");
  return names;
}

class ShapeReader {
  readonly #cursor: Cursor;
  readonly #around: Surroundings;
  readonly #params: ReadonlySet<string>;

  constructor(cursor: Cursor, around: Surroundings, params: ReadonlySet<string>) {
    this.#cursor = cursor;
    this.#around = around;
    this.#params = params;
  }

  type(): Shape {
    const cursor = this.#cursor;
    if (!cursor.accept("|")) cursor.accept("&");
    const either: Shape[] = [];
    do {
      const both = [this.#simple()];
      while (cursor.accept("&")) both.push(this.#simple());
      either.push(both.length === 1 ? (both[0] ?? any) : { is: "both", of: both });
    } while (cursor.accept("|"));
    if (cursor.isWord("extends")) return this.#conditional();
    return either.length === 1 ? (either[0] ?? any) : { is: "either", of: either };
  }

  /** The rest of an interface: `: A, B`, then its members. */
  interface(): Shape {
    const cursor = this.#cursor;
    const bases: Shape[] = [];
    if (cursor.accept(":")) {
      do bases.push(this.type());
      while (cursor.accept(","));
    }
    const fields: Field[] = [];
    while (!cursor.is("end") && cursor.peek().kind !== "end") {
      if (cursor.accept(";") || cursor.accept(",")) continue;
      if (cursor.isWord("readonly") && cursor.isName(1)) cursor.next();
      fields.push(this.#member());
    }
    const own: Shape = { is: "record", fields };
    return bases.length === 0 ? own : { is: "both", of: [...bases, own] };
  }

  #member(): Field {
    const cursor = this.#cursor;
    cursor.accept("function");
    const name = cursor.peek().text;
    cursor.next();
    if (cursor.is("<")) parameterNames(cursor);
    if (cursor.is("(")) {
      this.#skipBrackets();
      if (cursor.accept(":")) this.#results();
      return { name, of: { is: "function" }, optional: false };
    }
    const optional = cursor.accept("?");
    return { name, of: cursor.accept(":") ? this.type() : any, optional };
  }

  #results(): void {
    do this.type();
    while (this.#cursor.accept(","));
  }

  /** `A extends B ? C : D` is for a checker: at run time any of both will do. */
  #conditional(): Shape {
    const cursor = this.#cursor;
    cursor.next();
    this.#primary();
    cursor.expect("?");
    const yes = this.type();
    cursor.expect(":");
    return { is: "either", of: [yes, this.type()] };
  }

  #simple(): Shape {
    const cursor = this.#cursor;
    let shape = this.#primary();
    for (;;) {
      if (cursor.accept("?")) shape = { is: "option", of: shape };
      else if (cursor.accept("@")) shape = this.#limited(shape);
      else if (cursor.is("[") && cursor.is("]", 1)) {
        cursor.next(2);
        shape = { is: "list", of: shape };
      } else if (cursor.is("[")) {
        // `T[K]` is the type of a field: a checker knows it.
        this.#skipBrackets();
        shape = any;
      } else return shape;
    }
  }

  #limited(of: Shape): Shape {
    const cursor = this.#cursor;
    const rule = cursor.peek().text;
    cursor.next();
    if (!cursor.accept("(")) return of;
    const sign = cursor.accept("-") ? -1 : 1;
    const literal = this.#literal();
    while (!cursor.accept(")")) cursor.next();
    if (literal === undefined || typeof literal === "boolean") return of;
    return { is: "limited", of, rule, value: typeof literal === "number" ? sign * literal : literal };
  }

  #literal(): string | number | boolean | undefined {
    const token = this.#cursor.peek();
    if (token.kind === "string") {
      this.#cursor.next();
      return textOf(this.#cursor.source.slice(token.start, token.end));
    }
    if (token.kind !== "number") return undefined;
    this.#cursor.next();
    return Number(token.text);
  }

  #primary(): Shape {
    const cursor = this.#cursor;
    const sign = cursor.is("-") && cursor.peek(1).kind === "number" ? -1 : 1;
    if (sign < 0) cursor.next();
    const literal = this.#literal();
    if (literal !== undefined) return { is: "literal", value: typeof literal === "number" ? sign * literal : literal };
    if (cursor.accept("nil")) return { is: "basic", name: "nil" };
    if (cursor.accept("true")) return { is: "literal", value: true };
    if (cursor.accept("false")) return { is: "literal", value: false };
    if (cursor.accept("...")) return this.#primary();
    if (cursor.is("{")) return this.#braces();
    if (cursor.is("(")) return this.#parenthesis();
    const word = cursor.peek();
    cursor.next();
    const isSignature = cursor.is("(") && cursor.peek().line === word.line;
    if (word.text === "function" || (word.text === "fun" && isSignature)) return this.#functionType(isSignature);
    return this.#named(word.text);
  }

  #functionType(hasSignature: boolean): Shape {
    const cursor = this.#cursor;
    if (hasSignature) {
      this.#skipBrackets();
      if (cursor.accept(":") || cursor.accept("->")) this.type();
    }
    return { is: "function" };
  }

  /** `(A | B)`, or `(a: A) -> R`. */
  #parenthesis(): Shape {
    const cursor = this.#cursor;
    const mark = cursor.mark();
    this.#skipBrackets();
    if (cursor.accept("->")) {
      this.type();
      return { is: "function" };
    }
    const end = cursor.mark();
    cursor.back(mark);
    cursor.next();
    if (cursor.is(")")) return this.#endAt(end, any);
    return this.#endAt(end, this.type());
  }

  #endAt(mark: number, shape: Shape): Shape {
    this.#cursor.back(mark);
    return shape;
  }

  #braces(): Shape {
    const cursor = this.#cursor;
    const fields: Field[] = [];
    const items: Shape[] = [];
    let rest: { key: Shape; value: Shape } | undefined;
    cursor.next();
    while (!cursor.accept("}")) {
      if (cursor.isWord("readonly") && (cursor.isName(1) || cursor.is("[", 1))) cursor.next();
      if (cursor.accept("[")) {
        const key = this.type();
        cursor.expect("]");
        const optional = cursor.accept("?");
        cursor.expect(":");
        const value = this.type();
        if (key.is === "literal" && typeof key.value === "string")
          fields.push({ name: key.value, of: value, optional });
        else rest = { key, value };
      } else if (this.#isField()) fields.push(this.#member());
      else items.push(this.type());
      if (!cursor.accept(",") && !cursor.accept(";") && !cursor.is("}")) cursor.fail("'}' expected");
    }
    if (items.length > 0)
      return { is: "list", of: items.length === 1 ? (items[0] ?? any) : { is: "either", of: items } };
    if (fields.length === 0 && rest === undefined) return { is: "table" };
    return rest === undefined ? { is: "record", fields } : { is: "record", fields, rest };
  }

  #isField(): boolean {
    const cursor = this.#cursor;
    const { kind } = cursor.peek();
    if (kind !== "name" && kind !== "keyword") return false;
    return cursor.is(":", 1) || (cursor.is("?", 1) && cursor.is(":", 2));
  }

  #named(word: string): Shape {
    const cursor = this.#cursor;
    switch (word) {
      case "any":
      case "unknown":
        return any;
      case "never":
        return { is: "never" };
      case "table":
        return { is: "table" };
      case "readonly":
        return this.#primary();
      case "interface":
        return cursor.is("{") ? this.#braces() : any;
      case "asserts":
        cursor.next();
        if (cursor.isWord("is")) {
          cursor.next();
          this.type();
        }
        return any;
      case "typeof":
      case "keyof":
        if (cursor.is("(")) this.#skipBrackets();
        return any;
    }
    if (basicTypes.has(word)) return { is: "basic", name: word };
    let path = word;
    while (cursor.is(".") && cursor.isName(1)) {
      path += `.${cursor.peek(1).text}`;
      cursor.next(2);
    }
    return this.#reference(path, this.#arguments());
  }

  #reference(path: string, args: readonly Shape[]): Shape {
    if (this.#params.has(path) || this.#around.isDeclared(path)) return { is: "named", name: path, args };
    const [key = any, value = any] = args;
    if (path === "Array" || path === "List") return { is: "list", of: key };
    if (path === "Map" || path === "Record") return { is: "record", fields: [], rest: { key, value } };
    return { is: "outside", index: this.#around.outside(path) };
  }

  #arguments(): Shape[] {
    const cursor = this.#cursor;
    const shapes: Shape[] = [];
    if (!cursor.is("<")) return shapes;
    do {
      cursor.next();
      shapes.push(this.type());
    } while (cursor.is(","));
    cursor.closeAngle();
    return shapes;
  }

  #skipBrackets(): void {
    const cursor = this.#cursor;
    let depth = 0;
    do {
      const { kind, text } = cursor.peek();
      if (kind === "operator" && "([{".includes(text)) depth += 1;
      if (kind === "operator" && ")]}".includes(text)) depth -= 1;
      cursor.next();
    } while (depth > 0 && cursor.peek().kind !== "end");
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "\n" };

/** The text that a string literal says. Escapes that patterns and names do not need stay as they are. */
function textOf(literal: string): string {
  const long = /^\[(=*)\[\n?([^]*)\]\1\]$/.exec(literal);
  if (long !== null) return long[2] ?? "";
  return literal.slice(1, -1).replaceAll(/\\([^])/g, (_, char: string) => escapes[char] ?? char);
}
