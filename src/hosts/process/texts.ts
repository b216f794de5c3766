import { WeftError } from "../../core/errors.ts";
import { toValue, type Value } from "../../core/values.ts";

/** The record `process-error` of weft:runtime/process. */
export function processError({ code, kind, message }: WeftError) {
  return { code, kind, message };
}

/** A value as JSON; bytes become a list of numbers. */
export function toJsonText(value: Value): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Uint8Array) return [...item];
    if (item instanceof Map) return Object.fromEntries(item);
    return typeof item === "bigint" ? Number(item) : item;
  });
}

/** A JSON text as data. @throws WeftError `INVALID_ARGUMENT`. */
export function fromJsonText(text: string, what: string): Value {
  try {
    const parsed: unknown = JSON.parse(text);
    return toValue(parsed, what);
  } catch (cause) {
    if (cause instanceof WeftError) throw cause;
    throw new WeftError("INVALID_ARGUMENT", `${what} is no JSON: ${String(cause)}`, { cause });
  }
}
