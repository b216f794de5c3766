import { z } from "zod";
import { parseId } from "../../core/ids.ts";
import { defineKind } from "../../registry/define.ts";
import { fullId, idSchema } from "../shared/ids.ts";
import { storageKinds } from "../shared/storages.ts";

const schema = z.strictObject({
  variable: z
    .string()
    .min(1)
    .optional()
    .describe("The name that programs use, and its key in the storage; without one, only the entry's id means it."),
  storage: idSchema("Id of the env.storage entry that holds the value."),
  default: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe("The value when the storage has none; numbers and booleans become texts."),
  readonly: z.boolean().optional().describe("Programs may not set it; default false."),
});

/** A variable of the app. */
export const envVariableKind = defineKind({
  name: "env.variable",
  summary: "A variable that programs may read by name, and whose value a storage holds.",
  schema,
  build({ variable, storage, default: otherwise, readonly = false }, entry) {
    const id = fullId(storage, entry);
    return {
      references: [{ path: ["storage"], id, kinds: storageKinds, required: true, acyclic: false }],
      warnings: [],
      provides: {
        offer: {
          service: "env",
          spec: {
            type: "variable",
            publicName: variable,
            key: variable ?? parseId(entry.id).name,
            storage: id,
            default: otherwise === undefined ? undefined : String(otherwise),
            readOnly: readonly,
          },
        },
      },
    };
  },
});
