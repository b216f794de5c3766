import { WeftError, type WireError } from "./errors.ts";

/**
 * What crosses a call between entries without a WIT signature, and between threads: structured-clonable data.
 *
 * - nil is `null`; integers beyond ±(2^53-1) are `bigint`.
 * - A Lua string is a `string` when it is valid UTF-8, else a `Uint8Array`; both become a Lua string again.
 * - A Lua sequence is an array, the empty table an empty array, a table with only string keys a plain object,
 *   any other table a `Map`.
 * - An error object is its wire form (`WireError`), and becomes an error object again.
 *
 * Values of WIT types use the subset that `wit/values.ts` documents, so a callee's result is a `Value` whatever it is.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | WireError
  | readonly Value[]
  | { readonly [key: string]: Value }
  | ReadonlyMap<Value, Value>;

/** Whether a value is a table with only string keys: fields by their names. */
export function isRecord(value: Value | undefined): value is Readonly<Record<string, Value>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof Uint8Array || value instanceof Map);
}

/**
 * Reads JavaScript data into a `Value`: undefined becomes null, everything else must be data already.
 * @throws WeftError `INVALID_ARGUMENT` naming the place of what cannot cross a call.
 */
export function toValue(input: unknown, path: string, depth = 0): Value {
  if (depth > maxValueDepth)
    throw new WeftError("INVALID_ARGUMENT", `${path}: nested deeper than ${maxValueDepth} levels, or cyclic`);
  switch (typeof input) {
    case "undefined":
      return null;
    case "boolean":
    case "number":
    case "bigint":
    case "string":
      return input;
    case "object":
      return input === null ? null : objectToValue(input, path, depth + 1);
    default:
      throw new WeftError("INVALID_ARGUMENT", `${path}: a ${typeof input} cannot cross a call`);
  }
}

/** Values nest this deep; a cycle is caught by the same bound. */
const maxValueDepth = 128;

function objectToValue(input: object, path: string, depth: number): Value {
  if (input instanceof Uint8Array) return input;
  if (Array.isArray(input)) return input.map((item, index) => toValue(item, `${path}[${index}]`, depth));
  if (input instanceof Map) {
    return new Map(
      [...input].map(([key, value]) => [toValue(key, path, depth), toValue(value, `${path}[${String(key)}]`, depth)]),
    );
  }
  const prototype: unknown = Object.getPrototypeOf(input);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new WeftError("INVALID_ARGUMENT", `${path}: a ${input.constructor.name} cannot cross a call`);
  }
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [key, toValue(value, `${path}.${key}`, depth)]),
  );
}
