import { describeCode, errorCodes, type ErrorCode, type ErrorKind } from "./error-codes.ts";

/** What may be said about an error beside its code and message. */
export interface ErrorOptions {
  readonly cause?: unknown;
  /** Data for programs. Must survive structured cloning. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Overrides the code's kind; only for errors that guests raise themselves (`GUEST_ERROR`). */
  readonly kind?: ErrorKind;
  /** Overrides the code's answer; null says that nobody knows. */
  readonly retryable?: boolean | null;
  /** Where the guest was, innermost first, one frame a line, as `ns:name:line` or `module.function`. */
  readonly guestStack?: string;
}

/** A failure that a caller or an author can act on. Its `code` fixes kind, retryability and help. */
export class WeftError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly retryable: boolean | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly guestStack: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "WeftError";
    this.code = code;
    this.kind = options.kind ?? errorCodes[code].kind;
    this.retryable = options.retryable === undefined ? errorCodes[code].retryable : options.retryable;
    this.details = options.details ?? {};
    this.guestStack = options.guestStack;
  }
}

/** How an error crosses threads and calls: plain data. `cause` keeps its own wire form, however deep (bounded). */
export interface WireError {
  readonly weftError: true;
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly retryable: boolean | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly guestStack?: string;
  readonly stack?: string;
  readonly cause?: WireError;
}

/** Causes nested deeper than this are cut: nobody reads them, and a cycle must end. */
const causeDepth = 8;

/** Turns whatever was thrown into a failure: a `WeftError` stays itself, all else is a bug of kind Internal. */
export function toWeftError(thrown: unknown): WeftError {
  if (thrown instanceof WeftError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new WeftError("INTERNAL", message === "" ? "an error without a message" : message, { cause: thrown });
}

/** Encodes a failure for another thread or a value that crosses a call. */
export function encodeError(thrown: unknown, depth = 0): WireError {
  const error = toWeftError(thrown);
  const cause = error.cause === undefined || depth >= causeDepth || error.cause === thrown ? undefined : error.cause;
  return {
    weftError: true,
    code: error.code,
    kind: error.kind,
    message: error.message,
    retryable: error.retryable,
    details: error.details,
    ...(error.guestStack === undefined ? {} : { guestStack: error.guestStack }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(cause === undefined ? {} : { cause: encodeError(cause, depth + 1) }),
  };
}

/** Rebuilds a failure from its wire form. */
export function decodeError(wire: WireError): WeftError {
  const error = new WeftError(describeCode(wire.code) === undefined ? "INTERNAL" : wire.code, wire.message, {
    kind: wire.kind,
    retryable: wire.retryable,
    details: wire.details,
    ...(wire.guestStack === undefined ? {} : { guestStack: wire.guestStack }),
    ...(wire.cause === undefined ? {} : { cause: decodeError(wire.cause) }),
  });
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

/** True for a value that is an error in wire form. */
export function isWireError(value: unknown): value is WireError {
  return typeof value === "object" && value !== null && "weftError" in value && value.weftError === true;
}
