import * as fc from "fast-check";
import type { Value } from "../../../src/core/values.ts";
import { spellings } from "../../../src/wit/spellings.ts";
import type { WitType } from "../../../src/wit/types.ts";

/** A place inside a value: how errors call it, its type, and the whole value with something else put there. */
export interface Site {
  readonly path: string;
  readonly type: WitType;
  replace(other: unknown): unknown;
}

/** Every place of a canonical value, the value itself first. */
export function sites(type: WitType, value: unknown): Site[] {
  const here: Site = { path: "", type, replace: (other) => other };
  return [here, ...parts(type, value).flatMap((part) => within(part))];
}

interface Part extends Site {
  readonly value: unknown;
}

function within(part: Part): Site[] {
  return sites(part.type, part.value).map((site) => ({
    path: part.path + site.path,
    type: site.type,
    replace: (other) => part.replace(site.replace(other)),
  }));
}

function parts(type: WitType, value: unknown): Part[] {
  switch (type.kind) {
    case "list":
      return listOf(value).map((item, index) => itemPart(listOf(value), { index, type: type.element, item }));
    case "tuple":
      return type.items.map((inner, index) =>
        itemPart(listOf(value), { index, type: inner, item: listOf(value)[index] }),
      );
    case "record":
      return type.fields.map((field) => namedPart(value, { name: field.name, type: field.type }));
    case "variant":
      return type.cases.flatMap((item) => casePart(value, item.name, item.type));
    case "result":
      return [...casePart(value, "ok", type.ok), ...casePart(value, "err", type.err)];
    case "option":
      return value === null ? [] : optionParts(type.some, value);
    default:
      return [];
  }
}

function optionParts(some: WitType, value: unknown): Part[] {
  if (some.kind !== "option") return [{ path: "", type: some, value, replace: (other) => other }];
  return casePart(value, "some", some.some).flatMap((part) =>
    some.some.kind === "option" ? closedParts(part, some.some) : [part],
  );
}

/** Inside `{some: …}` of an option of options stands another such. */
function closedParts(part: Part, some: Extract<WitType, { kind: "option" }>): Part[] {
  const inner = casePart(part.value, "some", some.some);
  return inner.map((deeper) => ({
    ...deeper,
    path: part.path + deeper.path,
    replace: (other) => part.replace(deeper.replace(other)),
  }));
}

function casePart(value: unknown, name: string, type: WitType | undefined): Part[] {
  const isThere = type !== undefined && typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isThere ? [namedPart(value, { name, type })] : [];
}

function namedPart(value: unknown, { name, type }: { name: string; type: WitType }): Part {
  const record = recordOf(value);
  return { path: `.${name}`, type, value: record[name], replace: (other) => ({ ...record, [name]: other }) };
}

function itemPart(
  list: readonly unknown[],
  { index, type, item }: { index: number; type: WitType; item: unknown },
): Part {
  return { path: `[${index}]`, type, value: item, replace: (other) => list.with(index, other) };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) || value instanceof Uint8Array ? Array.from(value) : [];
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Other ways to write a canonical value that must read as the same. */
export function lenient(type: WitType, value: Value): fc.Arbitrary<unknown> {
  const again = (inner: WitType, part: unknown) => lenient(inner, toValue(part));
  switch (type.kind) {
    case "s64":
    case "u64":
      return fc.constantFrom<unknown>(value, String(integerOf(value)), integerOf(value));
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
      return fc.constantFrom<unknown>(value, integerOf(value));
    case "char":
      return fc.constantFrom<unknown>(value, typeof value === "string" ? value.codePointAt(0) : value);
    case "list":
      if (type.element.kind === "u8")
        return fc.constantFrom<unknown>(value, listOf(value), Buffer.from(listOf(value).map(Number)));
      return fc.tuple(...listOf(value).map((item) => again(type.element, item)));
    case "tuple":
      return fc.tuple(...listOf(value).map((item, index) => again(type.items[index] ?? { kind: "bool" }, item)));
    case "enum":
      return fc.constantFrom<unknown>(
        value,
        type.cases.findIndex((name) => name === value),
      );
    case "flags":
      return lenientFlags(type.flags, value);
    case "record":
      return lenientRecord(type, recordOf(value));
    case "variant":
    case "result":
    case "option": {
      const [part] = parts(type, value).slice(-1);
      return part === undefined ? fc.constant(value) : again(part.type, part.value).map((inner) => part.replace(inner));
    }
    default:
      return fc.constant(value);
  }
}

function lenientFlags(flags: readonly string[], value: Value): fc.Arbitrary<unknown> {
  const set = Object.keys(recordOf(value));
  const mask = set.reduce((bits, name) => bits | (1n << BigInt(flags.indexOf(name))), 0n);
  const all = Object.fromEntries(flags.map((name) => [name, set.includes(name)]));
  return fc.constantFrom<unknown>(value, set, set.toReversed(), mask, all, new Map(Object.entries(all)));
}

function lenientRecord(
  type: Extract<WitType, { kind: "record" }>,
  record: Record<string, unknown>,
): fc.Arbitrary<unknown> {
  const taken = new Set(type.fields.map((field) => field.name));
  const fields = type.fields.map((field) => {
    const keys = spellings(field.name).filter((key) => key === field.name || !taken.has(key));
    return fc.tuple(fc.constantFrom(...keys), lenient(field.type, toValue(record[field.name])));
  });
  return fc.tuple(fc.tuple(...fields), fc.constantFrom("object", "map", "sparse")).map(([entries, form]) => {
    if (form === "map") return new Map(entries);
    return Object.fromEntries(form === "sparse" ? entries.filter(([, item]) => item !== null) : entries);
  });
}

function integerOf(value: Value): bigint {
  return typeof value === "number" || typeof value === "bigint" ? BigInt(value) : 0n;
}

function toValue(value: unknown): Value {
  const isValue = (candidate: unknown): candidate is Value =>
    candidate !== undefined && typeof candidate !== "function";
  if (!isValue(value)) throw new Error("not a value");
  return value;
}
