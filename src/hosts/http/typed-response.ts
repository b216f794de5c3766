import { toWeftError } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import { toJson } from "../../core/json.ts";
import { isRecord, type Value } from "../../core/values.ts";
import { toKebab } from "../../wit/spellings.ts";
import type { WitFunction, WitType } from "../../wit/types.ts";
import { accepts } from "./accept.ts";
import { headerOf } from "./headers.ts";
import { problemBody, problemType, titleOf, type ProblemParts } from "./problem.ts";

/** A whole response of a typed function. */
export interface TypedResponse {
  readonly status: number;
  /** Undefined without a body. */
  readonly contentType: string | undefined;
  readonly body: string | Uint8Array;
}

/**
 * What a result means to a client: nothing is 204, bytes and text are themselves, all else is JSON; the `ok` of a
 * `result` is its value, the `err` a failure with a status by `errorStatus`.
 */
export function typedResponse(signature: WitFunction | undefined, value: Value, request: HttpRequest): TypedResponse {
  const type = signature?.result;
  if (type?.kind !== "result") return bodyOf(value);
  const { ok, err } = fieldsOf(value);
  if (err === undefined) return bodyOf(ok ?? null);
  const status = errorStatus(err);
  const detail = textOf(err);
  if (!speaksJson(signature, request)) {
    return { status, contentType: "text/plain; charset=utf-8", body: `${detail ?? titleOf(status)}\n` };
  }
  return problemDocument(status, { detail, more: { error: err } });
}

/** Whether failures are told as problem documents: what the function gives is JSON, or the client speaks it. */
export function speaksJson(signature: WitFunction | undefined, request: Pick<HttpRequest, "headers">): boolean {
  const result = signature?.result;
  const type = result?.kind === "result" ? result.ok : result;
  const isData = type !== undefined && !isPlain(type);
  return isData || isJsonClient(request);
}

/** A client that sent JSON, or asks for it by name. */
export function isJsonClient({ headers }: Pick<HttpRequest, "headers">): boolean {
  const named = headerOf(headers, "accept") ?? "";
  if (/\bjson\b/i.test(headerOf(headers, "content-type") ?? "")) return true;
  return /\bjson\b/i.test(named) && accepts(named, "application/json");
}

function problemDocument(status: number, parts: ProblemParts): TypedResponse {
  return { status, contentType: problemType, body: problemBody(status, parts) };
}

/** The response to a request whose arguments were wrong. */
export function refusal(signature: WitFunction | undefined, thrown: unknown, request: HttpRequest): TypedResponse {
  const { code, message, kind } = toWeftError(thrown);
  if (speaksJson(signature, request)) return problemDocument(400, { detail: message, more: { code, kind } });
  return { status: 400, contentType: "text/plain; charset=utf-8", body: `${message}\n` };
}

/** Words in the names of cases and codes, and the status that each means. */
const statusByWord: readonly (readonly [RegExp, number])[] = [
  [/not-?found|no-such|missing|unknown/, 404],
  [/unauthori[sz]ed|unauthenticated|not-logged-in/, 401],
  [/forbidden|denied|not-permitted|not-allowed/, 403],
  [/conflict|already-exists|exists|duplicate/, 409],
  [/gone/, 410],
  [/too-large|too-big/, 413],
  [/unsupported|not-supported/, 415],
  [/too-many|rate-limit|throttled/, 429],
  [/time-?out|timed-out/, 504],
  [/unavailable|overloaded|busy/, 503],
  [/not-implemented|unimplemented/, 501],
  [/internal|bug|panic/, 500],
];

/**
 * The status of an `err`: a field `status`, `status-code` or `code` from 400 to 599; else by the name of the variant's or
 * enum's case, or by a field `kind` or `code` of text; 400 when nothing says more.
 */
export function errorStatus(err: Value): number {
  const fields = fieldsOf(err);
  for (const name of ["status", "status-code", "statusCode", "status_code", "code"]) {
    const number = Number(fields[name]);
    if (Number.isInteger(number) && number >= 400 && number <= 599) return number;
  }
  const words = [err, fields["kind"], fields["code"], ...Object.keys(fields).slice(0, 1)];
  const isText = typeof err === "string" && /\s/.test(err);
  for (const word of isText ? [] : words) {
    if (typeof word !== "string") continue;
    const name = toKebab(word);
    const found = statusByWord.find(([pattern]) => pattern.test(name));
    if (found !== undefined) return found[1];
  }
  return 400;
}

function bodyOf(value: Value): TypedResponse {
  if (value === null) return { status: 204, contentType: undefined, body: "" };
  if (value instanceof Uint8Array) return { status: 200, contentType: "application/octet-stream", body: value };
  if (typeof value === "string") return { status: 200, contentType: "text/plain; charset=utf-8", body: value };
  return { status: 200, contentType: "application/json", body: toJson(value) };
}

function isPlain(type: WitType): boolean {
  const inner = type.kind === "option" ? type.some : type;
  return inner.kind === "string" || (inner.kind === "list" && inner.element.kind === "u8");
}

/** What an error says in words, where it does. */
function textOf(err: Value): string | undefined {
  if (typeof err === "string") return err;
  const fields = fieldsOf(err);
  for (const name of ["message", "detail", "reason", "description"]) {
    if (typeof fields[name] === "string") return fields[name];
  }
  const [only, ...others] = Object.values(fields);
  return others.length === 0 && typeof only === "string" ? only : undefined;
}

function fieldsOf(value: Value | undefined): Readonly<Record<string, Value>> {
  return isRecord(value) ? value : {};
}
