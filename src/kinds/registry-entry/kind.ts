import { z } from "zod";
import { defineKind } from "../../registry/define.ts";

/** Data that programs find in the registry. */
export const registryEntryKind = defineKind({
  name: "registry.entry",
  summary: "Any data, stored and findable, without behaviour.",
  schema: z.looseObject({}),
  build: () => ({ references: [], warnings: [], provides: {} }),
});
