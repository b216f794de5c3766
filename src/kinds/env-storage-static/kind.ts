import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema } from "../shared/lifecycle.ts";

const schema = z.strictObject({
  values: z.record(z.string().min(1), z.string()).describe("The values, by their names."),
  lifecycle: lifecycleSchema,
});

/** Variables whose values are written here. */
export const envStorageStaticKind = defineKind({
  name: "env.storage.static",
  summary: "Variables whose values stand in the entry; read-only.",
  schema,
  build: ({ values, lifecycle }, entry) => ({
    references: lifecycleReferences(entry, lifecycle),
    warnings: [],
    provides: { offer: { service: "env", spec: { type: "static", values } } },
  }),
});
