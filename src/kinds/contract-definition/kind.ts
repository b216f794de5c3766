import { z } from "zod";
import { toValue } from "../../core/values.ts";
import { defineKind } from "../../registry/define.ts";

const schemas = (description: string) =>
  z
    .array(
      z.strictObject({
        format: z.string().optional().describe("The language of the schema, such as application/schema+json."),
        definition: z
          .unknown()
          .optional()
          .describe(
            "The schema: a JSON Schema, as a mapping or as JSON text. In another format it is told to programs only.",
          ),
      }),
    )
    .optional()
    .describe(description);

const schema = z.strictObject({
  methods: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe("Name of the method."),
        description: z.string().optional().describe("What it does."),
        input_schemas: schemas("What it takes: one for each argument. A call with others fails."),
        output_schemas: schemas("What it gives. A result that does not fit is a failure of the function."),
      }),
    )
    .describe("What an implementation can be asked to do."),
});

/** What implementations have in common. */
export const contractDefinitionKind = defineKind({
  name: "contract.definition",
  summary: "Methods that several implementations have in common.",
  schema,
  build: ({ methods }) => ({
    references: [],
    warnings: [],
    provides: {
      offer: {
        service: "contract",
        spec: {
          type: "definition",
          methods: methods.map((method) =>
            Object.fromEntries(Object.entries(method).map(([key, value]) => [key, toValue(value, key)])),
          ),
        },
      },
    },
  }),
});
