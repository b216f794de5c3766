import { z } from "zod";
import { defineKind } from "../../registry/define.ts";

const schema = z.strictObject({
  default: z.unknown().optional().describe("The value when no ns.dependency gives one."),
  description: z.string().optional().describe("What the value is for."),
  targets: z
    .array(
      z.strictObject({
        entry: z.string().min(1).describe("Id of the entry that gets the value."),
        path: z
          .string()
          .min(1)
          .describe(
            "The field that gets it: a path in the entry's data, or `meta.…`; ` +=` or `[]` at its end adds to a list.",
          ),
      }),
    )
    .describe("Where the value goes."),
});

/** A value that a module needs from the app that it is part of. */
export const nsRequirementKind = defineKind({
  name: "ns.requirement",
  summary: "A value that a module needs from the app around it, and the fields of its entries that get it.",
  schema,
  build: () => ({ references: [], warnings: [], provides: {} }),
});
