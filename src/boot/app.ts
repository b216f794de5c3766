import pLimit from "p-limit";
import { availableParallelism } from "node:os";
import { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import { silentLog, type Log } from "../core/log.ts";
import { kinds } from "../kinds/index.ts";
import { DiagnosticError, type Diagnostic } from "../registry/diagnostic.ts";
import type { PlaceTools } from "../registry/kind.ts";
import { loadRegistry } from "../registry/load.ts";
import type { LoadedEntry } from "../registry/loaded-entry.ts";
import type { Placement } from "../registry/placement.ts";
import type { LoadedRegistry } from "../registry/registry.ts";
import { readConfig, type AppConfig } from "./config.ts";

/** How to load an app. */
export interface LoadOptions {
  readonly log?: Log;
  /** False reads and checks the YAML only; programs are neither read nor compiled. */
  readonly compile?: boolean;
  /** Hears of each program that was prepared. */
  readonly progress?: (progress: LoadProgress) => void;
}

export interface LoadProgress {
  readonly done: number;
  readonly total: number;
  readonly id: EntryId;
}

/** An app that was read, checked and compiled, but does not run. */
export interface LoadedApp {
  readonly config: AppConfig;
  readonly registry: LoadedRegistry;
  /** Every problem of the app, in the order of its files. */
  readonly diagnostics: readonly Diagnostic[];
  readonly placements: ReadonlyMap<EntryId, Placement>;
  /** Parts of entries that others import from: callable, but no entries of their own. */
  readonly parts: readonly Placement[];
  /** Entries that cannot run, with what a caller is told. */
  readonly failures: ReadonlyMap<EntryId, WeftError>;
}

/**
 * Reads an app: configuration, entries, then every program in parallel. Problems of entries are collected, not thrown.
 * @throws WeftError when there is no app, or its configuration is malformed.
 */
export async function loadApp(directory: string, options: LoadOptions = {}): Promise<LoadedApp> {
  const log = options.log ?? silentLog;
  const config = await readConfig(directory);
  const { root, source, compat, skippedFolders } = config;
  const registry = await loadRegistry({ root, source, kinds, compat, skippedFolders, log });
  const tools: PlaceTools = {
    compat,
    cacheDir: config.cacheDir,
    log,
    limits: config.limits,
    provided: (id) => registry.get(id)?.checked?.provides,
    kindOf: (id) => registry.get(id)?.entry.kind,
  };
  const made = options.compile === false ? [] : await placeAll(registry, tools, options.progress);
  const { placed, parts } = linkAll(registry, made);
  const diagnostics = [...registry.diagnostics, ...placed.flatMap((result) => result.diagnostics)];
  return {
    config,
    registry,
    diagnostics: diagnostics.toSorted(byPlace),
    placements: new Map(
      placed.flatMap(({ placement }) => (placement === undefined ? [] : [[placement.id, placement]])),
    ),
    parts,
    failures: findFailures(registry, placed),
  };
}

interface PlaceResult {
  readonly id: EntryId;
  readonly placement: Placement | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

async function placeAll(
  registry: LoadedRegistry,
  tools: PlaceTools,
  progress: LoadOptions["progress"],
): Promise<readonly PlaceResult[]> {
  const limit = pLimit(availableParallelism());
  const programs = registry.entries.filter((loaded) => loaded.checked?.place !== undefined && loaded.state === "ok");
  let done = 0;
  return await Promise.all(
    programs.map((loaded) =>
      limit(async () => {
        const result = await placeOne(loaded, tools);
        done += 1;
        progress?.({ done, total: programs.length, id: loaded.entry.id });
        return result;
      }),
    ),
  );
}

async function placeOne(loaded: LoadedEntry, tools: PlaceTools): Promise<PlaceResult> {
  const { id } = loaded.entry;
  try {
    const placement = await loaded.checked?.place?.(tools);
    if (placement === undefined) return { id, placement, diagnostics: [] };
    const strangers = tools.compat === "wippy" ? "nil" : "fail";
    return { id, placement: { ...placement, strangers }, diagnostics: [] };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { id, placement: undefined, diagnostics: error.diagnostics };
  }
}

/** Ties programs to each other, those that others need first. */
function linkAll(
  registry: LoadedRegistry,
  placed: readonly PlaceResult[],
): { readonly placed: readonly PlaceResult[]; readonly parts: readonly Placement[] } {
  const placements = new Map(placed.flatMap(({ id, placement }) => (placement === undefined ? [] : [[id, placement]])));
  const parts = new Map<EntryId, Placement>();
  const linked = placed.map((result): PlaceResult => {
    const link = registry.get(result.id)?.checked?.link;
    if (result.placement === undefined || link === undefined) return result;
    try {
      const made = link(result.placement, { placement: (id) => placements.get(id) });
      placements.set(result.id, made.placement);
      for (const part of made.parts) parts.set(part.id, part);
      return { ...result, placement: made.placement };
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      placements.delete(result.id);
      return { ...result, placement: undefined, diagnostics: error.diagnostics };
    }
  });
  return { placed: linked, parts: [...parts.values()] };
}

/** What calls to broken entries are answered: their first problem, or the broken entry that they need. */
function findFailures(registry: LoadedRegistry, placed: readonly PlaceResult[]): Map<EntryId, WeftError> {
  const failures = new Map<EntryId, WeftError>();
  const fail = (id: EntryId, diagnostics: readonly Diagnostic[]): void => {
    const first = diagnostics.find((diagnostic) => diagnostic.severity === "error");
    if (first === undefined) return;
    const place = `${first.position.file}:${first.position.line}:${first.position.column}`;
    failures.set(
      id,
      new WeftError("ENTRY_FAILED", `${id} did not load: ${first.message} (${place})`, { details: { target: id } }),
    );
  };
  for (const { entry, state, diagnostics } of registry.entries) if (state === "error") fail(entry.id, diagnostics);
  for (const { id, diagnostics } of placed) fail(id, diagnostics);
  for (const { entry, checked } of registry.entries) {
    const broken = checked?.references.find((reference) => reference.required && failures.has(reference.id));
    if (broken === undefined || failures.has(entry.id)) continue;
    const message = `${entry.id} did not load: it needs ${broken.id}, which did not load`;
    failures.set(entry.id, new WeftError("ENTRY_FAILED", message, { details: { target: entry.id } }));
  }
  return failures;
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    a.position.file.localeCompare(b.position.file) ||
    a.position.line - b.position.line ||
    a.position.column - b.position.column
  );
}
