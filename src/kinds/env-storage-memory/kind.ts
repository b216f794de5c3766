import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema } from "../shared/lifecycle.ts";

const schema = z.strictObject({ lifecycle: lifecycleSchema });

/** Variables that live as long as the app runs. */
export const envStorageMemoryKind = defineKind({
  name: "env.storage.memory",
  summary: "Values of variables that are kept while the app runs.",
  schema,
  build: ({ lifecycle }, entry) => ({
    references: lifecycleReferences(entry, lifecycle),
    warnings: [],
    provides: { offer: { service: "env", spec: { type: "memory" } } },
  }),
});
