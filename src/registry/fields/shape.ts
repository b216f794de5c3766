import { z } from "zod";
import type { Value } from "../../core/values.ts";
import type { EntryData, FieldPath } from "../entry.ts";
import { isMapping } from "../reading/interpolate.ts";

type Schema = z.core.$ZodType;

/** Names of the fields that a mapping at a path may have; none when nothing is known of it. */
export function fieldNames(schema: Schema, path: FieldPath = []): readonly string[] {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodUnion) {
    return [...new Set(bare.options.flatMap((option: Schema) => fieldNames(option, path)))];
  }
  const [step, ...rest] = path;
  if (step === undefined) return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
  const inner = stepInto(bare, step);
  return inner === undefined ? [] : fieldNames(inner, rest);
}

/** A schema without what only says whether the value may be left out. */
function unwrap(schema: Schema): Schema {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault
    ? unwrap(schema.def.innerType)
    : schema;
}

function stepInto(schema: Schema, step: string | number): Schema | undefined {
  if (schema instanceof z.ZodArray) return schema.def.element;
  if (schema instanceof z.ZodRecord) return schema.def.valueType;
  if (!(schema instanceof z.ZodObject) || !Object.hasOwn(schema.shape, step)) return undefined;
  const field: unknown = schema.shape[step];
  return field instanceof z.core.$ZodType ? field : undefined;
}

/**
 * Data as the other format reads it: keys match in any case, and a field without a value counts as left out.
 * Only what the schema knows is touched.
 */
export function relaxed(schema: Schema, data: EntryData): EntryData {
  const result = relax(schema, data);
  return isMapping(result) ? result : data;
}

function relax(schema: Schema, value: Value): Value {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodArray) {
    const { element } = bare.def;
    return Array.isArray(value) ? value.map((item: Value) => relax(element, item)) : value;
  }
  if (!isMapping(value)) return value;
  if (bare instanceof z.ZodUnion) {
    const object = bare.options.find((option: Schema) => unwrap(option) instanceof z.ZodObject);
    return object === undefined ? value : relax(object, value);
  }
  if (!(bare instanceof z.ZodObject)) return value;
  const known = new Map(Object.keys(bare.shape).map((name) => [name.toLowerCase(), name]));
  const pairs = Object.entries(value).flatMap(([key, item]): (readonly [string, Value])[] => {
    const name = Object.hasOwn(bare.shape, key) ? key : known.get(key.toLowerCase());
    const inner = name === undefined ? undefined : stepInto(bare, name);
    if (name === undefined || inner === undefined) return [[key, item]];
    return item === null ? [] : [[name, relax(inner, item)]];
  });
  return Object.fromEntries(pairs);
}

/** Data in which an empty list is an empty mapping where the schema takes one and no list: in Lua both are `{}`. */
export function withMappings(schema: Schema, data: EntryData): EntryData {
  const result = meant(schema, data);
  return isMapping(result) ? result : data;
}

function meant(schema: Schema, value: Value): Value {
  const bare = unwrap(schema);
  if (Array.isArray(value)) {
    if (value.length === 0) return takesMapping(bare) ? {} : value;
    const element = bare instanceof z.ZodArray ? bare.def.element : undefined;
    return element === undefined ? value : value.map((item: Value) => meant(element, item));
  }
  if (!isMapping(value)) return value;
  const options = bare instanceof z.ZodUnion ? bare.options.map((option: Schema) => unwrap(option)) : [bare];
  const holder = options.find((option) => option instanceof z.ZodObject || option instanceof z.ZodRecord);
  if (holder === undefined) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const inner = stepInto(holder, key);
      return [key, inner === undefined ? item : meant(inner, item)];
    }),
  );
}

function takesMapping(schema: Schema): boolean {
  if (schema instanceof z.ZodUnion) {
    const options = schema.options.map((option: Schema) => unwrap(option));
    return options.some(takesMapping) && !options.some((option) => option instanceof z.ZodArray);
  }
  return schema instanceof z.ZodObject || schema instanceof z.ZodRecord;
}
