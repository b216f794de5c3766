import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { LoadedApp } from "../boot/app.ts";
import { logFormats, type Log, type LogFormat } from "../core/log.ts";
import { formatDiagnostic } from "../registry/render.ts";
import { CommandError, type Command } from "./contract.ts";
import { cliLogLevels, createLog, type CliLogLevel } from "./log.ts";
import type { Input } from "./input.ts";
import { openProfiler } from "./profiler.ts";
import type { Screen } from "./screen.ts";

/** Weft's own folder: two up from `src/cli` in a clone, from `dist/cli` when installed. Its `registry/` is the embedded app. */
export const packageRoot = resolve(import.meta.dirname, "..", "..");

/** Options of commands that open an app. */
export const settingOptions: Command["options"] = [
  { flags: "--config <file>", summary: "a file in place of the app's weft.yaml (of .wippy.yaml, if it has only that)" },
  { flags: "--set <section.path=value>", summary: "a setting, over what weft.yaml says", isRepeatable: true },
  {
    flags: "-o, --override <ns:entry:path=value>",
    summary: "a value for a field of an entry, over what its file says",
    isRepeatable: true,
  },
];

/** Options of commands that run programs of an app. */
export const runningOptions: Command["options"] = [
  {
    flags: "--memory-limit <size>",
    summary: "heap of all isolates together, such as 512MB; as --set memory_limit=SIZE",
  },
  { flags: "--profiler", summary: "open Node's inspector, for a profiler to attach to" },
];

/** How a command wants its app. */
export interface OpenOptions {
  /** False reads and checks the YAML only; no program is compiled. */
  readonly compile?: boolean;
  /** Without an app in the working directory, take the one that ships with Weft. */
  readonly orEmbedded?: boolean;
  /** The level when neither the command line nor the app asks for one. */
  readonly logLevel?: CliLogLevel;
  /** The app's own configuration may not raise the level: only the command line asks. */
  readonly isQuiet?: boolean;
}

export interface OpenedApp {
  readonly app: LoadedApp;
  readonly log: Log;
}

/** Finds, reads, checks and compiles the app that the command line means, with progress on a terminal. */
export async function openApp(input: Input, screen: Screen, options: OpenOptions = {}): Promise<OpenedApp> {
  const directory = await appDirectory(input, options.orEmbedded === true);
  await openProfiler(input, screen);
  const [{ loadApp }, { readConfig }] = await Promise.all([import("../boot/app.ts"), import("../boot/config.ts")]);
  const config = input.text("config");
  const settings = {
    set: [...input.list("set"), ...memorySetting(input)],
    override: input.list("override"),
    ...(config !== undefined && { config }),
  };
  const configured = await readConfig(directory, settings);
  const level = (options.isQuiet === true ? undefined : configured.logLevel) ?? options.logLevel ?? "warn";
  const log = await openLog(input, screen, { level, ...(configured.logFormat && { format: configured.logFormat }) });
  using progress = screen.progress();
  const app = await loadApp(directory, {
    log,
    settings,
    compile: options.compile ?? true,
    progress: ({ done, total, id }) => progress.show(`compiling ${done}/${total} ${id}`),
  });
  return { app, log };
}

function memorySetting(input: Input): readonly string[] {
  const size = input.text("memoryLimit");
  return size === undefined ? [] : [`memory_limit=${JSON.stringify(size)}`];
}

/** The folder of the app: `--app`, the working directory, or (for `run`) the embedded one. */
export async function appDirectory(input: Input, orEmbedded: boolean): Promise<string> {
  const named = input.text("app");
  if (named !== undefined) return resolve(named);
  const here = process.cwd();
  const { isApp } = await import("../boot/config.ts");
  if (isApp(here) || ["_index.yaml", "src/_index.yaml"].some((file) => existsSync(join(here, file)))) return here;
  if (orEmbedded) return packageRoot;
  throw new CommandError(
    "FILE_NOT_FOUND",
    `there is no app in ${here}: it has no weft.yaml and no registry/_index.yaml`,
    "Name an app with --app DIR, or make one here with `weft init`.",
  );
}

/** The log that the command line asks for; `fallback` is what it is where it says nothing. */
export async function openLog(
  input: Input,
  screen: Screen,
  fallback: { readonly level: CliLogLevel; readonly format?: LogFormat },
): Promise<Log> {
  const level = input.choice("logLevel", cliLogLevels) ?? (screen.verbose ? "debug" : fallback.level);
  return await createLog({
    level,
    format: input.choice("logFormat", logFormats) ?? fallback.format ?? "human",
    write: (line) => screen.talk(line.replace(/\n$/, "")),
    paint: (style, text) => screen.paintTalk(style, text),
  });
}

/** Tells of the entries of an app that cannot run; the others do. */
export function talkOfProblems({ config, diagnostics }: LoadedApp, screen: Screen): void {
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity === "error")
      screen.talk(`${formatDiagnostic(diagnostic, { root: config.root, color: screen.talkHasColor })}\n`);
  }
}

/** Says in one line that there are such entries, where all of them would be too much. */
export function mentionProblems({ failures }: LoadedApp, input: Input, screen: Screen): void {
  if (failures.size === 0 || input.text("logLevel") === "silent") return;
  const cannot =
    failures.size === 1 ? "one entry of the app has an error" : `${failures.size} entries of the app have errors`;
  screen.talk(`${screen.paintTalk("yellow", "warning")}: ${cannot}: \`weft check\` shows every one`);
}
