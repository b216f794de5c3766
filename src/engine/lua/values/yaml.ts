import { toWeftError, WeftError } from "../../../core/errors.ts";
import { toValue, type Value } from "../../../core/values.ts";

/** Aliases that stand for more than this many nodes are refused: a few lines could otherwise fill the memory. */
const maxAliases = 100;
/** Text longer than this is refused. */
const textLength = 2 << 20;

/** The library is heavy, and few programs need it. */
const library = () => import("yaml");

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The value of one document: null is nil, dates are texts. @throws WeftError `INVALID_ARGUMENT`. */
export async function decodeYaml(bytes: Uint8Array): Promise<Value> {
  if (bytes.length > textLength) throw new WeftError("INVALID_ARGUMENT", `the YAML is longer than ${textLength} bytes`);
  const { parse } = await library();
  try {
    const parsed: unknown = parse(decoder.decode(bytes), {
      intAsBigInt: false,
      maxAliasCount: maxAliases,
      merge: true,
    });
    return toValue(parsed, "the YAML");
  } catch (error) {
    const { message } = toWeftError(error);
    throw new WeftError("INVALID_ARGUMENT", `this is not YAML: ${message}`, { cause: error });
  }
}

/** A value as YAML text. @throws WeftError for what YAML cannot say. */
export async function encodeYaml(value: Value): Promise<string> {
  const { stringify } = await library();
  return stringify(writable(value, "value"), { aliasDuplicateObjects: false, lineWidth: 0 });
}

function writable(value: Value, path: string): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) throw refusal(path, "the number is not finite");
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) throw refusal(path, "a string is not valid UTF-8");
  if (value instanceof Map) throw refusal(path, "the table has names and positions, or gaps between them");
  if (isList(value)) return value.map((item, i) => writable(item, `${path}[${i + 1}]`));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]: [string, Value]) => [name, writable(item, `${path}.${name}`)]),
  );
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function refusal(path: string, problem: string): WeftError {
  return new WeftError("INVALID_ARGUMENT", `${path}: ${problem}`, { details: { path } });
}
