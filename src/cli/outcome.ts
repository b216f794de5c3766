import { WeftError } from "../core/errors.ts";
import type { Value } from "../core/values.ts";
import type { WitFunction } from "../wit/types.ts";
import { exitCodes } from "./contract.ts";
import { toText } from "./json.ts";

/** What a program's result means to a shell. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Shells see the low byte of an exit code only. */
const maxExitCode = 255;

/**
 * How a command ends: a text is printed, a number is the exit code, true and false are 0 and 1, nothing and tables are 0;
 * of a WIT `result`, `err` is printed to stderr with exit code 1.
 */
export function outcomeOf(value: Value, signature: WitFunction | undefined): Outcome {
  if (signature?.result?.kind !== "result") return outcomeOfPlain(value);
  const { ok, err } = splitResult(value);
  return err === undefined ? outcomeOfPlain(ok ?? null) : { exitCode: exitCodes.failure, stderr: errText(err) };
}

function outcomeOfPlain(value: Value): Outcome {
  switch (typeof value) {
    case "string":
      return { exitCode: exitCodes.ok, stdout: value };
    case "number":
    case "bigint":
      return { exitCode: isExitCode(Number(value)) ? Number(value) : exitCodes.failure };
    case "boolean":
      return { exitCode: value ? exitCodes.ok : exitCodes.failure };
    default:
      return { exitCode: exitCodes.ok };
  }
}

function isExitCode(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= maxExitCode;
}

/** The halves of a `result` in canonical form; the one that is absent is undefined, a half without payload is null. */
export function splitResult(value: Value): { readonly ok?: Value; readonly err?: Value } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { ok: value };
  const half = (name: string): Value | undefined => Object.entries(value).find(([key]) => key === name)?.[1];
  const [ok, err] = [half("ok"), half("err")];
  return { ...(ok === undefined ? {} : { ok }), ...(err === undefined ? {} : { err }) };
}

/** An `err` for people. */
export function errText(err: Value): string {
  return err === null ? "the call returned an error" : toText(err);
}

/** The exit code of a guest that ended itself: what a process has room for, which never makes a success of a failure. */
export function guestExitCode(error: unknown): number | undefined {
  if (!(error instanceof WeftError) || error.code !== "GUEST_EXIT") return undefined;
  const { status } = error.details;
  if (typeof status !== "number") return exitCodes.failure;
  return status === 0 ? exitCodes.ok : status & 0xff || exitCodes.failure;
}

/** `weft run report | head`: the program ended because nobody reads its output any more, which is no failure. */
export function readerGone(error: unknown): number | undefined {
  return error instanceof WeftError && error.details["errno"] === "EPIPE" ? exitCodes.ok : undefined;
}
