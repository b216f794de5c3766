// Seam for jco's values: what its glue takes and gives has no types; WIT types decide what everything is.
import type { Value } from "../../../../core/values.ts";
import type { WitType } from "../../../../wit/types.ts";
import { numbers } from "../../canonical/numbers.ts";
import { camelCase } from "../names.ts";

/** A conversion between a canonical value and jco's form of it; undefined where both are the same. */
type Convert = ((value: any) => any) | undefined;

const toCache = new WeakMap<WitType, { readonly convert: Convert }>();
const fromCache = new WeakMap<WitType, { readonly convert: Convert }>();

/** Makes the converter from canonical values to jco's, once per type. */
export function toJco(type: WitType): (value: Value) => unknown {
  return lowering(type) ?? same;
}

/** Makes the converter of arguments, which gives them as they are where all are the same in both forms. */
export function argumentsToJco(types: readonly WitType[]): (args: readonly Value[]) => readonly unknown[] {
  const converts = types.map(lowering);
  if (converts.every((convert) => convert === undefined)) return same;
  const [first, second] = converts;
  if (types.length === 1) return ([a]) => [run(first, a)];
  if (types.length === 2) return ([a, b]) => [run(first, a), run(second, b)];
  return (args) => args.map((arg, index) => run(converts[index], arg));
}

/** Makes the converter from jco's values to canonical ones, once per type. */
export function fromJco(type: WitType): (value: unknown) => Value {
  return (lifting(type) ?? same) as (value: unknown) => Value;
}

function same<T>(value: T): T {
  return value;
}

function lowering(type: WitType): Convert {
  let known = toCache.get(type);
  if (known === undefined) toCache.set(type, (known = { convert: makeLowering(type) }));
  return known.convert;
}

function lifting(type: WitType): Convert {
  let known = fromCache.get(type);
  if (known === undefined) fromCache.set(type, (known = { convert: makeLifting(type) }));
  return known.convert;
}

function makeLowering(type: WitType): Convert {
  switch (type.kind) {
    case "s64":
    case "u64":
      return BigInt;
    case "list":
      return type.element.kind === "u8" ? undefined : each(lowering(type.element));
    case "tuple":
      return tuple(type.items.map(lowering));
    case "record": {
      const fields = type.fields.map(({ name, type: inner }) => [name, camelCase(name), lowering(inner)] as const);
      return (value) => Object.fromEntries(fields.map(([name, camel, convert]) => [camel, run(convert, value[name])]));
    }
    case "flags": {
      const names = type.flags.map((name) => [name, camelCase(name)] as const);
      return (value) => Object.fromEntries(names.map(([name, camel]) => [camel, Object.hasOwn(value, name)]));
    }
    case "option": {
      const inner = lowering(type.some);
      // jco marks an option around an option, where ours mark the one inside.
      if (type.some.kind !== "option") return (value) => (value === null ? undefined : run(inner, value));
      return (value) => (value === null ? { tag: "none" } : { tag: "some", val: run(inner, value.some ?? null) });
    }
    case "variant":
      return lowerCases(new Map(type.cases.map((item) => [item.name, item.type && lowering(item.type)])));
    case "result":
      return lowerCases(
        new Map([
          ["ok", type.ok && lowering(type.ok)],
          ["err", type.err && lowering(type.err)],
        ]),
      );
    default:
      return undefined;
  }
}

function lowerCases(cases: ReadonlyMap<string, Convert>): Convert {
  return (value) => {
    if (typeof value === "string") return { tag: value };
    const tag = numbers.caseOf(value);
    return { tag, val: run(cases.get(tag), value[tag]) };
  };
}

function makeLifting(type: WitType): Convert {
  switch (type.kind) {
    case "s64":
    case "u64":
      return (value) => numbers.narrow(value);
    case "list": {
      if (type.element.kind === "u8") return ownBytes;
      const inner = lifting(type.element);
      // Numbers come in typed arrays.
      return (value) => Array.from(value, (item) => run(inner, item));
    }
    case "tuple":
      return tuple(type.items.map(lifting));
    case "record": {
      const fields = type.fields.map(({ name, type: inner }) => [name, camelCase(name), lifting(inner)] as const);
      return (value) => Object.fromEntries(fields.map(([name, camel, convert]) => [name, run(convert, value[camel])]));
    }
    case "flags": {
      const names = type.flags.map((name) => [name, camelCase(name)] as const);
      return (value) =>
        Object.fromEntries(names.filter(([, camel]) => value[camel] === true).map(([name]) => [name, true]));
    }
    case "option": {
      const inner = lifting(type.some);
      if (type.some.kind !== "option")
        return (value) => (value === undefined || value === null ? null : run(inner, value));
      return (value) => (value.tag === "none" ? null : box(run(inner, value.val)));
    }
    case "variant":
      return liftCases(new Map(type.cases.map((item) => [item.name, item.type && { convert: lifting(item.type) }])));
    case "result": {
      const [ok, err] = [resultValue(type, "ok"), resultValue(type, "err")];
      return (value) => (value.tag === "ok" ? ok(value.val) : err(value.val));
    }
    default:
      return undefined;
  }
}

function liftCases(cases: ReadonlyMap<string, { readonly convert: Convert } | undefined>): Convert {
  return ({ tag, val }) => {
    const payload = cases.get(tag);
    return payload === undefined ? tag : { [tag]: run(payload.convert, val) };
  };
}

/** Makes the converter of one case of a `result`, from jco's form of its payload to all of it in the canonical form. */
export function resultValue(
  type: Extract<WitType, { kind: "result" }>,
  tag: "ok" | "err",
): (payload: unknown) => Value {
  const inner = type[tag];
  const convert = inner === undefined ? () => true : fromJco(inner);
  // Written out, since a name that is only known at run time makes an object slowly.
  return tag === "ok" ? (payload) => ({ ok: convert(payload) }) : (payload) => ({ err: convert(payload) });
}

function box(inner: unknown): unknown {
  return inner === null ? { none: true } : { some: inner };
}

/** V8 has no buffer for a typed array of so few bytes until somebody asks for it. */
const bufferless = 64;

/** Bytes that do not keep the guest's memory alive, or change with it. */
function ownBytes(value: Uint8Array): Uint8Array {
  if (value instanceof Uint8Array && value.length <= bufferless) return new Uint8Array(value);
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}

function each(convert: Convert): Convert {
  return convert && ((value) => value.map((item: unknown) => convert(item)));
}

function tuple(converts: readonly Convert[]): Convert {
  if (converts.every((convert) => convert === undefined)) return undefined;
  return (value) => converts.map((convert, index) => run(convert, value[index]));
}

function run(convert: Convert, value: unknown): unknown {
  return convert === undefined ? value : convert(value);
}
