import type { Actor } from "../../core/context.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Condition } from "./conditions.ts";
import { compileCondition } from "./conditions.ts";
import { compileExpression } from "./expression/compile.ts";
import { compilePatterns, type Matcher } from "./patterns.ts";
import type { PolicySpec } from "./spec.ts";
import type { Attributes } from "./subject.ts";

/** What policies say of a question; `undefined` is that they say nothing, which is not allowed. */
export type Decision = "allow" | "deny" | "undefined";

/** A policy, compiled. */
export class Policy {
  readonly id: EntryId;
  readonly effect: "allow" | "deny";
  readonly #actions: Matcher;
  readonly #resources: Matcher;
  readonly #conditions: readonly Condition[];
  /** What a condition comes to that cannot be judged. */
  readonly #whenUnknown: boolean;

  /** `strict` has a policy that denies apply where it cannot be judged; all others do not. */
  constructor(spec: PolicySpec, { strict }: { readonly strict: boolean }) {
    this.id = spec.id;
    this.effect = spec.effect;
    this.#actions = compilePatterns(spec.actions);
    this.#resources = compilePatterns(spec.resources);
    this.#conditions = [
      ...spec.conditions.map(compileCondition),
      ...(spec.expression === undefined ? [] : [compileChecked(spec.expression)]),
    ];
    this.#whenUnknown = strict && spec.effect === "deny";
  }

  concerns(action: string): boolean {
    return this.#actions(action);
  }

  /** Whether it applies, given that it concerns the action. Makes no objects: this is asked for each call of a program. */
  applies(actor: Actor, action: string, resource: string, meta: Attributes | undefined): boolean {
    if (!this.#resources(resource)) return false;
    const conditions = this.#conditions;
    for (let i = 0; i < conditions.length; i += 1) {
      const verdict = conditions[i]?.(actor, action, resource, meta);
      if (verdict !== true && (verdict === false || !this.#whenUnknown)) return false;
    }
    return true;
  }

  evaluate(actor: Actor, action: string, resource: string, meta: Attributes | undefined): Decision {
    return this.concerns(action) && this.applies(actor, action, resource, meta) ? this.effect : "undefined";
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
