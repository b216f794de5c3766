import type { HttpExchange } from "../../../hosts/http/exchange.ts";
import { problemBody, problemType } from "../../../hosts/http/problem.ts";
import type { ErrorCode } from "../../../hosts/http-client/error-code.ts";

/** What a client is told of each `error-code` that a guest answers with; whatever is not here is the guest's own fault. */
const statusByCode: Partial<Record<ErrorCode["tag"], number>> = {
  "HTTP-request-denied": 403,
  "HTTP-request-length-required": 411,
  "HTTP-request-body-size": 413,
  "HTTP-request-method-invalid": 405,
  "HTTP-request-URI-invalid": 400,
  "HTTP-request-URI-too-long": 414,
  "HTTP-request-header-section-size": 431,
  "HTTP-request-header-size": 431,
  "HTTP-request-trailer-section-size": 431,
  "HTTP-request-trailer-size": 431,
  "connection-limit-reached": 503,
  "DNS-timeout": 504,
  "connection-timeout": 504,
  "connection-read-timeout": 504,
  "connection-write-timeout": 504,
  "HTTP-response-timeout": 504,
  "loop-detected": 508,
};

/** Names of what went wrong between the guest and the server that it asked. */
const upstream = /^(DNS|TLS|destination|connection|HTTP-response|HTTP-protocol|HTTP-upgrade)-/;

/** The status of an `error-code`. */
export function statusOfCode(tag: ErrorCode["tag"]): number {
  return statusByCode[tag] ?? (upstream.test(tag) ? 502 : 500);
}

/** Answers a request with an `error-code`, as a problem document (RFC 9457). */
export function answerError(exchange: HttpExchange, id: string, error: ErrorCode): void {
  const status = statusOfCode(error.tag);
  const said = error.tag === "internal-error" ? error.val : undefined;
  const detail = said === undefined ? `${id} answered with the error ${error.tag}` : `${id}: ${said}`;
  exchange.status = status;
  exchange.headers.set("content-type", problemType);
  void exchange.write(Buffer.from(problemBody(status, { detail, more: { code: error.tag } })));
}
