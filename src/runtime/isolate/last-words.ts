import type { CallContext } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import { lastWords } from "../../hosts/cli/last-words.ts";

/** A message is one line; all that was heard is among the error's details. */
const shownLetters = 400;

/** A guest that trapped or exited has said why on stderr, as a rule. A function's is closed, so the error tells it. */
export function withLastWords(thrown: unknown, call: CallContext): unknown {
  if (!(thrown instanceof WeftError) || !(thrown.code.startsWith("TRAP_") || thrown.code === "GUEST_EXIT"))
    return thrown;
  const stderr = lastWords(call);
  if (stderr === undefined) return thrown;
  const { code, message, details, kind, retryable, cause, guestStack } = thrown;
  return new WeftError(code, `${message}; it wrote to stderr: ${oneLine(stderr)}`, {
    details: { ...details, stderr },
    kind,
    retryable,
    cause,
    ...(guestStack === undefined ? {} : { guestStack }),
  });
}

function oneLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  // Rust's advice, which nobody here can follow.
  const told = lines.filter((line) => line !== "" && !line.startsWith("note: run with `RUST_BACKTRACE")).join(" ");
  return told.length > shownLetters ? `…${told.slice(-shownLetters)}` : told;
}
