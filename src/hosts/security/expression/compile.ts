import { didYouMean, nearestNames } from "../../../core/nearest.ts";
import type { Value } from "../../../core/values.ts";
import { judgeOf, type Formula, type Judge } from "../formula.ts";
import { fieldAt, fieldOf, type Field } from "../subject.ts";
import { checkPattern, compared, contained } from "./compare.ts";
import { functions } from "./functions.ts";
import { comparingFunctions, comparingOperators, notJudged, operators } from "./operators.ts";
import { parseExpression, type Expression } from "./parse.ts";
import { ExpressionError } from "./tokens.ts";
import { atomOf, truthOf, truths, type Compiled, type Run, type Type } from "./value.ts";

const variables = ["actor", "action", "resource", "meta"];

/** Compiles an expression to what must hold. @throws ExpressionError with the place of what is wrong. */
export function compileExpression(text: string): Formula {
  return test(parseExpression(text), false);
}

/** An expression that must come to a type. */
function wanted(expression: Expression, type: Type, hasItem: boolean): Compiled {
  const compiled = compile(expression, hasItem);
  if (compiled.type === type || compiled.type === "any") return compiled;
  throw new ExpressionError(`this is ${described[compiled.type]}, where ${described[type]} is needed`, expression.at);
}

/** An expression that is true or false. */
function test(expression: Expression, hasItem: boolean): Formula {
  return truthOf(expression, wanted(expression, "bool", hasItem));
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
      const always = typeof value === "boolean" && ({ is: "always", holds: value } as const);
      return { run: () => value, type: typeOf(value), literal: { value }, ...(always && { formula: always }) };
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
  const field = fieldAt(name);
  if (field !== undefined) return ofField(field);
  if (name === "meta") return { run: (_actor, _action, _resource, meta) => meta, type: "any" };
  if (name === "actor") throw new ExpressionError("actor is no value by itself: it has the fields id and meta", at);
  const near = nearestNames(name, variables);
  const hint = didYouMean(near) ?? `there are ${variables.join(", ")}`;
  throw new ExpressionError(`nothing is called ${name}: ${hint}`, at);
}

function ofField(field: Field): Compiled {
  return { run: field.read, type: field.path.includes(".") ? "any" : "text", field };
}

function compileList({ items }: Of<"list">, hasItem: boolean): Compiled {
  const compiled = items.map((item) => compile(item, hasItem).run);
  if (items.every((item) => item.is === "literal")) {
    // Made once: a decision makes no objects.
    const value: Value = items.map((item) => item.value);
    return { run: () => value, type: "list", literal: { value } };
  }
  const run: Run = (...given) => compiled.map((item) => item(...given) ?? null);
  return { run, type: "list" };
}

function compileMember(expression: Of<"member">, hasItem: boolean): Compiled {
  const { of, key, at } = expression;
  const path = pathOf(expression);
  if (path !== undefined) return ofField(path);
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
function pathOf(expression: Expression): Field | undefined {
  const names: string[] = [];
  let rest = expression;
  while (rest.is === "member") {
    if (rest.key.is !== "literal" || typeof rest.key.value !== "string" || rest.key.value.includes("."))
      return undefined;
    names.unshift(rest.key.value);
    rest = rest.of;
  }
  return rest.is === "name" ? fieldAt([rest.name, ...names].join(".")) : undefined;
}

/** What is missing has no fields, and no field is missing something: both are nothing. */
function memberOf(holder: Value | undefined, key: Value | undefined): Value | undefined {
  if (typeof key === "string") return fieldOf(holder, key);
  if (typeof key !== "number" || !Array.isArray(holder)) return undefined;
  const list: readonly Value[] = holder;
  return list.at(key) ?? undefined;
}

function compileUnary({ operator, of }: Of<"unary">, hasItem: boolean): Compiled {
  if (operator !== "-") return truths({ is: "not", of: test(of, hasItem) });
  const { run } = wanted(of, "number", hasItem);
  const minus: Run = (actor, action, resource, meta, item) => {
    const value = run(actor, action, resource, meta, item);
    if (typeof value !== "number") throw notJudged;
    return -value;
  };
  return { run: minus, type: "number" };
}

function compileBinary(expression: Of<"binary">, hasItem: boolean): Compiled {
  const { operator, left, right, at } = expression;
  if (operator === "and" || operator === "&&" || operator === "or" || operator === "||") {
    const is = operator === "or" || operator === "||" ? "any" : "all";
    return truths({ is, of: [test(left, hasItem), test(right, hasItem)] });
  }
  const [a, b] = [compile(left, hasItem), compile(right, hasItem)];
  if (operator === "in" || operator === "not in") {
    const items = right.is === "list" ? right.items.map((item) => compile(item, hasItem)) : undefined;
    const found = contained(expression, [a, b], items);
    return truths(operator === "in" ? found : { is: "not", of: found });
  }
  const comparison = comparingOperators[operator];
  if (comparison !== undefined) {
    if (comparison === "matches") checkPattern(right);
    return truths(compared(expression, comparison, [a, b]));
  }
  const [{ run: first }, { run: second }] = [a, b];
  if (operator === "??") {
    return {
      run: (actor, action, resource, meta, item) =>
        first(actor, action, resource, meta, item) ?? second(actor, action, resource, meta, item),
      type: "any",
    };
  }
  const found = operators[operator];
  if (found === undefined) throw new ExpressionError(`there is no operator ${operator}`, at);
  return {
    run: (actor, action, resource, meta, item) =>
      found.run(first(actor, action, resource, meta, item), second(actor, action, resource, meta, item)),
    type: found.type,
  };
}

function compileChoice({ test: condition, yes, no }: Of<"choice">, hasItem: boolean): Compiled {
  const chosen = test(condition, hasItem);
  const [a, b] = [compile(yes, hasItem), compile(no, hasItem)];
  if (a.formula !== undefined && b.formula !== undefined) {
    return truths({ is: "choice", test: chosen, yes: a.formula, no: b.formula });
  }
  const { run: holds } = truths(chosen);
  return {
    run: (actor, action, resource, meta, item) =>
      (holds(actor, action, resource, meta, item) === true ? a : b).run(actor, action, resource, meta, item),
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
  const comparison = Object.hasOwn(comparingFunctions, name) ? comparingFunctions[name] : undefined;
  if (found === undefined && comparison === undefined) {
    const names = [...Object.keys(functions), ...Object.keys(comparingFunctions), ...Object.keys(quantifiers)];
    const near = nearestNames(name, names);
    const hint = near.length === 0 ? "" : `: did you mean ${near.join(" or ")}?`;
    throw new ExpressionError(`there is no function ${name}${hint}`, at);
  }
  const takes = found === undefined ? 2 : 1;
  if (args.length !== takes) throw new ExpressionError(`${name} takes ${takes}, not ${args.length}`, at);
  const [first, second] = args.map((argument) => compile(argument, hasItem));
  if (first !== undefined && second !== undefined && comparison !== undefined) {
    return truths(compared(expression, comparison, [first, second]));
  }
  if (first === undefined || found === undefined) throw new Error(`${name} without what it takes`);
  return {
    run: (actor, action, resource, meta, item) => found.run(first.run(actor, action, resource, meta, item)),
    type: found.type,
  };
}

/** `any(list, condition)` and its like; `#` in the condition is an item of the list. */
function compileQuantifier(expression: Of<"call">, hasItem: boolean): Compiled {
  const { name, args, at } = expression;
  const [list, condition, ...more] = args;
  const judge = quantifiers[name];
  if (list === undefined || condition === undefined || judge === undefined || more.length > 0) {
    throw new ExpressionError(`${name} takes a list and a condition`, at);
  }
  const items = wanted(list, "list", hasItem).run;
  const holds = judgeOf(test(condition, true));
  const quantified: Judge = (actor, action, resource, meta, item) => {
    const found = items(actor, action, resource, meta, item);
    if (found === undefined || found === null) return judge(0, 0);
    if (!Array.isArray(found)) return "unknown";
    let met = 0;
    for (const each of found) {
      const verdict = holds(actor, action, resource, meta, each);
      if (verdict === "unknown") return verdict;
      if (verdict) met += 1;
    }
    return judge(met, found.length);
  };
  return truths(atomOf(expression, quantified));
}
