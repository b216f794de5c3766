import type { ValueReader } from "./backend.ts";
import { asNumberArray } from "./number-arrays.ts";

type Table = Readonly<Record<string, unknown>>;

/** Longer texts are cut in messages. */
const shownLength = 40;
/** Field names shown of a record that came where something else was expected. */
const namesShown = 5;
/** No 64-bit number has more characters, sign included: longer texts need not be parsed. */
const decimalLength = 20;

const encoder = new TextEncoder();

/** Reads JavaScript values, whatever reasonable form they come in. */
export const javascriptReader: ValueReader<unknown, ArrayLike<unknown>, Table, readonly string[]> = {
  indexBase: 0,
  nil: undefined,
  isNil: (value) => value === undefined || value === null,
  bool: (value) => (typeof value === "boolean" ? value : undefined),
  integer(value) {
    if (typeof value === "number") {
      if (Number.isSafeInteger(value)) return value + 0; // -0 becomes 0.
      return Number.isInteger(value) ? BigInt(value) : undefined;
    }
    return typeof value === "bigint" ? narrow(value) : undefined;
  },
  long(value) {
    if (typeof value === "string") {
      return value.length <= decimalLength && /^-?\d+$/.test(value) ? narrow(BigInt(value)) : undefined;
    }
    return javascriptReader.integer(value);
  },
  float: (value) => (typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : undefined),
  text: (value) => (typeof value === "string" && value.isWellFormed() ? value : undefined),
  bytes(value) {
    // A Buffer is often a small view of a large pool, which a hop between threads would clone whole.
    if (value instanceof Uint8Array) return value.constructor === Uint8Array ? value : new Uint8Array(value);
    if (typeof value === "string") return value.isWellFormed() ? encoder.encode(value) : undefined;
    return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
  },
  numbers: asNumberArray,
  handle: (value) => value ?? undefined,
  list(value) {
    if (Array.isArray(value)) return value;
    if (isNumberArray(value)) return value;
    if (value instanceof Set) return [...value];
    return value instanceof Map ? sequence(value) : undefined;
  },
  length: (list) => list.length,
  item: (list, index) => list[index],
  table(value) {
    if (typeof value !== "object" || value === null) return undefined;
    if (Array.isArray(value)) return value.length === 0 ? {} : undefined;
    if (value instanceof Map) return mapTable(value);
    return isPlain(value) ? value : undefined;
  },
  key: (spellings) => spellings,
  field(table, names) {
    for (const name of names) {
      const value = Object.hasOwn(table, name) ? table[name] : undefined;
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  },
  names: (table) => Object.keys(table).filter((name) => table[name] !== undefined),
  caseName(value) {
    if (typeof value === "string") return value;
    const table = javascriptReader.table(value);
    return table === undefined ? undefined : onlyName(table);
  },
  casePayload(value, name) {
    return typeof value === "string" ? undefined : javascriptReader.table(value)?.[name];
  },
  describe,
  source: {
    item: (list, index) => `${list}[${index}]`,
    // `??` also steps over null: a field that is null under one spelling may have its value under another.
    field: (table, names) => `(${names.map((name) => fieldSource(table, name)).join(" ?? ")})`,
  },
};

function fieldSource(table: string, name: string): string {
  const quoted = JSON.stringify(name);
  const isInherited = name in Object.prototype;
  return isInherited ? `(Object.hasOwn(${table}, ${quoted}) ? ${table}[${quoted}] : undefined)` : `${table}[${quoted}]`;
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Typed arrays are lists of numbers; a DataView or Buffer-like view without a length is not. */
function isNumberArray(value: unknown): value is ArrayLike<number> {
  return ArrayBuffer.isView(value) && "length" in value && !(value instanceof DataView);
}

function isPlain(value: object): value is Table {
  return !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer) && !(value instanceof Set);
}

function mapTable(map: ReadonlyMap<unknown, unknown>): Table {
  return Object.fromEntries([...map].map(([key, value]) => [String(key), value]));
}

/** A Lua sequence with holes travels as a Map from positions, counted from 1. */
function sequence(map: ReadonlyMap<unknown, unknown>): unknown[] | undefined {
  let length = 0;
  for (const key of map.keys()) {
    // A position far beyond the number of elements is no sequence; the bound also keeps the array small.
    if (typeof key !== "number" || !Number.isInteger(key) || key < 1 || key > 2 * map.size + 8) return undefined;
    length = Math.max(length, key);
  }
  return Array.from({ length }, (_, index) => map.get(index + 1));
}

/** The only name with a value; beside it, undefined ones do not count, nor null ones unless all are. */
function onlyName(table: Table): string | undefined {
  let found: string | undefined;
  let foundNull = false;
  for (const name in table) {
    const value = table[name];
    if (value === undefined) continue;
    if (found !== undefined && value === null) continue;
    if (found !== undefined && !foundNull) return undefined;
    if (found !== undefined && foundNull && value === null) return undefined;
    found = name;
    foundNull = value === null;
  }
  return found;
}

function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return describeString(value);
    case "number":
    case "boolean":
      return `${typeof value} ${String(Object.is(value, -0) ? "-0" : value)}`;
    case "bigint":
      return `number ${shorten(String(value))}`;
    case "undefined":
      return "nothing";
    case "object":
      return value === null ? "null" : describeObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function describeString(value: string): string {
  if (!value.isWellFormed()) return "a string that is not valid Unicode (it has an unpaired surrogate)";
  return `string ${shorten(JSON.stringify(value.slice(0, shownLength + 1)))}`;
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Map) return `a Map of ${value.size}`;
  if (value instanceof Set) return `a Set of ${value.size}`;
  const names = Object.keys(value);
  if (names.length === 0) return "an empty object";
  const more = names.length > namesShown ? ", …" : "";
  return `an object with ${names.slice(0, namesShown).map(shorten).join(", ")}${more}`;
}

function shorten(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
