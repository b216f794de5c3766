import { z } from "zod";
import { defineKind } from "../../registry/define.ts";

const schema = z.looseObject({
  readme: z.string().optional().describe("What the module is for; usually `file://README.md`."),
  wiki: z.unknown().optional().describe("More pages."),
});

/** What a module says of itself. */
export const nsDefinitionKind = defineKind({
  name: "ns.definition",
  summary: "Describes a module to people; it does nothing.",
  schema,
  build: () => ({ references: [], warnings: [], provides: {} }),
});
