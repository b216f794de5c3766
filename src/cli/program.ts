import { Command as CommanderCommand, CommanderError, Option } from "commander";
import { commandGroups, exitCodes, UsageError, type Command } from "./contract.ts";
import { printFailure, toFailure } from "./failure.ts";
import { commands } from "./index.ts";
import { Input } from "./input.ts";
import { Screen } from "./screen.ts";
import { logFormats } from "../core/log.ts";
import { cliLogLevels } from "./log.ts";
import { translateFlags } from "./short-flags.ts";

/** Options that every command takes, written before or after its name. */
const commonOptions: readonly (readonly [flags: string, summary: string])[] = [
  ["--app <dir>", "the app's folder, or one below it (default: the working directory)"],
  ["--json", "print the result as JSON, and nothing else, to stdout"],
  ["--verbose", "log everything; for a bug, show its stack"],
  ["--log-level <level>", `least weight of log lines on stderr: ${cliLogLevels.join(", ")}`],
  ["--log-format <format>", `how log lines look: ${logFormats.join(", ")}`],
  ["--no-color", "no colours, as with NO_COLOR=1"],
];

const overview = `
Examples:
  $ weft init hello && cd hello       a new app, with a function and a test
  $ weft check                        every problem of the app, with its position
  $ weft call hello:add 6 7           call a function by its id
  $ weft test                         run the app's tests
  $ weft run                          start the app

weft COMMAND --help tells more, with examples.
Exit codes: 0 ok, 1 failure, 2 wrong usage.`;

/** Runs one command line and gives its exit code. Everything that goes wrong is printed here. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  if (argv.includes("--no-color")) {
    process.env["NO_COLOR"] = "1";
    delete process.env["FORCE_COLOR"];
  }
  let exitCode: number = exitCodes.ok;
  const program = createProgram(async (command, input) => {
    exitCode = await command.run(input, screenFor(input.flag("json"), input.flag("verbose")));
  });
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(translateFlags(argv), { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const words = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
    const failure = toFailure(error instanceof CommanderError ? toUsageError(error) : error);
    printFailure(failure, screenFor(words.includes("--json"), words.includes("--verbose")));
    return failure.exitCode;
  }
}

function screenFor(json: boolean, verbose: boolean): Screen {
  return new Screen({ json, verbose });
}

/** Commander's `error: unknown command 'lst'\n(Did you mean list?)` in our form. */
function toUsageError(error: CommanderError): UsageError {
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const hint = rest.join(" ").replaceAll(/[()]/g, "").trim();
  return new UsageError(
    first,
    hint === "" ? "`weft --help` lists the commands, `weft COMMAND --help` its options." : hint,
  );
}

/** The whole command line as commander knows it. */
function createProgram(run: (command: Command, input: Input) => Promise<void>): CommanderCommand {
  const program = new CommanderCommand("weft");
  program
    .summary("functions in many languages, called by id")
    .description("Weft runs a registry of functions in WebAssembly and Lua; any of them calls any other by id.")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .configureHelp({ showGlobalOptions: true })
    .addHelpCommand(helpCommand())
    .helpOption("-h, --help", "tell about the command")
    .addHelpText("after", overview);
  for (const [flags, summary] of commonOptions) program.option(flags, summary);
  for (const group of commandGroups) {
    program.commandsGroup(`${group}:`);
    for (const command of commands) if (command.group === group) addCommand(program, command, run);
  }
  return program;
}

function helpCommand(): CommanderCommand {
  return new CommanderCommand("help").argument("[command]").summary("tell about a command").helpGroup("Look:");
}

function addCommand(
  program: CommanderCommand,
  command: Command,
  run: (command: Command, input: Input) => Promise<void>,
): void {
  const fill = (target: CommanderCommand): CommanderCommand => {
    target.summary(command.summary).description(command.description);
    for (const { name, summary } of command.arguments) target.argument(name, summary);
    for (const { flags, summary, isRepeatable } of command.options) {
      const option = new Option(flags, summary);
      if (isRepeatable === true) option.argParser(collect);
      target.addOption(option);
    }
    target.allowUnknownOption(command.passesOptions).addHelpText("after", examplesText(command));
    return target.action(async () => run(command, new Input(target.args, target.optsWithGlobals())));
  };
  const main = fill(program.command(command.name));
  for (const alias of command.aliases) {
    const [outer = "", inner] = alias.split(" ");
    if (inner === undefined) main.alias(outer);
    else fill(outerCommand(program, outer).command(inner));
  }
}

/** The command that holds others, such as `registry` of `registry list`; hidden, since it only repeats them. */
function outerCommand(program: CommanderCommand, name: string): CommanderCommand {
  return program.commands.find((candidate) => candidate.name() === name) ?? program.command(name, { hidden: true });
}

function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

function examplesText({ examples }: Command): string {
  const width = Math.max(...examples.map(({ line }) => line.length));
  const lines = examples.map(({ line, does }) => `  $ ${line.padEnd(width)}  ${does}`);
  return lines.length === 0 ? "" : `\nExamples:\n${lines.join("\n")}`;
}
