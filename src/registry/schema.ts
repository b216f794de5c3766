import { z } from "zod";
import type { Kind } from "./kind.ts";

/** A JSON Schema or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const text = (description: string): JsonSchema => ({ type: "string", description });

/** What Weft reads in `meta`; apps add whatever they want. */
const meta: JsonSchema = {
  type: ["object", "null"],
  description: "Data about the entry; programs find entries by it.",
  properties: {
    type: text("What the entry is for the app; `test` is run by `weft test`."),
    comment: text("A sentence for people."),
    command: {
      type: "object",
      description: "Makes a process a command of `weft run`.",
      properties: { name: text("What users type."), short: text("A sentence for `weft run list`.") },
    },
    default_host: text("The process.host that runs the entry when it is called like a function."),
    depends_on: {
      description: "Entries that come before this one.",
      anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
    },
    options: {
      type: "object",
      description: "Defaults for calls of the entry; the caller's own options win.",
      properties: {
        timeout: { type: ["string", "number"], description: "A duration such as 500ms or 10s, or milliseconds." },
        retry: { type: "object", description: "When and how often a failed call is tried again." },
      },
    },
  },
};

const header = { name: { ...text("The entry's name; its id is namespace:name."), minLength: 1 }, meta };

/** Keys of the file itself, which stand beside the entry's own where a file holds a single entry. */
const beside = { namespace: true, version: true };

/** JSON Schema (draft 2020-12) of a whole `_index.yaml`, for editors: completion and checks while writing. */
export function indexSchema(kinds: readonly Kind[]): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Weft _index.yaml",
    type: "object",
    required: ["namespace"],
    properties: {
      version: { type: ["string", "number"], description: "Version of the file's format; 1.0." },
      namespace: {
        ...text("First half of the ids of this file's entries; dots part its own parts."),
        minLength: 1,
        pattern: "^[^:]*$",
      },
      meta: { type: ["object", "null"], description: "Merged under the meta of every entry." },
      entries: { type: "array", items: { $ref: "#/$defs/entry" }, description: "The entries." },
    },
    if: { required: ["entries"] },
    then: {},
    else: { $ref: "#/$defs/entry" },
    $defs: {
      entry: {
        type: "object",
        required: ["name", "kind"],
        properties: {
          ...header,
          // Kinds that nobody knows are kept as data.
          kind: {
            anyOf: [{ enum: kinds.map((kind) => kind.name) }, { type: "string", minLength: 1 }],
            description: "What the entry is.",
          },
        },
        allOf: kinds.map((kind) => ({
          if: { required: ["kind"], properties: { kind: { const: kind.name } } },
          then: { $ref: `#/$defs/${kind.name}` },
        })),
      },
      ...Object.fromEntries(kinds.map((kind) => [kind.name, kindSchema(kind)])),
    },
  };
}

/** The fields of a kind, beside its header or under `data`. */
function kindSchema(kind: Kind): JsonSchema {
  const { $schema: _draft, ...fields } = z.toJSONSchema(kind.schema, { io: "input", unrepresentable: "any" });
  const own = { ...header, kind: { const: kind.name, description: kind.summary }, ...beside };
  return {
    description: kind.summary,
    if: { required: ["data"] },
    then: { properties: { ...own, data: fields }, additionalProperties: false },
    else: { ...fields, properties: { ...own, ...fields.properties } },
  };
}
