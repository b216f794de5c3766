import { STATUS_CODES } from "node:http";
import { toJson } from "../../core/json.ts";
import type { Value } from "../../core/values.ts";

/** The media type of problem documents (RFC 9457). */
export const problemType = "application/problem+json";

/** What a problem document says beside its status. */
export interface ProblemParts {
  readonly detail?: string | undefined;
  /** Members beyond the standard ones. */
  readonly more?: Readonly<Record<string, Value>>;
}

/** The body of a problem document about a status. */
export function problemBody(status: number, { detail, more = {} }: ProblemParts): string {
  const said = detail === undefined ? {} : { detail };
  return toJson({ type: "about:blank", title: titleOf(status), status, ...said, ...more });
}

/** A status in words. */
export function titleOf(status: number): string {
  return STATUS_CODES[status] ?? "Error";
}
