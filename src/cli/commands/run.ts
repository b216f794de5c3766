import type { LoadedApp } from "../../boot/app.ts";
import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import { silentLog } from "../../core/log.ts";
import { nearestNames } from "../../core/nearest.ts";
import { columns, counted } from "../columns.ts";
import { commandEntries, findCommand, hidesLogs, terminalHost } from "../command-entries.ts";
import { CommandError, exitCodes, UsageError, type Command } from "../contract.ts";
import type { Input } from "../input.ts";
import {
  mentionProblems,
  openApp,
  type OpenedApp,
  runningOptions,
  settingOptions,
  talkOfProblems,
} from "../open-app.ts";
import { guestExitCode, outcomeOf, readerGone } from "../outcome.ts";
import { commandArguments, withWords } from "../program-words.ts";
import type { Screen } from "../screen.ts";
import { StopSignals } from "../signals.ts";
import { watchAndTell } from "../watch.ts";

export const run: Command = {
  name: "run",
  aliases: [],
  group: "Run",
  summary: "start the app, or run one of its commands",
  description:
    "Without a name: runs the entry with `meta.command.main: true`, or, where there is none, starts the app until Ctrl-C. Without an " +
    "app in the working directory, runs the one that ships with Weft.\n" +
    "With a name: runs the process with that `meta.command.name` on the app's terminal.host; its exit code is Weft's.\n" +
    "Options that Weft does not know are the command's own; after --, all are.",
  arguments: [
    { name: "[name]", summary: "a command of the app, or `list`" },
    { name: "[args...]", summary: "words for the command, read by its WIT types when it has any" },
  ],
  options: [
    { flags: "-x, --exec <id>", summary: "run this entry instead of a named command" },
    { flags: "--host <id>", summary: "the terminal.host to run on (default: the app's only one)" },
    { flags: "--isolates <n>", summary: "threads for guests (default: the app's, else one a core)" },
    { flags: "--watch", summary: "reload what changes in the app's files while it runs" },
    { flags: "--strict", summary: "do not start while any entry has an error" },
    ...settingOptions,
    ...runningOptions,
  ],
  examples: [
    { line: "weft run", does: "the app, or its main command" },
    { line: "weft run --watch", does: "the app; edits of its files take effect at once" },
    { line: "weft run list", does: "the app's commands" },
    { line: "weft run greet Ada --loud", does: "a command, with words and an option of its own" },
    { line: "weft run greet -- --json", does: "after --, every option is the command's" },
    { line: "weft run -x app:worker 10", does: "a process by its id" },
  ],
  passesOptions: true,
  async run(input, screen) {
    const id = input.text("exec");
    const [name, ...rest] = input.words;
    if (id !== undefined) return await runEntry(input, screen, { find: () => id, words: input.words });
    if (name === "list" && rest.length === 0) return await listCommands(input, screen);
    if (name?.startsWith("-") === true)
      throw new UsageError(`weft run has no option ${name}`, "`weft run --help` lists them.");
    if (name !== undefined)
      return await runEntry(input, screen, { find: (app) => findCommand(app, name).id, words: rest });
    return await runApp(input, screen);
  },
};

async function listCommands(input: Input, screen: Screen): Promise<number> {
  const { app } = await openApp(input, screen, { compile: false, orEmbedded: true });
  const commands = commandEntries(app);
  const data = commands.map(({ name, id, short, useCase, isMain }) => ({
    name,
    id,
    short,
    use_case: useCase,
    main: isMain,
  }));
  screen.result({ commands: data }, () =>
    commands.length === 0
      ? "the app has no commands: give a process `meta: { command: { name: … } }`"
      : columns(
          commands.map(({ name, id, short, useCase }) => [
            screen.paint("bold", name),
            [short, useCase].filter((text) => text !== "").join("; "),
            screen.paint("dim", id),
          ]),
        ),
  );
  return exitCodes.ok;
}

interface EntryRun {
  readonly find: (app: LoadedApp) => EntryId;
  readonly words: readonly string[];
}

/** A command: quiet, on the terminal. */
async function runEntry(input: Input, screen: Screen, { find, words }: EntryRun): Promise<number> {
  const opened = await openApp(input, screen, { orEmbedded: true, isQuiet: true, logLevel: "silent" });
  const id = find(opened.app);
  mentionProblems(opened.app, input, screen);
  return await runOnTerminal(opened, input, screen, { id, words });
}

async function runApp(input: Input, screen: Screen): Promise<number> {
  const opened = await openApp(input, screen, { orEmbedded: true, logLevel: "info" });
  const { app } = opened;
  talkOfProblems(app, screen);
  const errors = app.diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
  if (input.flag("strict") && errors > 0) {
    throw new WeftError("ENTRY_FAILED", `the app has ${counted(errors, "error")}, and --strict was given`);
  }
  const main = commandEntries(app).find((command) => command.isMain);
  const isQuiet = input.text("logLevel") === undefined && !screen.verbose;
  const quiet = isQuiet ? { app, log: silentLog } : opened;
  if (main !== undefined) return await runOnTerminal(quiet, input, screen, { id: main.id, words: [] });
  return await serve(opened, input, screen);
}

/** Starts everything and waits for a signal. */
async function serve({ app, log }: OpenedApp, input: Input, screen: Screen): Promise<number> {
  using signals = new StopSignals();
  const { startApp } = await import("../../boot/runtime.ts");
  const isolates = input.count("isolates", 0);
  const onExit = (code: number): void => signals.exit(code);
  const runtime = await startApp(app, { log, onExit, ...(isolates === undefined ? {} : { isolates }) });
  const roles = [...app.placements.values()].map((placement) => placement.role);
  const functions = roles.filter((role) => role === "function").length;
  const processes = roles.filter((role) => role === "process").length;
  const failed = app.failures.size;
  const broken = failed === 0 ? "" : `, ${counted(failed, "entry", "entries")} failed`;
  const what = `${counted(functions, "function")}, ${counted(processes, "process", "processes")}${broken}`;
  {
    await using _watch = input.flag("watch") ? await watchAndTell(runtime, screen) : undefined;
    screen.talk(`${screen.paintTalk("bold", app.config.root)} runs: ${what}. Ctrl-C stops it.`);
    await signals.wait();
  }
  screen.talk("stopping");
  setTimeout(() => process.exit(exitCodes.failure), app.config.shutdownMs).unref();
  await runtime[Symbol.asyncDispose]();
  return signals.wished ?? exitCodes.ok;
}

/** Runs one entry to its end with the real stdin, stdout and stderr; its result gives the exit code. */
async function runOnTerminal(
  { app, log }: OpenedApp,
  input: Input,
  screen: Screen,
  { id, words }: { readonly id: EntryId; readonly words: readonly string[] },
): Promise<number> {
  const placement = app.placements.get(id);
  if (placement === undefined || app.failures.has(id)) throw app.failures.get(id) ?? unknownEntry(app, id);
  const args = commandArguments(placement, words);
  const host = placement.role === "process" ? terminalHost(app, id, input.text("host")) : undefined;
  const { startApp } = await import("../../boot/runtime.ts");
  const isolates = input.count("isolates", 1);
  using signals = new StopSignals();
  await using runtime = await startApp(withWords(app, placement, words), {
    onExit: (code) => signals.exit(code),
    log: hidesLogs(app, host) ? silentLog : log,
    ...(isolates === undefined ? {} : { isolates }),
  });
  await using _watch = input.flag("watch") ? await watchAndTell(runtime, screen) : undefined;
  const { signal } = signals;
  try {
    const value =
      host === undefined ? await runtime.callWith(id, args, { signal }) : await runtime.exec(id, host, args, signal);
    const { exitCode, stdout, stderr } = outcomeOf(value, placement.signature);
    if (stdout !== undefined) process.stdout.write(`${stdout}\n`);
    if (stderr !== undefined) screen.talk(stderr);
    return signals.wished ?? exitCode;
  } catch (error) {
    const code = signals.wished ?? signals.exitCode ?? guestExitCode(error) ?? readerGone(error);
    if (code === undefined) throw error;
    return code;
  }
}

function unknownEntry(app: LoadedApp, id: EntryId): WeftError {
  const loaded = app.registry.get(id);
  if (loaded !== undefined) return new WeftError("NOT_CALLABLE", `${id} is a ${loaded.entry.kind}, which does not run`);
  const near = nearestNames(id, app.placements.keys());
  const help = near.length === 0 ? "`weft list` shows the entries." : `Did you mean ${near.join(" or ")}?`;
  return new CommandError("ENTRY_NOT_FOUND", `there is no entry ${id}`, help);
}
