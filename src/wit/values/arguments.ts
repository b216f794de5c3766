import type { ErrorCode } from "../../core/error-codes.ts";
import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import { formatFunction } from "../format.ts";
import type { WitFunction } from "../types.ts";
import type { ValueReader } from "./backend.ts";
import { generateArguments, generateReader } from "./compile.seam.ts";
import { javascriptReader } from "./javascript.ts";
import { Mismatch } from "./mismatch.ts";

/** What a message may say about the callee beside its signature. */
export interface SignatureOptions {
  /** The entry's id; without one, messages use the function's own name. */
  readonly id?: string;
}

/** Signatures longer than this are cut in messages. */
const signatureLength = 400;

/**
 * Turns a call's arguments in any accepted JavaScript form into canonical WIT values. Generated once per signature;
 * keep what it returns.
 * @throws WeftError `INVALID_ARGUMENT`, from the returned function: which argument, where in it, what was expected.
 */
export function compileArguments(
  signature: WitFunction,
  options: SignatureOptions = {},
): (args: readonly unknown[]) => Value[] {
  return compileArgumentsWith(javascriptReader, signature, options);
}

/** `compileArguments` for another backend. */
export function compileArgumentsWith<F, L, T, K>(
  reader: ValueReader<F, L, T, K>,
  signature: WitFunction,
  options: SignatureOptions = {},
): (args: readonly F[]) => Value[] {
  const read = generateArguments(reader, signature);
  return (args) => {
    try {
      return read(args);
    } catch (thrown) {
      throw explain(thrown, { code: "INVALID_ARGUMENT", signature, options, subject: "" });
    }
  };
}

/**
 * Checks what a callee returned against its signature and makes it canonical; a function without a result gives null.
 * @throws WeftError `INVALID_RESULT`, from the returned function.
 */
export function compileResult(signature: WitFunction, options: SignatureOptions = {}): (value: unknown) => Value {
  return compileResultWith(javascriptReader, signature, options);
}

/** `compileResult` for another backend. */
export function compileResultWith<F, L, T, K>(
  reader: ValueReader<F, L, T, K>,
  signature: WitFunction,
  options: SignatureOptions = {},
): (value: F) => Value {
  if (signature.result === undefined) return () => null;
  const read = generateReader(reader, signature.result);
  return (value) => {
    try {
      return read(value);
    } catch (thrown) {
      throw explain(thrown, { code: "INVALID_RESULT", signature, options, subject: "result" });
    }
  };
}

interface Explanation {
  readonly code: ErrorCode;
  readonly signature: WitFunction;
  readonly options: SignatureOptions;
  readonly subject: string;
}

/** A mismatch becomes the error that callers see; anything else is passed on as it is. */
function explain(thrown: unknown, { code, signature, options, subject }: Explanation): unknown {
  if (!(thrown instanceof Mismatch)) return thrown;
  const path = subject + thrown.path;
  const text = formatFunction(signature);
  const shown = text.length > signatureLength ? `${text.slice(0, signatureLength)}…` : text;
  const name = options.id ?? signature.name;
  const message = `${path === "" ? "" : `${path}: `}${thrown.problem} (in ${name === "" ? "" : `${name}: `}${shown})`;
  return new WeftError(code, message, { details: { path } });
}
