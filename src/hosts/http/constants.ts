import { STATUS_CODES } from "node:http";

const methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT"] as const;

/** Names of statuses that programs use beside the standard ones. */
const otherNames: Readonly<Record<string, number>> = {
  INTERNAL_ERROR: 500,
  REQUEST_ENTITY_TOO_LARGE: 413,
  TEAPOT: 418,
  RANGE_NOT_SATISFIABLE: 416,
};

/** `NOT_FOUND` of `Not Found`: the names of statuses, as programs write them. */
function statusNames(): Readonly<Record<string, number>> {
  const named = Object.entries(STATUS_CODES).map(([code, text = ""]) => [
    text
      .replaceAll("'", "")
      .toUpperCase()
      .replaceAll(/[^A-Z]+/g, "_"),
    Number(code),
  ]);
  return { ...Object.fromEntries(named), ...otherNames };
}

/** The constants of Lua's `http` module. */
export const httpConstants = {
  METHOD: Object.fromEntries(methods.map((name) => [name, name])),
  STATUS: statusNames(),
  CONTENT: {
    JSON: "application/json",
    FORM: "application/x-www-form-urlencoded",
    MULTIPART: "multipart/form-data",
    TEXT: "text/plain",
    HTML: "text/html",
    XML: "application/xml",
    STREAM: "application/octet-stream",
    EVENT_STREAM: "text/event-stream",
  },
  TRANSFER: { CHUNKED: "chunked", SSE: "sse" },
  ERROR: {
    PARSE_FAILED: "PARSE_FAILED",
    INVALID_STATE: "INVALID_STATE",
    WRITE_FAILED: "WRITE_FAILED",
    STREAM_ERROR: "STREAM_ERROR",
  },
} as const;
