import type { Actor } from "../../core/context.ts";
import type { EntryId } from "../../core/ids.ts";
import { compileCondition, nonsense } from "./conditions.ts";
import { compileExpression } from "./expression/compile.ts";
import type { Formula } from "./formula.ts";
import { compilePatterns, compileResources, type Matcher } from "./patterns.ts";
import { Program } from "./program.ts";
import type { PolicySpec } from "./spec.ts";
import type { Attributes } from "./subject.ts";

/** What policies say of a question; `undefined` is that they say nothing, which is not allowed. */
export type Decision = "allow" | "deny" | "undefined";

/** A policy, compiled. */
export class Policy {
  readonly id: EntryId;
  readonly effect: "allow" | "deny";
  /** What must hold, given that it concerns the action; each by itself. */
  readonly requirements: readonly Formula[];
  /** Whether a requirement is met of which nobody can say whether it holds. */
  readonly unknownHolds: boolean;
  readonly #actions: Matcher;
  #program: Program | undefined;

  /** `strict` has a policy that denies apply where it cannot be judged; all others do not. */
  constructor(spec: PolicySpec, { strict }: { readonly strict: boolean }) {
    this.id = spec.id;
    this.effect = spec.effect;
    this.unknownHolds = strict && spec.effect === "deny";
    this.#actions = compilePatterns(spec.actions);
    this.requirements = [
      compileResources(spec.resources),
      ...spec.conditions.map(compileCondition),
      ...(spec.expression === undefined ? [] : [compileChecked(spec.expression)]),
    ];
  }

  concerns(action: string): boolean {
    return this.#actions(action);
  }

  /** What it says by itself. */
  evaluate(actor: Actor, action: string, resource: string, meta: Attributes | undefined): Decision {
    if (!this.concerns(action)) return "undefined";
    this.#program ??= new Program([this]);
    return this.#program.first(actor, action, resource, meta) === undefined ? "undefined" : this.effect;
  }
}

/** An expression was checked with its entry; should it make no sense all the same, it cannot be judged. */
function compileChecked(expression: string): Formula {
  try {
    return compileExpression(expression);
  } catch {
    return nonsense;
  }
}
