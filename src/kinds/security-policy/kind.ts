import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { groupsSchema, policyFields, policySpec } from "../shared/policy.ts";

const schema = z.strictObject({
  policy: z.strictObject(policyFields).describe("Who may do what."),
  groups: groupsSchema,
});

/** A policy with conditions. */
export const securityPolicyKind = defineKind({
  name: "security.policy",
  summary: "Allows or denies actions on resources, under conditions, to those in whose scope it is.",
  schema,
  build: (spec, entry) => ({ references: [], warnings: [], provides: { policy: policySpec(entry, spec) } }),
});
