import { z } from "zod";
import { compileExpression } from "../../hosts/security/expression/compile.ts";
import { ExpressionError } from "../../hosts/security/expression/tokens.ts";
import { defineKind } from "../../registry/define.ts";
import { groupsSchema, policyFields, policySpec } from "../shared/policy.ts";

const expression = z
  .string()
  .check((context) => {
    const message = problemOf(context.value);
    if (message !== undefined) context.issues.push({ code: "custom", input: context.value, message });
  })
  .describe(
    "What must hold: an expression over `actor`, `action`, `resource` and `meta`; docs/security.md has its words.",
  );

/** What is wrong with an expression, with its place. */
function problemOf(text: string): string | undefined {
  try {
    compileExpression(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const before = text.slice(0, error.at).split("\n");
    const line = before.length === 1 && !text.trimEnd().includes("\n") ? "" : `line ${before.length}, `;
    return `${line}column ${(before.at(-1)?.length ?? 0) + 1}: ${error.message}`;
  }
}

const schema = z.strictObject({
  policy: z.strictObject({ ...policyFields, expression }).describe("Who may do what."),
  groups: groupsSchema,
});

/** A policy with an expression. */
export const securityPolicyExprKind = defineKind({
  name: "security.policy.expr",
  summary: "Allows or denies actions on resources where an expression holds, to those in whose scope it is.",
  schema,
  build: (spec, entry) => ({ references: [], warnings: [], provides: { policy: policySpec(entry, spec) } }),
});
