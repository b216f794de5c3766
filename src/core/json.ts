import { isWireError } from "./errors.ts";
import { rawNumber } from "./raw-json.seam.ts";

/**
 * JSON of anything that a call may return: big integers keep their digits, bytes are arrays of numbers (as `weft call` takes
 * them), numbers that JSON lacks are texts, a table with keys of several types is a list of pairs.
 */
export function toJson(data: unknown, indent?: number): string {
  return JSON.stringify(plain(data), undefined, indent) ?? "null";
}

/** The same data with nothing in it that JSON cannot write. */
export function plain(data: unknown): unknown {
  switch (typeof data) {
    case "bigint":
      return rawNumber(data);
    case "number":
      return Number.isFinite(data) ? data : spellNumber(data);
    case "object":
      return data === null ? null : plainObject(data);
    default:
      return data;
  }
}

function plainObject(data: object): unknown {
  if (data instanceof Uint8Array) return [...data];
  if (Array.isArray(data)) return data.map(plain);
  if (data instanceof Map) return [...data].map(([key, value]) => [plain(key), plain(value)]);
  if (isWireError(data)) {
    const { code, kind, message, retryable, details } = data;
    return { code, kind, message, retryable, details: plain(details) };
  }
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, plain(value)]));
}

function spellNumber(value: number): string {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}
