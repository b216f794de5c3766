import { compileSearch } from "../../../../../src/core/search.seam.ts";
import type { Actor } from "../../../../../src/core/context.ts";
import { isRecord, type Value } from "../../../../../src/core/values.ts";
import { holds, order, same } from "../../../../../src/hosts/security/compare.ts";
import { parseExpression, type Expression } from "../../../../../src/hosts/security/expression/parse.ts";

import type { ConditionSpec, PolicySpec } from "../../../../../src/hosts/security/spec.ts";

/** What is asked. */
export interface Question {
  readonly actor: Actor;
  readonly action: string;
  readonly resource: string;
  readonly meta: Readonly<Record<string, Value>> | undefined;
}

type Operand = Value | undefined;
type Verdict = boolean | "unknown";

/** What the rule says, read straight from the policies one after another: slow, and plain enough to be believed. */
export function decided(policies: readonly PolicySpec[], strict: boolean, asked: Question): string {
  const denying = deniedBy(policies, strict, asked);
  if (denying !== undefined) return "deny";
  return policies.some((policy) => policy.effect === "allow" && applies(policy, strict, asked)) ? "allow" : "undefined";
}

/** The first policy that denies. */
export function deniedBy(policies: readonly PolicySpec[], strict: boolean, asked: Question): string | undefined {
  return policies.find((policy) => policy.effect === "deny" && applies(policy, strict, asked))?.id;
}

function applies(policy: PolicySpec, strict: boolean, asked: Question): boolean {
  if (!matchesOne(policy.actions, asked.action) || !matchesOne(policy.resources, asked.resource)) return false;
  const verdicts = policy.conditions.map((condition) => judge(condition, asked));
  if (policy.expression !== undefined) verdicts.push(judgeExpression(policy.expression, asked));
  return verdicts.every((verdict) => (verdict === "unknown" ? strict && policy.effect === "deny" : verdict));
}

function matchesOne(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => {
    if (pattern.endsWith(".*")) return text.startsWith(pattern.slice(0, -2));
    return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
  });
}

function fieldAt(holder: Operand, key: string): Operand {
  if (holder instanceof Map) return holder.get(key) ?? undefined;
  return isRecord(holder) && Object.hasOwn(holder, key) ? (holder[key] ?? undefined) : undefined;
}

function read(path: string, { actor, action, resource, meta }: Question): Operand {
  const whole: Value = { actor: { id: actor.id, meta: actor.meta }, action, resource, ...(meta && { meta }) };
  let value: Operand = whole;
  for (const key of path.split(".")) value = fieldAt(value, key);
  return value;
}

const negate = (verdict: Verdict): Verdict => (verdict === "unknown" ? verdict : !verdict);

function compare(operator: string, a: Operand, b: Operand): Verdict {
  const ordered = (isMet: (found: number) => boolean): Verdict => {
    const found = order(a, b);
    return found === undefined ? "unknown" : isMet(found);
  };
  switch (operator) {
    case "eq":
      return same(a, b);
    case "ne":
      return !same(a, b);
    case "lt":
      return ordered((found) => found < 0);
    case "gt":
      return ordered((found) => found > 0);
    case "lte":
      return ordered((found) => found <= 0);
    case "gte":
      return ordered((found) => found >= 0);
    case "in":
      return Array.isArray(b) ? b.some((item: Value) => same(item, a)) : "unknown";
    case "nin":
      return negate(compare("in", a, b));
    case "exists":
      return a !== undefined;
    case "nexists":
      return a === undefined;
    case "contains":
      return holds(a, b);
    case "ncontains":
      return negate(holds(a, b));
    case "matches":
      return a === undefined ? false : search(a, b);
    default:
      return negate(compare("matches", a, b));
  }
}

function search(text: Operand, pattern: Operand): Verdict {
  if (typeof text !== "string" || typeof pattern !== "string") return "unknown";
  try {
    return compileSearch(pattern)(text);
  } catch {
    return "unknown";
  }
}

function judge({ field, operator, value, valueFrom }: ConditionSpec, asked: Question): Verdict {
  return compare(operator, read(field, asked), valueFrom === undefined ? value : read(valueFrom, asked));
}

class Unknown extends Error {}

function judgeExpression(text: string, asked: Question): Verdict {
  try {
    return truth(run(parseExpression(text), asked, undefined));
  } catch (error) {
    if (error instanceof Unknown) return "unknown";
    throw error;
  }
}

function truth(value: Operand): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  throw new Unknown();
}

function known(verdict: Verdict): boolean {
  if (verdict === "unknown") throw new Unknown();
  return verdict;
}

function run(expression: Expression, asked: Question, item: Operand): Operand {
  const go = (inner: Expression): Operand => run(inner, asked, item);
  switch (expression.is) {
    case "literal":
      return expression.value;
    case "item":
      return item;
    case "name":
      return expression.name === "meta" ? asked.meta : read(expression.name, asked);
    case "list":
      return expression.items.map((each) => go(each) ?? null);
    case "member":
      return member(expression, asked, item);
    case "unary":
      return expression.operator === "-" ? arithmetic("-", 0, go(expression.of)) : !truth(go(expression.of));
    case "choice":
      return go(truth(go(expression.test)) ? expression.yes : expression.no);
    case "call":
      return called(expression, asked, item);
    case "binary":
      break;
  }
  const { operator, left, right } = expression;
  if (operator === "and" || operator === "&&") return truth(go(left)) && truth(go(right));
  if (operator === "or" || operator === "||") return truth(go(left)) || truth(go(right));
  if (operator === "??") return go(left) ?? go(right);
  return binary(operator, go(left), go(right));
}

type Of<Is extends Expression["is"]> = Expression & { readonly is: Is };

function member({ of, key }: Of<"member">, asked: Question, item: Operand): Operand {
  const isActor = of.is === "name" && of.name === "actor";
  const name = run(key, asked, item);
  if (isActor) return name === "id" ? asked.actor.id : asked.actor.meta;
  const holder = run(of, asked, item);
  if (typeof name === "string") return fieldAt(holder, name);
  return typeof name === "number" && Array.isArray(holder) ? (holder.at(name) ?? undefined) : undefined;
}

function called({ name, args }: Of<"call">, asked: Question, item: Operand): Operand {
  const [first, second] = args;
  if (first === undefined) throw new Error("a call without arguments");
  const value = run(first, asked, item);
  if (name === "len" && typeof value === "string") return Array.from(value).length;
  if (name === "len" && Array.isArray(value)) return value.length;
  if (name === "len" && isRecord(value)) return Object.keys(value).length;
  if (name === "lower" && typeof value === "string") return value.toLowerCase();
  if (name === "len" || name === "lower") throw new Unknown();
  if (second === undefined) throw new Error("a quantifier without a condition");
  if (value === undefined || value === null) return name !== "any";
  if (!Array.isArray(value)) throw new Unknown();
  const met = value.filter((each: Value) => truth(run(second, asked, each))).length;
  return name === "any" ? met > 0 : met === value.length;
}

function arithmetic(operator: string, a: Operand, b: Operand): Value {
  if (operator === "+" && typeof a === "string" && typeof b === "string") return a + b;
  if (typeof a !== "number" || typeof b !== "number") throw new Unknown();
  return operator === "+" ? a + b : a - b;
}

const written: Readonly<Record<string, string>> = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  ">": "gt",
  "<=": "lte",
  ">=": "gte",
};

function binary(operator: string, a: Operand, b: Operand): Operand {
  if (operator === "+" || operator === "-") return arithmetic(operator, a, b);
  if (operator === "in" || operator === "not in") {
    const found = b === undefined || b === null ? false : typeof b === "string" ? "unknown" : holds(b, a ?? null);
    return known(operator === "in" ? found : negate(found));
  }
  if (operator === "contains") return known(holds(a, b));
  const compared = written[operator];
  if (compared !== undefined) return known(compare(compared, a, b));
  if (a === undefined || a === null) return false;
  if (typeof a !== "string" || typeof b !== "string") throw new Unknown();
  if (operator === "matches") return known(search(a, b));
  return operator === "startsWith" ? a.startsWith(b) : a.endsWith(b);
}
