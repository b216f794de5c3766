import * as fc from "fast-check";
import type { Value } from "../../src/core/values.ts";
import type { WitField, WitFunction, WitPrimitive, WitType } from "../../src/wit/types.ts";

/** Names that trip careless code: inherited ones of JavaScript objects, WIT's keywords, several words. */
const names = [
  "a",
  "id",
  "user-name",
  "to-string",
  "constructor",
  "value-of",
  "has-own-property",
  "list",
  "func",
  "x1",
  "some",
  "none",
  "ok",
  "err",
  "snake_case",
  "n",
];

const integerRanges = {
  s8: [-0x80, 0x7f],
  u8: [0, 0xff],
  s16: [-0x8000, 0x7fff],
  u16: [0, 0xffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
  u32: [0, 0xffff_ffff],
} as const satisfies Partial<Record<WitPrimitive, readonly [number, number]>>;

const primitives: readonly WitPrimitive[] = [
  "bool",
  "s8",
  "u8",
  "s16",
  "u16",
  "s32",
  "u32",
  "s64",
  "u64",
  "f32",
  "f64",
  "char",
  "string",
];

/** Any type without handles, at most `depth` levels deep. Named types have names of their own, unique in the type. */
export function witType(depth = 3): fc.Arbitrary<WitType> {
  return unnamed(depth).map((type) => rename(type, { next: 0 }));
}

/** Any function over such types. */
export function witFunction(depth = 3): fc.Arbitrary<WitFunction> {
  const wrapped = fc.tuple(
    fc.array(fc.tuple(fc.constantFrom(...names), unnamed(depth)), { maxLength: 4 }),
    fc.option(unnamed(depth)),
  );
  return wrapped.map(([params, result]) => {
    const counter = { next: 0 };
    const renamed = params.map(([name, type], index) => ({ name: `${name}-p${index}`, type: rename(type, counter) }));
    return { name: "call-me", params: renamed, ...(result === null ? {} : { result: rename(result, counter) }) };
  });
}

function unnamed(depth: number): fc.Arbitrary<WitType> {
  const leaf = fc.constantFrom(...primitives).map((kind): WitType => ({ kind }));
  if (depth <= 1) return leaf;
  const inner = unnamed(depth - 1);
  const maybe = fc.option(inner, { nil: undefined });
  const some = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 5 });
  return fc.oneof(
    leaf,
    inner.map((element): WitType => ({ kind: "list", element })),
    fc
      .tuple(inner, fc.integer({ min: 1, max: 5 }))
      .map(([element, length]): WitType => ({ kind: "list", element, length })),
    inner.map((item): WitType => ({ kind: "option", some: item })),
    fc.array(inner, { minLength: 1, maxLength: 4 }).map((items): WitType => ({ kind: "tuple", items })),
    fc
      .tuple(maybe, maybe)
      .map(([ok, err]): WitType => ({ kind: "result", ...optional("ok", ok), ...optional("err", err) })),
    some.map((cases): WitType => ({ kind: "enum", name: "", cases })),
    fc
      .oneof(some, fc.constant(Array.from({ length: 40 }, (_, i) => `f${i}`)))
      .map((flags): WitType => ({ kind: "flags", name: "", flags })),
    some.chain((picked) =>
      fc
        .tuple(...picked.map(() => inner))
        .map((types): WitType => ({ kind: "record", name: "", fields: fieldsOf(picked, types) })),
    ),
    some.chain((picked) =>
      fc.tuple(...picked.map(() => maybe)).map((types): WitType => ({
        kind: "variant",
        name: "",
        cases: picked.map((name, index) => ({ name, ...optional("type", types[index]) })),
      })),
    ),
  );
}

function fieldsOf(picked: readonly string[], types: readonly WitType[]): WitField[] {
  return picked.map((name, index) => ({ name, type: types[index] ?? { kind: "bool" } }));
}

function optional<K extends string>(key: K, type: WitType | undefined): { [P in K]?: WitType } {
  const made: { [P in K]?: WitType } = {};
  if (type !== undefined) made[key] = type;
  return made;
}

function rename(type: WitType, counter: { next: number }): WitType {
  const again = (part: WitType) => rename(part, counter);
  const name = () => `t${counter.next++}`;
  switch (type.kind) {
    case "list":
      return { ...type, element: again(type.element) };
    case "option":
      return { ...type, some: again(type.some) };
    case "tuple":
      return { ...type, items: type.items.map(again) };
    case "result":
      return {
        kind: "result",
        ...optional("ok", type.ok === undefined ? undefined : again(type.ok)),
        ...optional("err", type.err === undefined ? undefined : again(type.err)),
      };
    case "record":
      return { ...type, name: name(), fields: type.fields.map((item) => ({ ...item, type: again(item.type) })) };
    case "variant": {
      const cases = type.cases.map((item) => (item.type === undefined ? item : { ...item, type: again(item.type) }));
      return { ...type, name: name(), cases };
    }
    case "enum":
    case "flags":
      return { ...type, name: name() };
    default:
      return type;
  }
}

/** Any canonical value of a type. */
export function witValue(type: WitType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case "bool":
      return fc.boolean();
    case "s64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(narrow);
    case "u64":
      return fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 1000n })).map(narrow);
    case "f32":
      return fc.float();
    case "f64":
      return fc.double();
    case "char":
      return codePoint.map((code) => String.fromCodePoint(code));
    case "string":
      return fc.string({ unit: "binary", maxLength: 20 });
    case "list": {
      const { length } = type;
      const bounds = (most: number) =>
        length === undefined ? { maxLength: most } : { minLength: length, maxLength: length };
      return type.element.kind === "u8" ? fc.uint8Array(bounds(8)) : fc.array(witValue(type.element), bounds(4));
    }
    case "tuple":
      return fc.tuple(...type.items.map(witValue));
    case "record":
      return fc
        .tuple(...type.fields.map((item) => witValue(item.type)))
        .map((values) => Object.fromEntries(type.fields.map((item, index) => [item.name, values[index] ?? null])));
    case "enum":
      return fc.constantFrom(...type.cases);
    case "flags":
      return fc.subarray([...type.flags]).map((set) => Object.fromEntries(set.map((name) => [name, true])));
    case "option":
      return fc.oneof(fc.constant(null), payload(type.some));
    case "variant":
      return fc.oneof(
        ...type.cases.map(({ name, type: inner }) =>
          inner === undefined ? fc.constant(name) : witValue(inner).map((value): Value => ({ [name]: value })),
        ),
      );
    case "result": {
      const side = (name: string, inner: WitType | undefined) =>
        (inner === undefined ? fc.constant(true) : witValue(inner)).map((value): Value => ({ [name]: value }));
      return fc.oneof(side("ok", type.ok), side("err", type.err));
    }
    case "own":
    case "borrow":
    case "stream":
    case "future":
    case "error-context":
      throw new Error(`${type.kind} has no arbitrary values`);
    default: {
      const [min, max] = integerRanges[type.kind];
      return fc.integer({ min, max });
    }
  }
}

const codePoint = fc.integer({ min: 0, max: 0x10ffff }).filter((code) => code < 0xd800 || code > 0xdfff);

/** What stands inside an option. */
function payload(type: WitType): fc.Arbitrary<Value> {
  if (type.kind !== "option") return witValue(type);
  return fc.oneof(
    fc.constant<Value>({ none: true }),
    payload(type.some).map((some): Value => ({ some })),
  );
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
