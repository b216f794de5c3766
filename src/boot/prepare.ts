import pLimit from "p-limit";
import { availableParallelism } from "node:os";
import { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import { DiagnosticError, type Diagnostic } from "../registry/diagnostic.ts";
import type { PlaceTools } from "../registry/kind.ts";
import type { LoadedEntry } from "../registry/loaded-entry.ts";
import type { Placement } from "../registry/placement.ts";
import type { LoadedRegistry } from "../registry/registry.ts";

/** How far compiling has come. */
export interface LoadProgress {
  readonly done: number;
  readonly total: number;
  readonly id: EntryId;
}

/** What became of an entry's program before it was tied to others. */
export interface PlaceResult {
  readonly id: EntryId;
  readonly placement: Placement | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Files that it was read from, apart from those of the registry. */
  readonly files: readonly string[];
}

/** Programs by entry. */
export type Programs = ReadonlyMap<EntryId, PlaceResult>;

/** Prepares programs in parallel: all of the registry's, or only some. */
export async function placePrograms(
  registry: LoadedRegistry,
  tools: PlaceTools,
  options: { readonly only?: ReadonlySet<EntryId>; readonly progress?: ((progress: LoadProgress) => void) | undefined },
): Promise<Programs> {
  const { only, progress } = options;
  const limit = pLimit(availableParallelism());
  const programs = registry.entries.filter(
    ({ entry, checked, state }) =>
      checked?.place !== undefined && state === "ok" && (only === undefined || only.has(entry.id)),
  );
  let done = 0;
  const results = await Promise.all(
    programs.map((loaded) =>
      limit(async () => {
        const result = await placeOne(loaded, tools);
        done += 1;
        progress?.({ done, total: programs.length, id: loaded.entry.id });
        return result;
      }),
    ),
  );
  return new Map(results.map((result) => [result.id, result]));
}

async function placeOne(loaded: LoadedEntry, tools: PlaceTools): Promise<PlaceResult> {
  const { id } = loaded.entry;
  const files: string[] = [];
  const diagnostics: Diagnostic[] = [];
  try {
    const placement = await loaded.checked?.place?.({
      ...tools,
      noteFile: (path) => files.push(path),
      noteProblem: (diagnostic) => diagnostics.push(diagnostic),
    });
    if (placement === undefined) return { id, placement, diagnostics, files };
    const strangers = tools.compat === "wippy" ? "nil" : "fail";
    return { id, placement: { ...placement, strangers }, diagnostics, files };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { id, placement: undefined, diagnostics: error.diagnostics, files };
  }
}

/** Programs that are tied to each other. */
export interface LinkedPrograms {
  readonly placements: ReadonlyMap<EntryId, Placement>;
  /** Parts of entries that others import from, by their ids `namespace:name#function`. */
  readonly parts: ReadonlyMap<EntryId, Placement>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Ties programs to each other, those that others need first. */
export function linkPrograms(registry: LoadedRegistry, programs: Programs): LinkedPrograms {
  const placed = registry.entries.flatMap(({ entry }) => programs.get(entry.id) ?? []);
  const placements = new Map(placed.flatMap(({ id, placement }) => (placement === undefined ? [] : [[id, placement]])));
  const parts = new Map<EntryId, Placement>();
  const diagnostics = placed.flatMap((result) => result.diagnostics);
  for (const { id, placement } of placed) {
    const link = registry.get(id)?.checked?.link;
    if (placement === undefined || link === undefined) continue;
    try {
      const made = link(placement, { placement: (other) => placements.get(other) });
      placements.set(id, made.placement);
      for (const part of made.parts) parts.set(part.id, part);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      placements.delete(id);
      diagnostics.push(...error.diagnostics);
    }
  }
  return { placements, parts, diagnostics };
}

/** What calls to broken entries are answered: their first problem, or the broken entry that they need. */
export function findFailures(
  registry: LoadedRegistry,
  linked: Pick<LinkedPrograms, "diagnostics">,
): ReadonlyMap<EntryId, WeftError> {
  const failures = new Map<EntryId, WeftError>();
  const fail = (id: EntryId | undefined, diagnostic: Diagnostic): void => {
    if (id === undefined || diagnostic.severity !== "error" || failures.has(id)) return;
    const { position, message } = diagnostic;
    const place = `${position.file}:${position.line}:${position.column}`;
    failures.set(
      id,
      new WeftError("ENTRY_FAILED", `${id} did not load: ${message} (${place})`, { details: { target: id } }),
    );
  };
  for (const { entry, state, diagnostics } of registry.entries) {
    if (state === "error") for (const diagnostic of diagnostics) fail(entry.id, diagnostic);
  }
  for (const diagnostic of linked.diagnostics) fail(diagnostic.entry, diagnostic);
  for (const { entry, checked } of registry.entries) {
    const broken = checked?.references.find((reference) => reference.required && failures.has(reference.id));
    if (broken === undefined || failures.has(entry.id)) continue;
    const message = `${entry.id} did not load: it needs ${broken.id}, which did not load`;
    failures.set(entry.id, new WeftError("ENTRY_FAILED", message, { details: { target: entry.id } }));
  }
  return failures;
}
