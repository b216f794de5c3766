import { toWeftError, WeftError } from "../../../core/errors.ts";
import { toValue, type Value } from "../../../core/values.ts";

/** Nested deeper than this is refused in both directions, as with JSON. */
const maxDepth = 128;
/** More bytes than this are refused. */
const maxLength = 64 << 20;

/** Few programs need the library. */
const library = () => import("@msgpack/msgpack");

/** The value that MessagePack says: binary is a string, a timestamp the text of its time. @throws WeftError `INVALID_ARGUMENT`. */
export async function decodeMsgpack(bytes: Uint8Array): Promise<Value> {
  if (bytes.length > maxLength)
    throw new WeftError("INVALID_ARGUMENT", `the MessagePack is longer than ${maxLength} bytes`);
  const { decode } = await library();
  try {
    return toValue(readable(decode(bytes, { useBigInt64: true }), 0), "the MessagePack");
  } catch (error) {
    const { message } = toWeftError(error);
    throw new WeftError("INVALID_ARGUMENT", `this is not MessagePack: ${message}`, { cause: error });
  }
}

/** A value as MessagePack; strings that are no text are binary. @throws WeftError for what it cannot say. */
export async function encodeMsgpack(value: Value): Promise<Uint8Array> {
  const { encode } = await library();
  return encode(writable(value, "value", 0), { useBigInt64: true, maxDepth: maxDepth + 1 });
}

function readable(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw new Error(`it is nested deeper than ${maxDepth}`);
  if (typeof value === "bigint")
    return BigInt(Number(value)) === value && isSafe(value) ? Number(value) : signed(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => readable(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [key, readable(item, depth + 1)]),
  );
}

function isSafe(value: bigint): boolean {
  return Number.isSafeInteger(Number(value));
}

/** An integer of Lua has 64 bits with a sign. */
function signed(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new Error(`${value} is more than an integer holds`);
  return value;
}

function writable(value: Value, path: string, depth: number): unknown {
  if (depth > maxDepth) throw refusal(path, `it is nested deeper than ${maxDepth}`);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (value instanceof Map) throw refusal(path, "the table has names and positions, or gaps between them");
  if (isList(value)) return value.map((item, i) => writable(item, `${path}[${i + 1}]`, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]: [string, Value]) => [name, writable(item, `${path}.${name}`, depth + 1)]),
  );
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function refusal(path: string, problem: string): WeftError {
  return new WeftError("INVALID_ARGUMENT", `${path}: ${problem}`, { details: { path } });
}
