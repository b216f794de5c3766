import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";

/** How a condition compares a field with a value. */
export const operators = [
  "eq",
  "ne",
  "lt",
  "gt",
  "lte",
  "gte",
  "in",
  "nin",
  "exists",
  "nexists",
  "contains",
  "ncontains",
  "matches",
  "nmatches",
] as const;

export type Operator = (typeof operators)[number];

/** Something that must hold for a policy to apply. */
export interface ConditionSpec {
  /** `actor.id`, `actor.meta.…`, `meta.…`, `action` or `resource`. */
  readonly field: string;
  readonly operator: Operator;
  /** What the field is compared with: this, or another field. */
  readonly value?: Value;
  readonly valueFrom?: string;
}

/** A policy as plain data: what travels to isolates, which compile it. */
export interface PolicySpec {
  readonly id: EntryId;
  /** Full names, `namespace:group`. */
  readonly groups: readonly string[];
  readonly effect: "allow" | "deny";
  /** Exact texts, `prefix*`, `prefix.*` or `*`. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly ConditionSpec[];
  /** A condition in the expression language; checked when the entry was. */
  readonly expression?: string;
}

/** Everything that an isolate must know of security. */
export interface SecuritySettings {
  readonly policies: readonly PolicySpec[];
  /** Policies that did not load: a scope that names one denies everything. */
  readonly broken: readonly EntryId[];
  /** Whoever has no actor or no scope may do nothing. */
  readonly strict: boolean;
}
