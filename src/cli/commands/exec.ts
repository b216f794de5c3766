import { silentLog } from "../../core/log.ts";
import type { Value } from "../../core/values.ts";
import type { Placement } from "../../registry/placement.ts";
import { CommandError, exitCodes, UsageError, type Command } from "../contract.ts";
import { callableExports, commandExport, describeBinary, type BinaryDescription } from "../describe-binary.ts";
import { guestExitCode, splitResult } from "../outcome.ts";
import { parseEnv, parseMounts, prepareFile } from "../exec-program.ts";
import type { Input } from "../input.ts";
import { openLog } from "../open-app.ts";
import { commandArguments } from "../program-words.ts";
import { readingOf, readProgram } from "../read-program.ts";
import type { Screen } from "../screen.ts";
import { StopSignals } from "../signals.ts";
import { printResult } from "./call.ts";

export const exec: Command = {
  name: "exec",
  aliases: [],
  group: "Run",
  summary: "run a .wasm or .wat file: a WASI command, or one export of it",
  description:
    "Runs a bare core module or component, without an app. A WASI command reads the words as its arguments; with --invoke they are the " +
    "arguments of an export, and its result is printed. The program sees the folders and variables that are named here, and nothing else; " +
    "stdin, stdout and stderr are its own, and so is the exit code.\n" +
    "Options that Weft does not know are the program's; after --, all are.",
  arguments: [
    { name: "<file>", summary: "a core module or component, .wasm or .wat" },
    { name: "[args...]", summary: "words for the program" },
  ],
  options: [
    { flags: "--invoke <export>", summary: "call this export instead of running the command" },
    {
      flags: "--wit <text>",
      summary: "WIT signature of the export, for core modules: 'f: func(name: string) -> string;'",
    },
    {
      flags: "--dir <host::guest>",
      summary: "show a folder to the program; ::ro at the end makes it read-only",
      isRepeatable: true,
    },
    { flags: "--env <name=value>", summary: "set a variable for the program", isRepeatable: true },
    { flags: "--timeout <time>", summary: "stop it after this long: 500 (milliseconds), 2s, 1m" },
  ],
  examples: [
    { line: "weft exec tool.wasm --dir .::/work::ro -- --verbose in.txt", does: "a command that may read this folder" },
    { line: "weft exec math.wat --invoke add 6 7", does: "one export, with arguments" },
    { line: "weft exec tool.wasm --env LANG=en --timeout 5s", does: "with a variable, at most five seconds" },
  ],
  passesOptions: true,
  async run(input, screen) {
    const [file = "", ...words] = input.words;
    if (file.startsWith("-")) throw new UsageError(`weft exec has no option ${file}`, "`weft exec --help` lists them.");
    const bytes = await readProgram(file);
    const description = await readingOf(file, () => describeBinary(bytes));
    const invoked = input.text("invoke");
    const method = invoked ?? commandExport(description) ?? noCommand(file, description);
    const placement = await prepareFile(bytes, {
      file,
      method,
      wit: input.text("wit"),
      args: words,
      env: parseEnv(input.list("env")),
      mounts: await parseMounts(input.list("dir")),
      timeoutMs: input.milliseconds("timeout"),
    });
    const args = invoked === undefined ? [] : commandArguments(placement, words);
    return await runProgram(placement, args, { input, screen, isCommand: invoked === undefined });
  },
};

async function runProgram(
  placement: Placement,
  args: readonly Value[],
  { input, screen, isCommand }: { readonly input: Input; readonly screen: Screen; readonly isCommand: boolean },
): Promise<number> {
  const { runAlone } = await import("../../boot/alone.ts");
  const log =
    screen.verbose || input.text("logLevel") !== undefined
      ? await openLog(input, screen, { level: "warn" })
      : silentLog;
  using signals = new StopSignals();
  try {
    const value = await runAlone(placement, args, { log, signal: signals.signal });
    if (!isCommand) return printResult(value, placement.signature, screen);
    const failed = placement.signature?.result?.kind === "result" && splitResult(value).err !== undefined;
    return failed ? exitCodes.failure : exitCodes.ok;
  } catch (error) {
    const code = signals.exitCode ?? guestExitCode(error);
    if (code === undefined) throw error;
    return code;
  }
}

function noCommand(file: string, description: BinaryDescription): never {
  const names = callableExports(description).map((item) => item.name);
  const help = names.length === 0 ? "It exports no function." : `Choose an export with --invoke: ${names.join(", ")}.`;
  throw new CommandError(
    "METHOD_NOT_FOUND",
    `${file} is no WASI command: it exports neither _start nor wasi:cli/run`,
    help,
  );
}
