import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { fullId, idSchema } from "../shared/ids.ts";
import { lifecycleReferences, lifecycleSchema } from "../shared/lifecycle.ts";
import { storageKinds } from "../shared/storages.ts";

const schema = z.strictObject({
  storages: z
    .array(idSchema("Id of an env.storage entry."))
    .describe("Storages, the first to be asked first; a value is written to the first that can be written to."),
  lifecycle: lifecycleSchema,
});

/** Several storages as one. */
export const envStorageRouterKind = defineKind({
  name: "env.storage.router",
  summary: "Several storages of variables, asked one after the other.",
  schema,
  build({ storages, lifecycle }, entry) {
    const ids = storages.map((id) => fullId(id, entry));
    return {
      references: [
        ...ids.map((id, index) => ({
          path: ["storages", index],
          id,
          kinds: storageKinds,
          required: true,
          acyclic: true,
        })),
        ...lifecycleReferences(entry, lifecycle),
      ],
      warnings: [],
      provides: { offer: { service: "env", spec: { type: "router", storages: ids } } },
    };
  },
});
