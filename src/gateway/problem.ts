import { toWeftError, type WeftError } from "../core/errors.ts";
import type { ErrorKind } from "../core/error-codes.ts";
import type { Value } from "../core/values.ts";
import { problemType } from "../hosts/http/problem.ts";
import { toJson } from "./json.ts";
import { responseOf, type WholeAnswer } from "./response.ts";

/** What went wrong with a request, as RFC 9457 writes it. Members beyond the standard ones say more. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** A code of Weft's table, or a word for what no code names. */
  readonly code: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly more?: Readonly<Record<string, Value>>;
}

/** A problem as a response, whole. */
export function problemAnswer({ status, title, detail, code, headers = {}, more = {} }: Problem): WholeAnswer {
  const body = toJson({ type: "about:blank", title, status, detail, code, ...more });
  return { head: { status, headers: ["content-type", problemType, ...Object.entries(headers).flat()] }, body };
}

/** A problem as a response. */
export function problemResponse(problem: Problem): Response {
  return responseOf(problemAnswer(problem));
}

/** A failure as a problem. */
export function problemOf(thrown: unknown): Problem {
  const error = toWeftError(thrown);
  const status = statusOf(error);
  const { code, kind, retryable, message } = error;
  // A bug's message is for the log; a client learns that there was one.
  const detail = code === "INTERNAL" ? "something went wrong inside the server" : message;
  const headers = headersOf(status);
  return { status, title: titles[status] ?? "Error", detail, code, headers, more: { kind, retryable } };
}

function headersOf(status: number): Readonly<Record<string, string>> {
  if (status === 503) return { "retry-after": "1" };
  // What follows of such a request is not read.
  return status === 413 ? { connection: "close" } : {};
}

/** The status of a failure: by its code where that says more than its kind. */
export function statusOf({ code, kind }: WeftError): number {
  return statusByCode[code] ?? statusByKind[kind];
}

const statusByCode: Readonly<Record<string, number>> = {
  POOL_FULL: 503,
  ENTRY_FAILED: 422,
  BODY_TOO_LARGE: 413,
  // The server's own modules and settings, nothing that the client sent.
  IMPORT_DENIED: 500,
  SIGNATURE_MISMATCH: 422,
  FILE_NOT_FOUND: 500,
};

const statusByKind: Readonly<Record<ErrorKind, number>> = {
  NotFound: 404,
  AlreadyExists: 409,
  Invalid: 400,
  PermissionDenied: 403,
  Unavailable: 503,
  Internal: 500,
  Canceled: 503,
  Conflict: 409,
  Timeout: 504,
  RateLimited: 429,
  Unknown: 500,
};

/** Titles are the same for every problem of a status. */
export const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
