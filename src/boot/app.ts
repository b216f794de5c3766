import type { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import { silentLog, type Log } from "../core/log.ts";
import { kinds } from "../kinds/index.ts";
import { meetRequirements } from "../kinds/shared/requirements.ts";
import { EntryChecker, type ReadRegistry } from "../registry/check-entries.ts";
import type { Diagnostic } from "../registry/diagnostic.ts";
import type { PlaceTools } from "../registry/kind.ts";
import { readRegistry } from "../registry/load.ts";
import type { Placement } from "../registry/placement.ts";
import type { LoadedRegistry } from "../registry/registry.ts";
import { adjustEntries } from "./adjust.ts";
import { readConfig, type AppConfig, type Settings } from "./config.ts";
import { findFailures, linkPrograms, placePrograms, type LoadProgress, type Programs } from "./prepare.ts";

/** How to load an app. */
export interface LoadOptions {
  readonly log?: Log;
  /** What the command line says beside the app's own configuration. */
  readonly settings?: Settings;
  /** False reads and checks the YAML only; programs are neither read nor compiled. */
  readonly compile?: boolean;
  /** Hears of each program that was prepared. */
  readonly progress?: (progress: LoadProgress) => void;
}

/** An app that was read, checked and compiled, but does not run. */
export interface LoadedApp {
  readonly config: AppConfig;
  readonly registry: LoadedRegistry;
  /** The entries as they were read, and what checks them: a change of some is checked with the rest. */
  readonly read: ReadRegistry;
  readonly checker: EntryChecker;
  /** What became of each program by itself. */
  readonly programs: Programs;
  /** Every problem of the app, in the order of its files. */
  readonly diagnostics: readonly Diagnostic[];
  readonly placements: ReadonlyMap<EntryId, Placement>;
  /** Parts of entries that others import from: callable, but no entries of their own. */
  readonly parts: ReadonlyMap<EntryId, Placement>;
  /** Entries that cannot run, with what a caller is told. */
  readonly failures: ReadonlyMap<EntryId, WeftError>;
}

/**
 * Reads an app: configuration, entries, then every program in parallel. Problems of entries are collected, not thrown.
 * @throws WeftError when there is no app, or its configuration is malformed.
 */
export async function loadApp(directory: string, options: LoadOptions = {}): Promise<LoadedApp> {
  const log = options.log ?? silentLog;
  const config = await readConfig(directory, options.settings);
  const checker = new EntryChecker(kinds, { compat: config.compat });
  const read = await readApp(config, log);
  const registry = checker.check(read);
  const tools = placeTools(config, registry, log);
  const programs =
    options.compile === false ? new Map() : await placePrograms(registry, tools, { progress: options.progress });
  return composeApp({ config, checker, read, registry, programs });
}

/** Reads the entries of an app's files. */
export async function readApp(config: AppConfig, log: Log): Promise<ReadRegistry> {
  const { root, source, compat, skippedFolders, modules } = config;
  const read = await readRegistry({ root, source, compat, skippedFolders, modules, log });
  return meetRequirements(adjustEntries(read, config), modules);
}

/** What kinds may use to prepare the programs of a registry. */
export function placeTools(config: AppConfig, registry: LoadedRegistry, log: Log): PlaceTools {
  return {
    compat: config.compat,
    cacheDir: config.cacheDir,
    log,
    limits: config.limits,
    provided: (id) => registry.get(id)?.checked?.provides,
    kindOf: (id) => registry.get(id)?.entry.kind,
  };
}

/** An app before it, and the entries that are not what they were in it. */
export interface Earlier {
  readonly app: LoadedApp;
  readonly affected: ReadonlySet<EntryId>;
}

/** Puts an app together. What is the same as in an earlier one keeps its placement. */
export function composeApp(
  parts: Pick<LoadedApp, "config" | "checker" | "read" | "registry" | "programs">,
  earlier?: Earlier,
): LoadedApp {
  const { registry, programs } = parts;
  const linked = linkPrograms(registry, programs);
  return {
    ...parts,
    diagnostics: [...registry.diagnostics, ...linked.diagnostics].toSorted(byPlace),
    placements: keepUnaffected(linked.placements, earlier?.app.placements, earlier?.affected),
    parts: keepUnaffected(linked.parts, earlier?.app.parts, earlier?.affected),
    failures: findFailures(registry, linked),
  };
}

function keepUnaffected(
  made: ReadonlyMap<EntryId, Placement>,
  before: ReadonlyMap<EntryId, Placement> = new Map(),
  affected: ReadonlySet<EntryId> = new Set(),
): ReadonlyMap<EntryId, Placement> {
  return new Map(
    [...made].map(([id, placement]) => [id, (affected.has(ownerOf(id)) ? undefined : before.get(id)) ?? placement]),
  );
}

/** The entry that a part belongs to: `namespace:name` of `namespace:name#function`. */
export function ownerOf(id: EntryId): EntryId {
  return id.split("#", 1)[0] ?? id;
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    a.position.file.localeCompare(b.position.file) ||
    a.position.line - b.position.line ||
    a.position.column - b.position.column
  );
}
