import { problemOf, problemResponse, titles } from "./problem.ts";
import { toWeftError } from "../core/errors.ts";

/** A status for each way that a call can fail before it answered. */
export function failureStatus(error: unknown): number {
  const { code, kind } = toWeftError(error);
  if (code === "BODY_TOO_LARGE") return 413;
  if (code === "CALL_TIMEOUT") return 504;
  return kind === "RateLimited" || kind === "Unavailable" ? 503 : 500;
}

/** What a client is told of a call that failed: the status, and why in one line or in a problem document. */
export function failureResponse(error: unknown, asProblem = false): Response {
  const status = failureStatus(error);
  if (asProblem) {
    const problem = problemOf(error);
    return problemResponse({ ...problem, status, title: titles[status] ?? problem.title });
  }
  const headers: Record<string, string> = { "content-type": "text/plain; charset=utf-8" };
  if (status === 503) headers["retry-after"] = "1";
  // What follows of such a request is not read.
  if (status === 413) headers["connection"] = "close";
  const { code, message } = toWeftError(error);
  // A bug's message is for the log.
  const told = code === "INTERNAL" ? "something went wrong inside the server" : message;
  return new Response(`${told}\n`, { status, headers });
}
