import type { Actor } from "../../../core/context.ts";
import { didYouMean, nearestNames } from "../../../core/nearest.ts";
import type { Value } from "../../../core/values.ts";
import type { Verdict } from "../compare.ts";
import { isWord, type Condition } from "../conditions.ts";
import { compileSearch } from "../../../core/search.seam.ts";
import { compileField, fieldOf, type Attributes } from "../subject.ts";
import { functions } from "./functions.ts";
import { binaryOperators, NotJudged, truth } from "./operators.ts";
import { parseExpression, type Expression } from "./parse.ts";
import { ExpressionError } from "./tokens.ts";

/** What an expression is about, one by one so that nothing is made; `item` is the one that `any` and its like look at. */
type Run = (
  actor: Actor,
  action: string,
  resource: string,
  meta: Attributes | undefined,
  item: Value | undefined,
) => Value | undefined;

/** What is known of a value ahead. */
type Type = "bool" | "number" | "text" | "list" | "nothing" | "any";

interface Compiled {
  readonly run: Run;
  readonly type: Type;
  /** The same, where it is known to give nothing but truth values. */
  readonly test?: Test;
}

type Test = (...given: Parameters<Run>) => boolean;

/** What gives truth values. */
const truths = (test: Test): Compiled => ({ run: test, type: "bool", test });

const variables = ["actor", "action", "resource", "meta"];

/** Compiles an expression to a closure. @throws ExpressionError with the place of what is wrong. */
export function compileExpression(text: string): Condition {
  const parsed = parseExpression(text);
  const holds = test(parsed, false);
  return (actor, action, resource, meta): Verdict => {
    try {
      return holds(actor, action, resource, meta, undefined);
    } catch (error) {
      if (error instanceof NotJudged) return "unknown";
      throw error;
    }
  };
}

/** An expression that must come to a type. */
function wanted(expression: Expression, type: Type, hasItem: boolean): Compiled {
  const compiled = compile(expression, hasItem);
  if (compiled.type === type || compiled.type === "any") return compiled;
  throw new ExpressionError(`this is ${described[compiled.type]}, where ${described[type]} is needed`, expression.at);
}

/** An expression that is true or false. */
function test(expression: Expression, hasItem: boolean): Test {
  const { run, type, test: own } = wanted(expression, "bool", hasItem);
  if (own !== undefined) return own;
  // Operators that give truth values give nothing else.
  if (type === "bool")
    return (actor, action, resource, meta, item) => run(actor, action, resource, meta, item) === true;
  return (actor, action, resource, meta, item) => truth(run(actor, action, resource, meta, item));
}

const described: Readonly<Record<Type, string>> = {
  bool: "true or false",
  number: "a number",
  text: "a text",
  list: "a list",
  nothing: "nothing",
  any: "anything",
};

function compile(expression: Expression, hasItem: boolean): Compiled {
  switch (expression.is) {
    case "literal": {
      const { value } = expression;
      return { run: () => value, type: typeOf(value) };
    }
    case "name":
      return compileName(expression);
    case "item":
      if (!hasItem) throw new ExpressionError("there is an item only inside any, all, none and one", expression.at);
      return { run: (_actor, _action, _resource, _meta, item) => item, type: "any" };
    case "list":
      return compileList(expression, hasItem);
    case "member":
      return compileMember(expression, hasItem);
    case "call":
      return compileCall(expression, hasItem);
    case "unary":
      return compileUnary(expression, hasItem);
    case "binary":
      return compileBinary(expression, hasItem);
    case "choice":
      return compileChoice(expression, hasItem);
  }
}

function typeOf(value: string | number | boolean | null): Type {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  return value === null ? "nothing" : "bool";
}

type Of<Is extends Expression["is"]> = Expression & { readonly is: Is };

function compileName({ name, at }: Of<"name">): Compiled {
  const run = compileField(name);
  if (run !== undefined) return { run, type: "text" };
  if (name === "meta") return { run: (_actor, _action, _resource, meta) => meta, type: "any" };
  if (name === "actor") throw new ExpressionError("actor is no value by itself: it has the fields id and meta", at);
  const near = nearestNames(name, variables);
  const hint = didYouMean(near) ?? `there are ${variables.join(", ")}`;
  throw new ExpressionError(`nothing is called ${name}: ${hint}`, at);
}

function compileList({ items }: Of<"list">, hasItem: boolean): Compiled {
  const compiled = items.map((item) => compile(item, hasItem).run);
  if (items.every((item) => item.is === "literal")) {
    // Made once: a decision makes no objects.
    const list = items.map((item) => item.value);
    return { run: () => list, type: "list" };
  }
  const run: Run = (...given) => compiled.map((item) => item(...given) ?? null);
  return { run, type: "list" };
}

function compileMember(expression: Of<"member">, hasItem: boolean): Compiled {
  const { of, key, at } = expression;
  const path = pathOf(expression);
  if (path !== undefined) return { run: path, type: "any" };
  if (of.is === "name" && of.name === "actor") {
    if (key.is === "literal" && key.value === "meta") return { run: (actor) => actor.meta, type: "any" };
    throw new ExpressionError("actor has the fields id and meta", at);
  }
  const holder = compile(of, hasItem);
  if (holder.type !== "any" && holder.type !== "list") {
    throw new ExpressionError(`${described[holder.type]} has no fields`, at);
  }
  const name = compile(key, hasItem).run;
  return {
    run: (actor, action, resource, meta, item) =>
      memberOf(holder.run(actor, action, resource, meta, item), name(actor, action, resource, meta, item)),
    type: "any",
  };
}

/** A field that is reached by names alone, such as `actor.meta.role`, as conditions read it. */
function pathOf(expression: Expression): Run | undefined {
  const names: string[] = [];
  let rest = expression;
  while (rest.is === "member") {
    if (rest.key.is !== "literal" || typeof rest.key.value !== "string" || rest.key.value.includes("."))
      return undefined;
    names.unshift(rest.key.value);
    rest = rest.of;
  }
  return rest.is === "name" ? compileField([rest.name, ...names].join(".")) : undefined;
}

/** What is missing has no fields, and no field is missing something: both are nothing. */
function memberOf(holder: Value | undefined, key: Value | undefined): Value | undefined {
  if (typeof key === "string") return fieldOf(holder, key);
  if (typeof key !== "number" || !Array.isArray(holder)) return undefined;
  const list: readonly Value[] = holder;
  return list.at(key) ?? undefined;
}

function compileUnary({ operator, of }: Of<"unary">, hasItem: boolean): Compiled {
  if (operator === "-") {
    const { run } = wanted(of, "number", hasItem);
    const minus = binaryOperators["-"];
    return {
      run: (actor, action, resource, meta, item) => minus?.run(0, run(actor, action, resource, meta, item)),
      type: "number",
    };
  }
  const holds = test(of, hasItem);
  return truths((actor, action, resource, meta, item) => !holds(actor, action, resource, meta, item));
}

function compileBinary(expression: Of<"binary">, hasItem: boolean): Compiled {
  const { operator, left, right, at } = expression;
  if (operator === "and" || operator === "&&" || operator === "or" || operator === "||") {
    const [a, b] = [test(left, hasItem), test(right, hasItem)];
    const either: Test = (actor, action, resource, meta, item) =>
      a(actor, action, resource, meta, item) || b(actor, action, resource, meta, item);
    const both: Test = (actor, action, resource, meta, item) =>
      a(actor, action, resource, meta, item) && b(actor, action, resource, meta, item);
    return truths(operator === "or" || operator === "||" ? either : both);
  }
  const [{ run: a }, { run: b }] = [compile(left, hasItem), compile(right, hasItem)];
  if (operator === "??") {
    return {
      run: (actor, action, resource, meta, item) =>
        a(actor, action, resource, meta, item) ?? b(actor, action, resource, meta, item),
      type: "any",
    };
  }
  if (operator === "matches" && right.is === "literal") return compileMatches(a, right);
  if (operator === "==" && right.is === "literal" && isWord(right.value)) {
    const { value } = right;
    return truths((actor, action, resource, meta, item) => a(actor, action, resource, meta, item) === value);
  }
  const found = binaryOperators[operator];
  if (found === undefined) throw new ExpressionError(`there is no operator ${operator}`, at);
  const { run, type } = found;
  return {
    run: (actor, action, resource, meta, item) =>
      run(a(actor, action, resource, meta, item), b(actor, action, resource, meta, item)),
    type,
  };
}

/** A pattern that is known is compiled now, and refused where it stands. */
function compileMatches(text: Run, pattern: Of<"literal">): Compiled {
  if (typeof pattern.value !== "string") throw new ExpressionError("a regular expression is a text", pattern.at);
  let search: (text: string) => boolean;
  try {
    search = compileSearch(pattern.value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpressionError(`this is no regular expression: ${reason}`, pattern.at);
  }
  const run: Run = (actor, action, resource, meta, item) => {
    const given = text(actor, action, resource, meta, item);
    if (given === undefined || given === null) return false;
    if (typeof given !== "string") throw new NotJudged();
    return search(given);
  };
  return { run, type: "bool" };
}

function compileChoice({ test: condition, yes, no }: Of<"choice">, hasItem: boolean): Compiled {
  const holds = test(condition, hasItem);
  const [a, b] = [compile(yes, hasItem), compile(no, hasItem)];
  return {
    run: (actor, action, resource, meta, item) =>
      (holds(actor, action, resource, meta, item) ? a : b).run(actor, action, resource, meta, item),
    type: a.type === b.type ? a.type : "any",
  };
}

const quantifiers: Readonly<Record<string, (met: number, all: number) => boolean>> = {
  any: (met) => met > 0,
  all: (met, all) => met === all,
  none: (met) => met === 0,
  one: (met) => met === 1,
};

function compileCall(expression: Of<"call">, hasItem: boolean): Compiled {
  const { name, args, at } = expression;
  if (Object.hasOwn(quantifiers, name)) return compileQuantifier(expression, hasItem);
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (found === undefined) {
    const near = nearestNames(name, [...Object.keys(functions), ...Object.keys(quantifiers)]);
    const hint = near.length === 0 ? "" : `: did you mean ${near.join(" or ")}?`;
    throw new ExpressionError(`there is no function ${name}${hint}`, at);
  }
  if (args.length !== found.takes) throw new ExpressionError(`${name} takes ${found.takes}, not ${args.length}`, at);
  const given = args.map((argument) => compile(argument, hasItem).run);
  return { run: (...facts) => found.run(...given.map((argument) => argument(...facts))), type: found.type };
}

/** `any(list, condition)` and its like; `#` in the condition is an item of the list. */
function compileQuantifier({ name, args, at }: Of<"call">, hasItem: boolean): Compiled {
  const [list, condition, ...more] = args;
  const judge = quantifiers[name];
  if (list === undefined || condition === undefined || judge === undefined || more.length > 0) {
    throw new ExpressionError(`${name} takes a list and a condition`, at);
  }
  const items = wanted(list, "list", hasItem).run;
  const holds = test(condition, true);
  return {
    run(actor, action, resource, meta, item) {
      const found = items(actor, action, resource, meta, item);
      if (found === undefined || found === null) return judge(0, 0);
      if (!Array.isArray(found)) throw new NotJudged();
      let met = 0;
      for (const each of found) if (holds(actor, action, resource, meta, each)) met += 1;
      return judge(met, found.length);
    },
    type: "bool",
  };
}
