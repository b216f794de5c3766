import { z } from "zod";
import { parseId, resolveId } from "../../core/ids.ts";
import { toValue } from "../../core/values.ts";
import { operators, type ConditionSpec, type PolicySpec } from "../../hosts/security/spec.ts";
import { compileField } from "../../hosts/security/subject.ts";
import { compileSearch } from "../../core/search.seam.ts";
import type { Entry } from "../../registry/entry.ts";

const patterns = (what: string) =>
  z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .describe(`${what}: exact, \`prefix*\`, or \`*\` for all; one or a list.`);

const field = (description: string) =>
  z
    .string()
    .refine((path) => compileField(path) !== undefined, "expected actor.id, actor.meta.…, meta.…, action or resource")
    .describe(description);

const condition = z
  .strictObject({
    field: field("What is looked at: actor.id, actor.meta.…, meta.…, action or resource."),
    operator: z.enum(operators).describe("How it is compared. What is missing equals nothing and has no order."),
    value: z.unknown().optional().describe("What it is compared with."),
    value_from: field("The field that it is compared with, instead of a value.").optional(),
  })
  .check((context) => {
    const { operator, value, value_from: from } = context.value;
    const message = conditionProblem(operator, value, from);
    if (message !== undefined) context.issues.push({ code: "custom", input: context.value, path: ["value"], message });
  });

type ConditionFields = z.infer<typeof condition>;

function conditionProblem(operator: ConditionFields["operator"], value: unknown, from: string | undefined) {
  if (operator === "exists" || operator === "nexists") return undefined;
  if ((value === undefined) === (from === undefined)) {
    return value === undefined ? "give it a value, or value_from" : "it has a value and value_from: leave one out";
  }
  if (from !== undefined) return undefined;
  if ((operator === "in" || operator === "nin") && !Array.isArray(value)) return `${operator} takes a list`;
  return operator === "matches" || operator === "nmatches" ? regexpProblem(value) : undefined;
}

function regexpProblem(pattern: unknown): string | undefined {
  if (typeof pattern !== "string") return "a regular expression is a text";
  try {
    compileSearch(pattern);
    return undefined;
  } catch (error) {
    return `this is no regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Fields of the `policy` block that all policies have. */
export const policyFields = {
  actions: patterns("What is done"),
  resources: patterns("What it is done to"),
  effect: z.enum(["allow", "deny"]).describe("What follows where the policy applies; a denial wins over all else."),
  conditions: z.array(condition).optional().describe("What must hold besides; all of them."),
};

/** The `groups` field. */
export const groupsSchema = z
  .array(z.string().min(1))
  .optional()
  .describe("Names of scopes that the policy is part of, for `security.named_scope`.");

interface PolicyParts {
  readonly groups?: readonly string[] | undefined;
  readonly policy: {
    readonly actions: string | readonly string[];
    readonly resources: string | readonly string[];
    readonly effect: "allow" | "deny";
    readonly conditions?: readonly ConditionFields[] | undefined;
    readonly expression?: string;
  };
}

/** A policy's fields as isolates take them. */
export function policySpec(entry: Entry, { groups = [], policy }: PolicyParts): PolicySpec {
  const { namespace } = parseId(entry.id);
  const { actions, resources, effect, conditions = [], expression } = policy;
  return {
    id: entry.id,
    groups: [...new Set(groups.map((name) => resolveId(name, namespace)))],
    effect,
    actions: [actions].flat(),
    resources: [resources].flat(),
    conditions: conditions.map(conditionSpec),
    ...(expression !== undefined && { expression }),
  };
}

function conditionSpec({ field: name, operator, value, value_from: valueFrom }: ConditionFields): ConditionSpec {
  return {
    field: name,
    operator,
    ...(value !== undefined && { value: toValue(value, "value") }),
    ...(valueFrom !== undefined && { valueFrom }),
  };
}
