import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import type { Reference } from "../../registry/kind.ts";
import { fullId, idSchema } from "../shared/ids.ts";

const schema = z.strictObject({
  contracts: z
    .array(
      z.strictObject({
        contract: idSchema("Id of the contract.definition."),
        methods: z
          .record(z.string().min(1), idSchema("Id of the function behind the method."))
          .describe("The function behind each method of the contract."),
        default: z.boolean().optional().describe("Open this binding when nobody names one; default false."),
        context_required: z
          .array(z.string().min(1))
          .optional()
          .describe("Context values that must be given when it is opened."),
      }),
    )
    .describe("The contracts that it implements."),
});

/** An implementation of contracts. */
export const contractBindingKind = defineKind({
  name: "contract.binding",
  summary: "Implements contracts with functions.",
  schema,
  build({ contracts }, entry) {
    const bound = contracts.map((each) => ({
      contract: fullId(each.contract, entry),
      methods: Object.fromEntries(Object.entries(each.methods).map(([name, id]) => [name, fullId(id, entry)])),
      isDefault: each.default ?? false,
      contextRequired: each.context_required ?? [],
    }));
    const references = bound.flatMap(({ contract, methods }, index): Reference[] => [
      {
        path: ["contracts", index, "contract"],
        id: contract,
        kinds: ["contract.definition"],
        required: true,
        acyclic: false,
      },
      ...Object.entries(methods).map(([name, id]) => ({
        path: ["contracts", index, "methods", name],
        id,
        kinds: [],
        required: true,
        acyclic: false,
      })),
    ]);
    return {
      references,
      warnings: [],
      provides: { offer: { service: "contract", spec: { type: "binding", contracts: bound } } },
    };
  },
});
