import { z } from "zod";
import { defineKind } from "../../registry/define.ts";

const schema = z.strictObject({
  component: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/, "expected org/name")
    .describe(
      "The module, as `org/name`: a folder that `replacements` of wippy.lock name, or one below its `directories.modules`.",
    ),
  version: z.string().optional().describe("Accepted; the folder holds the version that it holds."),
  parameters: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe("Name of the module's ns.requirement, or its full id."),
        value: z.unknown().describe("What it is given, such as the id of one of the app's entries."),
      }),
    )
    .optional()
    .describe("Values for what the module requires."),
});

/** A module that an app is made with. */
export const nsDependencyKind = defineKind({
  name: "ns.dependency",
  summary: "Names a module that the app is made with, and gives it what it requires.",
  schema,
  build: () => ({ references: [], warnings: [], provides: {} }),
});
