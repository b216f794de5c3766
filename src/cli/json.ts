import { isWireError } from "../core/errors.ts";
import { toJson } from "../core/json.ts";

/** Data shorter than this stays on one line. */
const lineLength = 100;

/** A value for people: texts bare, all else as JSON, on one line while it fits. */
export function toText(data: unknown): string {
  if (typeof data === "string") return data;
  if (isWireError(data)) return data.message;
  const line = toJson(data);
  return line.length <= lineLength ? line : toJson(data, 2);
}
