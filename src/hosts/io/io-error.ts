import { ResultError } from "./result-error.ts";

/** The resource `error` of wasi:io: why the last operation on a stream failed. Sources and sinks throw it. */
export class IoError extends Error {
  /** A code of `wasi:filesystem/types`, when the stream is a file's. */
  readonly filesystemCode: string | undefined;

  constructor(message: string, filesystemCode?: string) {
    super(message);
    this.name = "IoError";
    this.filesystemCode = filesystemCode;
  }

  /** WIT: `to-debug-string`. */
  toDebugString(): string {
    return this.message;
  }
}

/** The variant `stream-error`. */
export type StreamError = { readonly tag: "closed" } | { readonly tag: "last-operation-failed"; readonly val: IoError };

/** Always the same, since every stream ends with it, and an error takes longer to make than most reads. */
const closed = new ResultError<StreamError>({ tag: "closed" });

/** A stream function's `err(closed)`. */
export function streamClosed(): ResultError<StreamError> {
  return closed;
}

/** A stream function's `err(last-operation-failed)`. */
export function operationFailed(error: IoError): ResultError<StreamError> {
  return new ResultError<StreamError>({ tag: "last-operation-failed", val: error });
}
