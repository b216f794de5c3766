import type { WeftError } from "../../core/errors.ts";
import { detailsJson } from "./failure.ts";

/** The record `call-error` of weft:runtime/funcs. */
export interface CallError {
  readonly code: string;
  readonly kind: string;
  readonly message: string;
  readonly retryable: boolean | undefined;
  /** A JSON object. */
  readonly details: string | undefined;
}

/** A failure as components see it. */
export function callError(error: WeftError): CallError {
  const { code, kind, message, retryable } = error;
  return { code, kind, message, retryable: retryable ?? undefined, details: detailsJson(error) ?? undefined };
}
