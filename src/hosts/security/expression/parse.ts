import { ExpressionError, tokenize, type Token } from "./tokens.ts";

/** An expression as it is written; `at` is where what it is about begins. */
export type Expression = { readonly at: number } & (
  | { readonly is: "literal"; readonly value: string | number | boolean | null }
  | { readonly is: "name"; readonly name: string }
  | { readonly is: "item" }
  | { readonly is: "list"; readonly items: readonly Expression[] }
  | { readonly is: "member"; readonly of: Expression; readonly key: Expression }
  | { readonly is: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly is: "unary"; readonly operator: string; readonly of: Expression }
  | { readonly is: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly is: "choice"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
);

/** Longer ones are no policies any more. */
const maxLength = 4_096;
/** Expressions inside each other. */
const maxDepth = 64;

/** How tightly operators bind, as in expr-lang. */
const strengths: Readonly<Record<string, number>> = {
  "||": 1,
  or: 1,
  "&&": 2,
  and: 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  ">": 3,
  "<=": 3,
  ">=": 3,
  in: 3,
  "not in": 3,
  contains: 3,
  startsWith: 3,
  endsWith: 3,
  matches: 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  "??": 6,
};
const unaryStrength = 5;
const literals: Readonly<Record<string, boolean | null>> = { true: true, false: false, nil: null, null: null };

/** Reads an expression. Nothing of it is run. @throws ExpressionError */
export function parseExpression(text: string): Expression {
  if (text.length > maxLength)
    throw new ExpressionError(`an expression has at most ${maxLength} characters`, maxLength);
  const parser = new Parser(tokenize(text));
  const expression = parser.expression();
  parser.expectEnd();
  return expression;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expression(): Expression {
    const { at } = this.#peek();
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new ExpressionError(`this is nested deeper than ${maxDepth}`, at);
    const test = this.#binary(0);
    let expression = test;
    if (this.#skip("?")) {
      const yes = this.expression();
      this.#expect(":");
      expression = { is: "choice", test, yes, no: this.expression(), at };
    }
    this.#depth -= 1;
    return expression;
  }

  expectEnd(): void {
    if (this.#peek().type !== "end") throw this.#unexpected("an operator");
  }

  #binary(least: number): Expression {
    let left = this.#unary();
    for (;;) {
      const { at } = this.#peek();
      const operator = this.#operator();
      const strength = operator === undefined ? undefined : strengths[operator];
      if (operator === undefined || strength === undefined || strength <= least) return left;
      this.#next += operator === "not in" ? 2 : 1;
      left = { is: "binary", operator, left, right: this.#binary(strength), at };
    }
  }

  /** The binary operator that stands here. */
  #operator(): string | undefined {
    const { type, value } = this.#peek();
    if (type === "name" && value === "not" && this.#tokens[this.#next + 1]?.value === "in") return "not in";
    return type !== "text" && Object.hasOwn(strengths, value) ? value : undefined;
  }

  #unary(): Expression {
    const { type, value, at } = this.#peek();
    const isOperator = type === "symbol" ? value === "!" || value === "-" : type === "name" && value === "not";
    if (!isOperator) return this.#postfix();
    this.#next += 1;
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new ExpressionError(`this is nested deeper than ${maxDepth}`, at);
    const of = this.#binary(unaryStrength);
    this.#depth -= 1;
    return { is: "unary", operator: value, of, at };
  }

  #postfix(): Expression {
    let of = this.#primary();
    for (;;) {
      const { at } = this.#peek();
      if (this.#skip(".") || this.#skip("?.")) of = { is: "member", of, key: this.#key(), at };
      else if (this.#skip("[")) {
        of = { is: "member", of, key: this.expression(), at };
        this.#expect("]");
      } else return of;
    }
  }

  #key(): Expression {
    const { type, value, at } = this.#peek();
    if (type !== "name") throw this.#unexpected("the name of a field");
    this.#next += 1;
    return { is: "literal", value, at };
  }

  #primary(): Expression {
    const token = this.#peek();
    const { type, value, at } = token;
    if (type === "end") throw this.#unexpected("a value");
    this.#next += 1;
    if (type === "text") return { is: "literal", value, at };
    if (type === "number") return { is: "literal", value: Number(value.replaceAll("_", "")), at };
    if (type === "name") return this.#named(token);
    if (value === "#") return { is: "item", at };
    if (value === "[") return { is: "list", items: this.#items("]"), at };
    // `.field` inside any, all and their like is a field of the item.
    if (value === ".") return { is: "member", of: { is: "item", at }, key: this.#key(), at };
    this.#next -= value === "(" ? 0 : 1;
    if (value !== "(") throw this.#unexpected("a value");
    const inner = this.expression();
    this.#expect(")");
    return inner;
  }

  #named({ value, at }: Token): Expression {
    if (Object.hasOwn(literals, value)) return { is: "literal", value: literals[value] ?? null, at };
    if (this.#skip("(")) return { is: "call", name: value, args: this.#items(")"), at };
    return { is: "name", name: value, at };
  }

  /** Expressions up to a closing bracket, of which a condition for items may stand in braces. */
  #items(close: string): readonly Expression[] {
    const items: Expression[] = [];
    while (!this.#skip(close)) {
      if (items.length > 0) {
        this.#expect(",");
        if (this.#skip(close)) break;
      }
      const isBraced = this.#skip("{");
      items.push(this.expression());
      if (isBraced) this.#expect("}");
    }
    return items;
  }

  #peek(): Token {
    const token = this.#tokens[this.#next] ?? this.#tokens.at(-1);
    if (token === undefined) throw new Error("an expression without an end");
    return token;
  }

  #skip(symbol: string): boolean {
    const { type, value } = this.#peek();
    if (type !== "symbol" || value !== symbol) return false;
    this.#next += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#skip(symbol)) throw this.#unexpected(`"${symbol}"`);
  }

  #unexpected(wanted: string): ExpressionError {
    const { type, value, at } = this.#peek();
    return new ExpressionError(`expected ${wanted}, found ${type === "end" ? value : `"${value}"`}`, at);
  }
}
