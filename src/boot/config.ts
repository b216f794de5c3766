import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { WeftError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import { logLevels } from "../core/log.ts";
import { limitsSchema, resolveLimits } from "../kinds/shared/limits.ts";
import type { InterpreterName } from "../engine/lua/state/interpreter.seam.ts";

/** Files with an app's configuration. Each marks a folder as an app's root, the most telling first. */
export const configFiles = ["weft.yaml", "wippy.lock", ".wippy.yaml"] as const;
/** Where an app's entries are looked for when nothing names the place. */
const sourceGuesses = ["registry", "src", "."];

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
  /** The file that keeps the registry's versions, absolute; undefined keeps them in memory. */
  readonly historyPath: string | undefined;
  readonly logLevel: (typeof logLevels)[number] | undefined;
}

const historySchema = z.looseObject({
  history_type: z
    .string()
    .optional()
    .describe("`memory` (the default), or `sqlite`: versions outlive the app. Others are kept in memory."),
  history_path: z
    .string()
    .optional()
    .describe("The file of a `sqlite` history, relative to the app's root; default: .weft/registry.db."),
});

/** `weft.yaml`, at an app's root. */
export const weftYamlSchema = z.strictObject({
  name: z.string().optional().describe("The app's name, for people."),
  src: z.string().optional().describe("Folder with the app's _index.yaml files, relative to the app's root."),
  compat: z
    .enum(["weft", "wippy"])
    .optional()
    .describe("`wippy` runs apps written for that format; see docs/compat.md."),
  isolates: z.int().min(0).max(256).optional().describe("Threads for guests; default: one a core."),
  limits: limitsSchema
    .optional()
    .describe("Bounds on every call of the app. An entry's own `limits` may only tighten them."),
  cache: z.string().optional().describe("Folder for compiled forms; default: .weft/cache under the app's root."),
  log: z
    .strictObject({ level: z.enum(logLevels).optional().describe("Least weight of log lines that are shown.") })
    .optional()
    .describe("Logging."),
  registry: historySchema.optional().describe("How the registry remembers its versions."),
  lua: z
    .strictObject({
      engine: z
        .enum(["patched", "fengari", "stock"])
        .optional()
        .describe(
          "Which interpreter runs Lua: `patched` (the default; also `fengari`), or `stock`, the untouched fengari, to " +
            "find out whether a fault is of our making. It has 32-bit integers and no limits: not for production.",
        ),
    })
    .optional()
    .describe("Lua."),
});

/** The sections of the other format's files that mean something here; all others are accepted and ignored. */
const wippyLockSchema = z.looseObject({ directories: z.looseObject({ src: z.string().optional() }).optional() });
const wippyYamlSchema = z.looseObject({
  logger: z.looseObject({ level: z.string().optional() }).optional(),
  registry: historySchema.optional(),
});

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

/**
 * Reads an app's configuration.
 * @throws WeftError `INVALID_ARGUMENT` when a file is malformed, naming the file and the field.
 */
export async function readConfig(directory: string): Promise<AppConfig> {
  if (!existsSync(directory)) throw new WeftError("FILE_NOT_FOUND", `there is no folder ${directory}`);
  const root = findRoot(directory);
  const weft = (await readYaml(join(root, "weft.yaml"), weftYamlSchema)) ?? {};
  const lock = await readYaml(join(root, "wippy.lock"), wippyLockSchema);
  const wippy = await readYaml(join(root, ".wippy.yaml"), wippyYamlSchema);
  const named = weft.src ?? lock?.directories?.src;
  const source = named === undefined ? guessSource(root) : resolve(root, named);
  if (!existsSync(source)) throw new WeftError("FILE_NOT_FOUND", `the app's source folder ${source} does not exist`);
  const compat = weft.compat ?? (lock === undefined && wippy === undefined ? "weft" : "wippy");
  return {
    root,
    source,
    compat,
    skippedFolders: compat === "wippy" ? readSkippedFolders(process.env) : new Set(),
    cacheDir: resolve(root, weft.cache ?? ".weft/cache"),
    isolates: weft.isolates,
    limits: resolveLimits(weft.limits),
    luaEngine: weft.lua?.engine === "stock" ? "stock" : "patched",
    historyPath: historyPath(root, weft.registry ?? wippy?.registry),
    logLevel: weft.log?.level ?? logLevels.find((level) => level === wippy?.logger?.level),
  };
}

function historyPath(root: string, history: z.infer<typeof historySchema> | undefined): string | undefined {
  if (history?.history_type !== "sqlite") return undefined;
  return resolve(root, history.history_path ?? ".weft/registry.db");
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

function guessSource(root: string): string {
  const guess = sourceGuesses.find((name) => existsSync(join(root, name))) ?? ".";
  return resolve(root, guess);
}

async function readYaml<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  if (!existsSync(file)) return undefined;
  let data: unknown;
  try {
    data = parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new WeftError("INVALID_ARGUMENT", `${file} is not valid YAML: ${String(cause)}`, { cause });
  }
  const checked = schema.safeParse(data ?? {});
  if (!checked.success) throw new WeftError("INVALID_ARGUMENT", `${file}: ${z.prettifyError(checked.error)}`);
  return checked.data;
}
