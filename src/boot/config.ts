import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize, resolve } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import { parseBytes } from "../core/bytes.ts";
import { parseDurationMs } from "../core/durations.ts";
import { WeftError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import { logLevels, type LogFormat, type LogLevel } from "../core/log.ts";
import { toValue } from "../core/values.ts";
import type { InterpreterName } from "../engine/lua/state/interpreter.seam.ts";
import { resolveLimits } from "../kinds/shared/limits.ts";
import type { ModuleFolder } from "../registry/load.ts";
import { withValue } from "../registry/with-value.ts";
import { parseOverride, parseScalar, readOverride, type DisableRules, type Override } from "./adjust.ts";
import { configError } from "./config-problems.ts";
import { guessSource, moduleFolders } from "./modules.ts";
import { weftYamlSchema, wippyLockSchema, wippyYamlSchema, type CommonSettings } from "./settings.ts";

/** Files with an app's configuration. Each marks a folder as an app's root, the most telling first. */
export const configFiles = ["weft.yaml", "wippy.lock", ".wippy.yaml"] as const;

/** What holds for a whole app. */
export interface AppConfig {
  /** The app's folder, absolute. */
  readonly root: string;
  /** The folder with its `_index.yaml` files, absolute. */
  readonly source: string;
  readonly compat: "weft" | "wippy";
  /** Folders below the source that are not loaded: names, or paths from there. */
  readonly skippedFolders: ReadonlySet<string>;
  /** Folder for compiled forms. */
  readonly cacheDir: string;
  readonly isolates: number | undefined;
  /** Bounds on every call of the app; entries may only tighten them. */
  readonly limits: Limits;
  readonly luaEngine: InterpreterName;
  /** Modules that stand in for those that the app depends on. */
  readonly modules: readonly ModuleFolder[];
  readonly overrides: readonly Override[];
  readonly disable: DisableRules;
  readonly history: HistorySettings;
  /** How long a stopping app may take, in milliseconds. */
  readonly shutdownMs: number;
  /** Whether what no policy speaks of is denied. */
  readonly strictSecurity: boolean;
  readonly logLevel: LogLevel | undefined;
  readonly logFormat: LogFormat | undefined;
  /** Least weight of log lines that become events; undefined where none do. */
  readonly logEvents: LogLevel | undefined;
  /** Heap of all isolates together. */
  readonly memoryLimitBytes: number | undefined;
}

/** The app's root at or above a folder, or the folder itself when it has entries or nothing marks one. */
export function findRoot(directory: string): string {
  if (existsSync(join(directory, "registry", "_index.yaml"))) return resolve(directory);
  for (let candidate = resolve(directory); ; candidate = dirname(candidate)) {
    if (configFiles.some((mark) => existsSync(join(candidate, mark)))) return candidate;
    if (dirname(candidate) === candidate) return resolve(directory);
  }
}

/** True when a folder looks like an app: it has a mark, or a folder with entries. */
export function isApp(directory: string): boolean {
  const root = findRoot(directory);
  return configFiles.some((mark) => existsSync(join(root, mark))) || existsSync(join(root, "registry", "_index.yaml"));
}

/** What the command line says beside the files. */
export interface Settings {
  /** `section.path=value`, over what the files say. */
  readonly set?: readonly string[];
  /** `namespace:entry:path=value`, over what the files say. */
  readonly override?: readonly string[];
  /** A file in place of the app's own `weft.yaml`; in an app of the other format, which has none, of `.wippy.yaml`. */
  readonly config?: string;
}

/** Where versions of the registry are kept. */
export type HistorySettings =
  | { readonly type: "memory"; readonly versions: number }
  /** `path` is absolute. */
  | { readonly type: "sqlite"; readonly path: string };

/**
 * Reads an app's configuration.
 * @throws WeftError `CONFIG_INVALID` when a file is malformed, naming the file and the field.
 */
export async function readConfig(directory: string, settings: Settings = {}): Promise<AppConfig> {
  if (!existsSync(directory)) throw new WeftError("FILE_NOT_FOUND", `there is no folder ${directory}`);
  const root = findRoot(directory);
  const sets = (settings.set ?? []).map(parseSetting);
  const files = filesOf(root, settings.config);
  const weft = (await readYaml(files.weft, weftYamlSchema, sets)) ?? {};
  const lock = await readYaml(join(root, "wippy.lock"), wippyLockSchema);
  const wippy = await readYaml(files.wippy, wippyYamlSchema);
  const named = weft.src ?? lock?.directories?.src;
  const source = named === undefined ? guessSource(root) : resolve(root, named);
  if (!existsSync(source)) throw new WeftError("FILE_NOT_FOUND", `the app's source folder ${source} does not exist`);
  const compat = weft.compat ?? (lock === undefined && wippy === undefined ? "weft" : "wippy");
  const overrides = Object.entries({ ...wippy?.override, ...weft.override });
  return {
    root,
    source,
    compat,
    skippedFolders: compat === "wippy" ? readSkippedFolders(process.env) : new Set(),
    cacheDir: resolve(root, weft.cache ?? ".weft/cache"),
    isolates: weft.isolates,
    limits: resolveLimits(weft.limits),
    luaEngine: weft.lua?.engine === "stock" ? "stock" : "patched",
    modules: moduleFolders(root, lock),
    overrides: [
      ...overrides.map(([key, value]) => readOverride(key, value)),
      ...(settings.override ?? []).map(parseOverride),
    ],
    disable: disableRules([wippy?.disable, weft.disable]),
    history: historySettings(root, { ...wippy?.registry, ...weft.registry }),
    shutdownMs: milliseconds(weft.shutdown?.timeout ?? wippy?.shutdown?.timeout) ?? defaultShutdownMs,
    strictSecurity: weft.security?.strict_mode ?? wippy?.security?.strict_mode ?? false,
    logLevel: weft.log?.level ?? logLevels.find((level) => level === wippy?.logger?.level),
    logFormat: weft.log?.format ?? (wippy?.logger?.encoding === "json" ? "json" : undefined),
    logEvents: logEvents({ ...wippy?.logmanager, ...weft.logmanager }),
    memoryLimitBytes: weft.memory_limit === undefined ? undefined : parseBytes(weft.memory_limit),
  };
}

/** The configuration's files, one of which may stand in for the app's own. @throws WeftError `FILE_NOT_FOUND`. */
function filesOf(root: string, config: string | undefined): { readonly weft: string; readonly wippy: string } {
  const own = { weft: join(root, "weft.yaml"), wippy: join(root, ".wippy.yaml") };
  if (config === undefined) return own;
  const file = resolve(config);
  if (!existsSync(file)) throw new WeftError("FILE_NOT_FOUND", `there is no configuration file ${file}`);
  const isOther = !existsSync(own.weft) && (existsSync(own.wippy) || existsSync(join(root, "wippy.lock")));
  return isOther ? { ...own, wippy: file } : { ...own, weft: file };
}

/** A guest's own clean-up may take this long, and no longer, unless the app says otherwise. */
const defaultShutdownMs = 30_000;

function milliseconds(time: string | number | undefined): number | undefined {
  return typeof time === "string" ? parseDurationMs(time) : time;
}

function logEvents({ stream_to_events: isOn, min_level: least = "info" }: NonNullable<CommonSettings["logmanager"]>) {
  if (isOn !== true) return undefined;
  return typeof least === "number" ? logLevels[least + 1] : least;
}

/** Each version holds the entries that it changed, sources included. */
const defaultVersions = 1_000;

function historySettings(root: string, registry: CommonSettings["registry"] = {}): HistorySettings {
  const { enable_history: isOn = true, history_type: type = "memory", history_path: path } = registry;
  // Without a history there is the version in force.
  if (!isOn || type === "nil") return { type: "memory", versions: 1 };
  if (type === "sqlite") return { type, path: resolve(root, path ?? ".weft/registry.db") };
  return { type: "memory", versions: registry.history_versions ?? defaultVersions };
}

function disableRules(sections: readonly CommonSettings["disable"][]): DisableRules {
  return {
    namespaces: sections.flatMap((section) => section?.namespaces ?? []),
    entries: sections.flatMap((section) => section?.entries ?? []),
    meta: Object.fromEntries(
      sections.flatMap((section) =>
        Object.entries(section?.meta ?? {}).map(([key, value]) => [key, toValue(value, `disable.meta.${key}`)]),
      ),
    ),
  };
}

/** One setting of the command line: where it goes, and what. */
interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly text: string;
}

/** Reads `section.path=value`. @throws WeftError `CONFIG_INVALID`. */
function parseSetting(text: string): Setting {
  const at = text.indexOf("=");
  const path = text.slice(0, Math.max(at, 0)).split(".");
  if (at < 0 || path.includes("")) {
    throw new WeftError("CONFIG_INVALID", `"${text}" is no setting: write section.path=value`);
  }
  return { path, value: parseScalar(text.slice(at + 1)), text };
}

/** What a file says, with settings over it. */
function withSettings(data: unknown, settings: readonly Setting[]): unknown {
  return settings.reduce(
    (holder, { path, value }) => withValue(toValue(holder, "settings"), path, toValue(value, path.join("."))),
    data,
  );
}

/** Switches of the other format's environment, each with the folder of tests it leaves out. */
const skipSwitches = {
  SKIP_TEMPORAL_TESTS: "temporal",
  SKIP_CLOUDSTORAGE_TESTS: "cloudstorage",
  SKIP_SQS_TESTS: "sqs",
  SKIP_NETWORK_TESTS: "network",
} as const;

/** Folders that the environment leaves out: one for each switch that is set, and those that `SKIP_TEST_DIRS` lists. */
function readSkippedFolders(env: NodeJS.ProcessEnv): ReadonlySet<string> {
  const switched = Object.entries(skipSwitches).flatMap(([name, folder]) =>
    ["", "0", "false"].includes((env[name] ?? "").toLowerCase()) ? [] : [folder],
  );
  const listed = (env["SKIP_TEST_DIRS"] ?? "")
    .split(",")
    .map((folder) => folder.trim())
    .filter((folder) => folder !== "");
  return new Set([...switched, ...listed.map((folder) => normalize(`${folder}/.`))]);
}

async function readYaml<T>(
  file: string,
  schema: z.ZodType<T>,
  settings: readonly Setting[] = [],
): Promise<T | undefined> {
  if (!existsSync(file) && settings.length === 0) return undefined;
  let data: unknown;
  try {
    data = existsSync(file) ? parse(await readFile(file, "utf8")) : {};
  } catch (cause) {
    throw new WeftError("CONFIG_INVALID", `${file} is not valid YAML: ${String(cause)}`, { cause });
  }
  const checked = schema.safeParse(withSettings(data ?? {}, settings));
  if (checked.success) return checked.data;
  throw configError(checked.error, { file, schema, settings });
}
