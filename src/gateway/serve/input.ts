import { isUtf8 } from "node:buffer";
import { WeftError } from "../../core/errors.ts";
import { parseExact } from "../../wit/json.seam.ts";
import { coerceWord, coerceWords } from "../../wit/coerce.ts";
import { isRecord, type Value } from "../../core/values.ts";
import type { WitFunction } from "../../wit/types.ts";
import { toKebab } from "../../wit/spellings.ts";
import type { ServedFunction } from "./module.ts";

/** What a request brings for a function. */
export interface CallInput {
  readonly body: Uint8Array;
  /** Values of the query parameter `arg`, in their order. */
  readonly words: readonly string[];
}

/** Which door a call came by: `/execute` hands bodies over as they are, `/call` speaks JSON. */
export type Door = "execute" | "call";

/** The arguments of a call. @throws WeftError `INVALID_ARGUMENT`. */
export function argumentsOf(fn: ServedFunction, { body, words }: CallInput, door: Door): readonly unknown[] {
  if (fn.style === "command") return [body, words];
  if (fn.style === "text" && door === "execute") return [text(fn, body)];
  if (words.length > 0) {
    if (body.length > 0)
      throw new WeftError("INVALID_ARGUMENT", "arguments come in the query or in the body, not in both");
    return fn.wit === undefined ? words.map(coerceWord) : coerceWords(fn.wit, words, { id: fn.id });
  }
  const given = body.length === 0 ? [] : listed(fn.wit, parse(body));
  if (fn.style === "text")
    return given.map((each) => (isBytes(fn) && typeof each === "string" ? Buffer.from(each) : each));
  return given;
}

function isBytes({ wit }: ServedFunction): boolean {
  return wit?.params[0]?.type.kind === "list";
}

function text(fn: ServedFunction, body: Uint8Array): string | Uint8Array {
  if (isBytes(fn)) return body;
  if (!isUtf8(body)) throw new WeftError("INVALID_ARGUMENT", `${fn.id} takes a text, and the body is no valid UTF-8`);
  return Buffer.from(body).toString("utf8");
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parse(body: Uint8Array): Value {
  try {
    return parseExact(utf8.decode(body));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeftError("INVALID_ARGUMENT", `the body is not JSON: ${reason}`, { cause });
  }
}

/** An array is the arguments in their order, an object the arguments by their names, anything else the only argument. */
function listed(wit: WitFunction | undefined, value: Value): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (wit === undefined || !isRecord(value)) return [value];
  const params = new Map(wit.params.map(({ name }, index) => [toKebab(name), index]));
  const names = Object.keys(value);
  const known = names.every((name) => params.has(toKebab(name)));
  const [only] = wit.params;
  if (!known && wit.params.length === 1 && only?.type.kind === "record") return [value];
  const stranger = names.find((name) => !params.has(toKebab(name)));
  if (stranger !== undefined) {
    const list = wit.params.map(({ name }) => name).join(", ");
    throw new WeftError("INVALID_ARGUMENT", `there is no parameter ${stranger}; they are ${list || "none"}`);
  }
  const args: unknown[] = wit.params.map(() => null);
  for (const name of names) args[params.get(toKebab(name)) ?? 0] = value[name];
  return args;
}
