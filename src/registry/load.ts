import { relative } from "node:path";
import { silentLog, type Log } from "../core/log.ts";
import { nearestNames } from "../core/nearest.ts";
import type { EntryId } from "../core/ids.ts";
import { isDiagnostics } from "./define.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Entry } from "./entry.ts";
import type { CheckWorld, Kind } from "./kind.ts";
import type { LoadedEntry } from "./loaded-entry.ts";
import { orderByNeeds } from "./order.ts";
import { problem } from "./problem.ts";
import { readEntries } from "./read-entries.ts";
import { checkReferences } from "./references.ts";
import { LoadedRegistry } from "./registry.ts";
import { findSourceFiles, readSourceFile } from "./source-file.ts";

/** What to load, and as what. */
export interface LoadRegistryOptions {
  /** The app's folder, absolute: messages name files relative to it. */
  readonly root: string;
  /** The folder that is searched for entries, absolute. */
  readonly source: string;
  readonly kinds: readonly Kind[];
  readonly compat: "weft" | "wippy";
  readonly log?: Log;
}

/** Reads and checks every entry below a folder. Whatever is wrong ends up in the diagnostics; only a missing folder throws. */
export async function loadRegistry(options: LoadRegistryOptions): Promise<LoadedRegistry> {
  const log = options.log ?? silentLog;
  const paths = await findSourceFiles(options.source);
  const read = await Promise.all(paths.map((path) => readSourceFile(path, options.root)));
  const files = read.filter((file) => !Array.isArray(file));
  const fileDiagnostics = read.flatMap((file) => (isDiagnosticList(file) ? file : []));
  const perFile = await Promise.all(
    files.flatMap((file) => (isDiagnosticList(file) ? [] : [readEntries(file, options)])),
  );
  const { unique, duplicates } = findDuplicates(perFile.flatMap(({ entries }) => entries));
  const own = groupByEntry([...perFile.flatMap(({ diagnostics }) => diagnostics), ...duplicates]);
  const kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
  const checked = unique.map((entry) => checkEntry(entry, kinds, { compat: options.compat }, own.get(entry.id) ?? []));
  const linked = checkReferences(checked);
  const order = orderByNeeds(linked.needs);
  const byId = new Map(linked.entries.map((loaded) => [loaded.entry.id, loaded]));
  const entries = order.levels.flat().flatMap((id) => byId.get(id) ?? []);
  const loose = [...fileDiagnostics, ...(own.get("") ?? []), ...unknownKinds(entries, kinds)];
  log.debug("registry read", {
    files: files.length,
    entries: entries.length,
    source: relative(options.root, options.source),
  });
  return new LoadedRegistry({
    entries,
    levels: order.levels,
    diagnostics: [...loose, ...entries.flatMap((loaded) => loaded.diagnostics)],
  });
}

function isDiagnosticList(file: object): file is readonly Diagnostic[] {
  return Array.isArray(file);
}

function findDuplicates(entries: readonly Entry[]): { unique: readonly Entry[]; duplicates: readonly Diagnostic[] } {
  const first = new Map<EntryId, Entry>();
  const duplicates: Diagnostic[] = [];
  for (const entry of entries) {
    const other = first.get(entry.id);
    if (other === undefined) {
      first.set(entry.id, entry);
      continue;
    }
    const place = `${other.position.file}:${other.position.line}`;
    const message = `${entry.id} is there twice: the first is at ${place}`;
    duplicates.push(problem(entry, ["name"], { code: "duplicate-id", message, hint: "give one of them another name" }));
  }
  return { unique: [...first.values()], duplicates };
}

/** Diagnostics by the entry they are about; those about no entry, or about a duplicate, stand under "". */
function groupByEntry(diagnostics: readonly Diagnostic[]): ReadonlyMap<EntryId, readonly Diagnostic[]> {
  const groups = new Map<EntryId, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const key = diagnostic.code === "duplicate-id" ? "" : (diagnostic.entry ?? "");
    groups.set(key, [...(groups.get(key) ?? []), diagnostic]);
  }
  return groups;
}

function checkEntry(
  entry: Entry,
  kinds: ReadonlyMap<string, Kind>,
  world: CheckWorld,
  known: readonly Diagnostic[],
): LoadedEntry {
  const kind = kinds.get(entry.kind);
  if (kind === undefined) return { entry, state: "inert", checked: undefined, diagnostics: known };
  const checked = kind.check(entry, world);
  if (isDiagnostics(checked)) return { entry, state: "error", checked: undefined, diagnostics: [...known, ...checked] };
  const diagnostics = [...known, ...checked.warnings];
  return { entry, state: known.length > 0 ? "error" : "ok", checked, diagnostics };
}

/** One warning for each kind that nobody knows, at the first entry that has it. */
function unknownKinds(entries: readonly LoadedEntry[], kinds: ReadonlyMap<string, Kind>): readonly Diagnostic[] {
  const firsts = new Map<string, { entry: Entry; count: number }>();
  for (const { entry, state } of entries) {
    if (state !== "inert") continue;
    const seen = firsts.get(entry.kind);
    if (seen === undefined) firsts.set(entry.kind, { entry, count: 1 });
    else seen.count += 1;
  }
  return [...firsts].map(([name, { entry, count }]) => {
    const near = nearestNames(name, kinds.keys());
    const others = count > 1 ? ` (and ${count - 1} more entries)` : "";
    return problem(entry, ["kind"], {
      code: "unknown-kind",
      severity: "warning",
      message: `no kind ${name} is known: ${entry.id} is kept as data${others}`,
      hint: near.length === 0 ? undefined : `did you mean ${near.join(" or ")}?`,
    });
  });
}
