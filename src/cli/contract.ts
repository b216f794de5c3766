import type { ErrorCode } from "../core/error-codes.ts";
import { WeftError } from "../core/errors.ts";
import type { Input } from "./input.ts";
import type { Screen } from "./screen.ts";

/** One command of the command line. A file in `commands/` and a line in `index.ts` make a command. */
export interface Command {
  readonly name: string;
  /** Other spellings; one of two words (`registry list`) becomes a command inside a command. */
  readonly aliases: readonly string[];
  readonly group: CommandGroup;
  /** One line for `weft --help`. */
  readonly summary: string;
  /** What `weft NAME --help` says below the usage line. */
  readonly description: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** Real command lines, each with what it does: help teaches by them. */
  readonly examples: readonly Example[];
  /** True when options that Weft does not know belong to the program that the command runs. */
  readonly passesOptions: boolean;
  /** Does the work and gives the exit code. Throws what went wrong: the door prints it. */
  run(input: Input, screen: Screen): Promise<number>;
}

/** Headings of `weft --help`, in their order. */
export const commandGroups = ["Run", "Look", "Make"] as const;
export type CommandGroup = (typeof commandGroups)[number];

export interface ArgumentSpec {
  /** As commander writes them: `<id>`, `[args...]`. */
  readonly name: string;
  readonly summary: string;
}

export interface OptionSpec {
  /** As commander writes them: `--kind <kind>`. */
  readonly flags: string;
  readonly summary: string;
  /** May be given more than once. */
  readonly isRepeatable?: boolean;
}

export interface Example {
  readonly line: string;
  readonly does: string;
}

/** Exit codes that every command keeps. A command that runs a program may give the program's own. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

/** A failure that the command line can help with better than the code's general advice. */
export class CommandError extends WeftError {
  readonly help: string;

  constructor(code: ErrorCode, message: string, help: string) {
    super(code, message);
    this.help = help;
  }
}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.name = "UsageError";
    this.help = help;
  }
}
