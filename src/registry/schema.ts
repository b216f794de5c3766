import { z } from "zod";
import type { Kind } from "./kind.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

const header = {
  name: { type: "string", minLength: 1, description: "The entry's name; its id is namespace:name." },
  meta: {
    type: "object",
    description: "Data about the entry: type, comment, command, options and whatever the app wants.",
  },
};

/** JSON Schema (draft 2020-12) of a whole `_index.yaml`, for editors: completion and checks while writing. */
export function indexSchema(kinds: readonly Kind[]): JsonSchema {
  const names = kinds.map((kind) => kind.name);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Weft _index.yaml",
    type: "object",
    required: ["namespace"],
    properties: {
      version: { description: "Version of the file's format; 1.0." },
      namespace: { type: "string", minLength: 1, description: "First half of the ids of this file's entries." },
      meta: { type: "object", description: "Merged under the meta of every entry." },
      entries: { type: "array", items: { $ref: "#/$defs/entry" }, description: "The entries." },
    },
    if: { required: ["kind"] },
    then: { $ref: "#/$defs/entry" },
    $defs: {
      entry: {
        type: "object",
        required: ["name", "kind"],
        properties: {
          ...header,
          kind: { anyOf: [{ enum: names }, { type: "string" }], description: "What the entry is." },
        },
        allOf: kinds.map((kind) => ({
          if: { properties: { kind: { const: kind.name } } },
          then: { $ref: `#/$defs/${kind.name}` },
        })),
      },
      ...Object.fromEntries(kinds.map((kind) => [kind.name, kindSchema(kind)])),
    },
  };
}

/** A kind's own fields and the header's. */
function kindSchema(kind: Kind): JsonSchema {
  const { $schema: _draft, properties, ...rest } = z.toJSONSchema(kind.schema, { io: "input", unrepresentable: "any" });
  return {
    ...rest,
    description: kind.summary,
    properties: {
      ...header,
      kind: { const: kind.name, description: kind.summary },
      namespace: {},
      version: {},
      ...properties,
    },
  };
}
