import { describeCode } from "../core/error-codes.ts";
import { WeftError } from "../core/errors.ts";
import { DiagnosticError } from "../registry/diagnostic.ts";
import { CommandError, exitCodes, UsageError } from "./contract.ts";
import type { Screen } from "./screen.ts";

/** Anything that a command threw, in the words of the door: what, why, how to mend. */
export interface Failure {
  readonly code: string;
  readonly kind: string;
  readonly message: string;
  readonly retryable: boolean | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly help: string;
  /** The messages below, outermost first. */
  readonly causes: readonly string[];
  /** Where the guest was. */
  readonly guestStack: string | undefined;
  /** Where Weft was; shown for bugs only. */
  readonly stack: string | undefined;
  readonly exitCode: number;
}

/** Reads whatever was thrown. */
export function toFailure(thrown: unknown): Failure {
  const base = { retryable: false, details: {}, causes: [], guestStack: undefined, stack: undefined };
  if (thrown instanceof UsageError) {
    const { message, help } = thrown;
    return { ...base, code: "USAGE", kind: "Invalid", message, help, exitCode: exitCodes.usage };
  }
  if (thrown instanceof DiagnosticError) {
    const code = thrown.diagnostics[0]?.code ?? "diagnostic";
    const help = thrown.diagnostics.find((diagnostic) => diagnostic.hint !== undefined)?.hint ?? "";
    return { ...base, code, kind: "Invalid", message: thrown.message, help, exitCode: exitCodes.failure };
  }
  if (thrown instanceof WeftError && thrown.code !== "INTERNAL") return weftFailure(thrown);
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    ...base,
    code: "INTERNAL",
    kind: "Internal",
    message: error.message,
    details: thrown instanceof WeftError ? thrown.details : {},
    help: describeCode("INTERNAL")?.help ?? "",
    causes: causesOf(error),
    stack: deepestStack(error),
    exitCode: exitCodes.failure,
  };
}

function weftFailure(error: WeftError): Failure {
  const { code, kind, message, retryable, details, guestStack } = error;
  const help = error instanceof CommandError ? error.help : (describeCode(code)?.help ?? "");
  const causes = causesOf(error);
  return { code, kind, message, retryable, details, help, causes, guestStack, stack: undefined, exitCode: 1 };
}

/** Messages of the causes that say something the outer ones do not. */
function causesOf(error: Error): string[] {
  const causes: string[] = [];
  let seen = error.message;
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause.message !== "" && !seen.includes(cause.message)) causes.push(cause.message);
    seen += cause.message;
  }
  return causes;
}

function deepestStack(error: Error): string | undefined {
  let deepest = error;
  while (deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest.stack;
}

/** Prints a failure: to stderr for people, to stdout as `{"error": …}` with `--json`. */
export function printFailure(failure: Failure, screen: Screen): void {
  const { code, kind, message, retryable, details, help, causes, guestStack, stack } = failure;
  if (screen.json) return screen.result({ error: { code, kind, message, retryable, details, help } }, () => "");
  const label = screen.paintTalk(["bold", "red"], "error");
  const tag = code === "USAGE" ? "" : screen.paintTalk("dim", ` [${code}]`);
  screen.talk(`${label}: ${message}${tag}`);
  for (const cause of causes) screen.talk(`  because: ${cause}`);
  for (const line of guestStack?.split("\n") ?? []) screen.talk(screen.paintTalk("dim", `  at ${line.trim()}`));
  if (help !== "") screen.talk(`  ${screen.paintTalk("cyan", "help")}: ${help}`);
  if (stack === undefined) return;
  screen.talk(screen.verbose ? stack : "  This is a bug of Weft. Add --verbose to see where.");
}
