import type { ValueReader, ValueWriter } from "../../../src/wit/values/backend.ts";

/** Values as a language with tables holds them: tagged, one table for lists and records, no nil inside a table. */
export type Tagged =
  | { readonly tag: "nil" }
  | { readonly tag: "bool"; readonly value: boolean }
  | { readonly tag: "number"; readonly value: number | bigint }
  | { readonly tag: "string"; readonly value: Uint8Array }
  | { readonly tag: "table"; readonly value: Table };

interface Table {
  readonly items: readonly Tagged[];
  readonly fields: ReadonlyMap<string, Tagged>;
}

const nil: Tagged = { tag: "nil" };
const encoder = new TextEncoder();

function textOf(value: Tagged | undefined): string | undefined {
  if (value?.tag !== "string") return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value.value);
  } catch {
    return undefined;
  }
}

function integerOf(value: Tagged): number | bigint | undefined {
  if (value.tag !== "number") return undefined;
  return typeof value.value === "bigint" || Number.isSafeInteger(value.value) ? value.value : undefined;
}

/** Reads tagged values. */
export const taggedReader: ValueReader<Tagged, Table, Table, readonly string[]> = {
  indexBase: 1,
  nil,
  isNil: (value) => value.tag === "nil",
  bool: (value) => (value.tag === "bool" ? value.value : undefined),
  integer: integerOf,
  long: integerOf,
  float: (value) => (value.tag === "number" ? Number(value.value) : undefined),
  text: textOf,
  bytes: (value) => (value.tag === "string" ? value.value : undefined),
  handle: () => undefined,
  list: (value) => (value.tag === "table" && value.value.fields.size === 0 ? value.value : undefined),
  length: (list) => list.items.length,
  item: (list, index) => list.items[index] ?? nil,
  table: (value) => (value.tag === "table" && value.value.items.length === 0 ? value.value : undefined),
  key: (spellings) => spellings,
  field: (table, key) => key.map((name) => table.fields.get(name)).find((found) => found !== undefined) ?? nil,
  names: (table) => [...table.fields.keys()],
  caseName(value) {
    if (value.tag === "string") return textOf(value);
    return value.tag === "table" && value.value.fields.size === 1 ? [...value.value.fields.keys()][0] : undefined;
  },
  casePayload: (value, name) => (value.tag === "table" ? (value.value.fields.get(name) ?? nil) : nil),
  describe: (value) => value.tag,
};

/** Builds tagged values. */
export const taggedWriter: ValueWriter<Tagged, readonly string[]> = {
  nil,
  bool: (value) => ({ tag: "bool", value }),
  integer: (value) => ({ tag: "number", value }),
  long: (value) => ({ tag: "number", value }),
  float: (value) => ({ tag: "number", value }),
  text: (value) => ({ tag: "string", value: encoder.encode(value) }),
  bytes: (value) => ({ tag: "string", value }),
  handle: () => nil,
  list: (items) => ({ tag: "table", value: { items, fields: new Map() } }),
  shape: (names) => names,
  table(shape, values) {
    const entries = shape.map((name, index) => [name, values[index] ?? nil] as const);
    return { tag: "table", value: { items: [], fields: new Map(entries.filter(([, value]) => value.tag !== "nil")) } };
  },
  keepsNil: false,
};
