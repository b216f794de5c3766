import { z } from "zod";
import { parseBytes } from "../core/bytes.ts";
import { logFormats, logLevels } from "../core/log.ts";
import { limitsSchema } from "../kinds/shared/limits.ts";

/** A section of the other format that means nothing here yet. */
const accepted = (what: string) => z.unknown().optional().describe(`${what} Accepted, without effect.`);

const duration = z.union([z.string(), z.number()]).describe("A time with its unit, such as 30s, or milliseconds.");

const registrySchema = z.looseObject({
  enable_history: z.boolean().optional().describe("False remembers only the version in force. Default: true."),
  history_type: z
    .string()
    .optional()
    .describe("`memory` (the default), `sqlite`: versions outlive the app, or `nil` as `enable_history: false`."),
  history_path: z
    .string()
    .optional()
    .describe("The file of a `sqlite` history, relative to the app's root; default: .weft/registry.db."),
  history_versions: z
    .int()
    .min(1)
    .optional()
    .describe("How many versions a `memory` history keeps; older ones are forgotten. Default: 1000."),
});

const logManagerSchema = z.looseObject({
  stream_to_events: z
    .boolean()
    .optional()
    .describe("Whether log lines are events too, of the system `logs`, with the level as their kind. Default: false."),
  min_level: z
    .union([z.enum(logLevels), z.int().min(-1).max(2)])
    .optional()
    .describe("Least weight of lines that become events: a level, or -1 (debug) to 2 (error). Default: info."),
});

const disableSchema = z.strictObject({
  namespaces: z
    .array(z.string())
    .optional()
    .describe("Namespaces: `*` is one part of them, `**` any number of parts, `(a|b)` either."),
  entries: z.array(z.string()).optional().describe("Ids, with the same wildcards."),
  meta: z.record(z.string(), z.unknown()).optional().describe("Entries whose meta has one of these values."),
});

/** Sections that `weft.yaml` and `.wippy.yaml` have in common. */
const common = {
  registry: registrySchema.optional().describe("How the registry remembers its versions."),
  override: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      "Values for fields of entries, by `namespace:entry:path`; the path starts in the entry's data, or is `kind` or `meta.…`.",
    ),
  disable: disableSchema.optional().describe("Entries that are left out."),
  shutdown: z
    .looseObject({ timeout: duration.optional().describe("How long a stopping app may take; default 30s.") })
    .optional()
    .describe("How the app stops."),
  security: z
    .looseObject({
      strict_mode: z.boolean().optional().describe("Whether what no policy speaks of is denied. Default: false."),
    })
    .optional()
    .describe("Rights of programs."),
  logmanager: logManagerSchema.optional().describe("Where log lines go besides."),
};

/** `weft.yaml`, at an app's root. */
export const weftYamlSchema = z.strictObject({
  name: z.string().optional().describe("The app's name, for people."),
  version: accepted("The version of the file's format."),
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
    .strictObject({
      level: z.enum(logLevels).optional().describe("Least weight of log lines that are shown."),
      format: z
        .enum(logFormats)
        .optional()
        .describe("How they look: `human` (the default), or `json`, one object a line."),
    })
    .optional()
    .describe("Logging."),
  lua: z
    .looseObject({
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
  memory_limit: z
    .string()
    .refine((text) => parseBytes(text) !== undefined, "expected a size such as 512MB or 2GiB")
    .optional()
    .describe(
      "Heap of JavaScript and Lua that all isolates may fill together, each of them its share; one that does is replaced, and " +
        "its calls fail as Unavailable. Memories of wasm are bounded by `limits`.",
    ),
  ...common,
  logger: accepted("Use `log`."),
  supervisor: accepted("Queues of the supervisor."),
  functions: accepted("Queues of functions."),
  metrics: accepted("Counting calls."),
  prometheus: accepted("A door for metrics."),
  otel: accepted("Sending traces."),
  relay: accepted("The node's name."),
  cluster: accepted("Other nodes."),
  profiler: accepted("A door for profiles."),
});

/** The sections of the other format's files that mean something here; all others are accepted and ignored. */
export const wippyYamlSchema = z.looseObject({
  logger: z.looseObject({ level: z.string().optional(), encoding: z.string().optional() }).optional(),
  ...common,
});

/** What `wippy.lock` says of folders. */
export const wippyLockSchema = z.looseObject({
  directories: z.looseObject({ src: z.string().optional(), modules: z.string().optional() }).nullish(),
  modules: z
    .array(z.looseObject({ name: z.string(), version: z.union([z.string(), z.number()]).optional() }))
    .nullish(),
  replacements: z.array(z.looseObject({ from: z.string(), to: z.string() })).nullish(),
});

/** `wippy.lock`, checked. */
export type LockFile = z.infer<typeof wippyLockSchema>;

export type CommonSettings = Pick<z.infer<typeof wippyYamlSchema>, keyof typeof common>;
