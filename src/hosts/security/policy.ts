import type { Actor } from "../../core/context.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Verdict } from "./compare.ts";
import type { Condition } from "./conditions.ts";
import { compileCondition } from "./conditions.ts";
import { compileExpression } from "./expression/compile.ts";
import { compilePatterns, type Matcher } from "./patterns.ts";
import type { PolicySpec } from "./spec.ts";
import type { Attributes } from "./subject.ts";

/** What policies say of a question; `undefined` is that they say nothing, which is not allowed. */
export type Decision = "allow" | "deny" | "undefined";

type Applies = (actor: Actor, action: string, resource: string, meta: Attributes | undefined) => Verdict;

/** A policy, compiled. */
export class Policy {
  readonly id: EntryId;
  readonly effect: "allow" | "deny";
  readonly #actions: Matcher;
  /** Whether it applies, which only `true` says, given that it concerns the action. Makes no objects: this is asked for each call of a program. */
  readonly applies: Applies;

  /** `strict` has a policy that denies apply where it cannot be judged; all others do not. */
  constructor(spec: PolicySpec, { strict }: { readonly strict: boolean }) {
    this.id = spec.id;
    this.effect = spec.effect;
    this.#actions = compilePatterns(spec.actions);
    const conditions = [
      ...spec.conditions.map(compileCondition),
      ...(spec.expression === undefined ? [] : [compileChecked(spec.expression)]),
    ];
    const holds = allOf(conditions, strict && spec.effect === "deny");
    const resources = compilePatterns(spec.resources);
    this.applies = spec.resources.includes("*")
      ? holds
      : (actor, action, resource, meta) => resources(resource) && holds(actor, action, resource, meta);
  }

  concerns(action: string): boolean {
    return this.#actions(action);
  }

  evaluate(actor: Actor, action: string, resource: string, meta: Attributes | undefined): Decision {
    return this.concerns(action) && this.applies(actor, action, resource, meta) === true ? this.effect : "undefined";
  }
}

/** An expression was checked with its entry; should it make no sense all the same, it cannot be judged. */
function compileChecked(expression: string): Condition {
  try {
    return compileExpression(expression);
  } catch {
    return () => "unknown";
  }
}

/** Whether all conditions hold; `whenUnknown` is what one comes to that cannot be judged. */
function allOf(conditions: readonly Condition[], whenUnknown: boolean): Applies {
  const [first, ...rest] = conditions;
  if (first === undefined) return () => true;
  const one: Applies = whenUnknown
    ? (actor, action, resource, meta) => first(actor, action, resource, meta) !== false
    : first;
  if (rest.length === 0) return one;
  const others = allOf(rest, whenUnknown);
  return (actor, action, resource, meta) => one(actor, action, resource, meta) && others(actor, action, resource, meta);
}
