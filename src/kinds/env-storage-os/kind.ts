import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema } from "../shared/lifecycle.ts";

const schema = z.strictObject({ lifecycle: lifecycleSchema });

/** The variables that Weft itself was started with. */
export const envStorageOsKind = defineKind({
  name: "env.storage.os",
  summary: "Variables that Weft was started with; read-only.",
  schema,
  build: ({ lifecycle }, entry) => ({
    references: lifecycleReferences(entry, lifecycle),
    warnings: [],
    provides: { offer: { service: "env", spec: { type: "os" } } },
  }),
});
