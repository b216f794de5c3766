import pLimit from "p-limit";
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
import { readEntries, type FileEntries, type ReadEntry } from "./reading/read-entries.ts";
import { checkReferences } from "./references.ts";
import { LoadedRegistry } from "./registry.ts";
import { findSourceFiles, readSourceFile } from "./reading/source-file.ts";

/** What to load, and as what. */
export interface LoadRegistryOptions {
  /** The app's folder, absolute: messages name files relative to it. */
  readonly root: string;
  /** The folder that is searched for entries, absolute. */
  readonly source: string;
  readonly kinds: readonly Kind[];
  readonly compat: "weft" | "wippy";
  /** Folders that are left out: names, or paths below the source folder. */
  readonly skippedFolders?: ReadonlySet<string>;
  readonly log?: Log;
}

/** Files that are open at once: far fewer than the 1,024 that most systems allow a process. */
const openFiles = 64;

/** Reads and checks every entry below a folder. Whatever is wrong ends up in the diagnostics; only a missing folder throws. */
export async function loadRegistry(options: LoadRegistryOptions): Promise<LoadedRegistry> {
  const log = options.log ?? silentLog;
  const found = await findSourceFiles(options.source, options.root, options.skippedFolders);
  const limit = pLimit(openFiles);
  const files = await Promise.all(found.paths.map((path) => limit(() => readFile(path, options))));
  const kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
  const { unique, duplicates } = splitDuplicates(files.flatMap((file) => file.entries));
  const linked = checkReferences(unique.map((read) => checkEntry(read, kinds, options)));
  const levels = orderByNeeds(linked.needs);
  const byId = new Map(linked.entries.map((loaded) => [loaded.entry.id, loaded]));
  const entries = levels.flat().flatMap((id) => byId.get(id) ?? []);
  const diagnostics = [
    ...found.diagnostics,
    ...files.flatMap((file) => file.diagnostics),
    ...duplicates.flatMap((duplicate) => checkEntry(duplicate, kinds, options).diagnostics),
    ...unknownKinds(linked.entries, kinds),
    ...entries.flatMap((loaded) => loaded.diagnostics),
  ];
  log.debug("registry read", {
    files: found.paths.length,
    entries: entries.length,
    source: relative(options.root, options.source),
  });
  return new LoadedRegistry({ entries, levels, diagnostics });
}

async function readFile(path: string, options: LoadRegistryOptions): Promise<FileEntries> {
  const file = await readSourceFile(path, options.root);
  if (!("positions" in file)) return { entries: [], diagnostics: file };
  const { entries, diagnostics } = await readEntries(file, options);
  return { entries, diagnostics: [...file.warnings, ...diagnostics] };
}

interface SplitEntries {
  readonly unique: readonly ReadEntry[];
  /** Entries whose id was taken: they are checked, so that all that is wrong is said at once, and left out. */
  readonly duplicates: readonly ReadEntry[];
}

function splitDuplicates(entries: readonly ReadEntry[]): SplitEntries {
  const first = new Map<EntryId, ReadEntry>();
  const duplicates: ReadEntry[] = [];
  for (const read of entries) {
    const { entry } = read;
    const other = first.get(entry.id);
    if (other === undefined) {
      first.set(entry.id, read);
      continue;
    }
    const place = `${other.entry.position.file}:${other.entry.position.line}`;
    const message = `${entry.id} is there twice: the first is at ${place}`;
    const hint = "give one of them another name";
    duplicates.push({
      entry,
      problems: [problem(entry, ["name"], { code: "duplicate-id", message, hint }), ...read.problems],
    });
  }
  return { unique: [...first.values()], duplicates };
}

function checkEntry({ entry, problems }: ReadEntry, kinds: ReadonlyMap<string, Kind>, world: CheckWorld): LoadedEntry {
  const kind = kinds.get(entry.kind);
  if (kind === undefined) return { entry, state: "inert", checked: undefined, diagnostics: problems };
  const checked = kind.check(entry, { compat: world.compat });
  if (isDiagnostics(checked)) {
    return { entry, state: "error", checked: undefined, diagnostics: [...problems, ...checked] };
  }
  const diagnostics = [...problems, ...checked.warnings];
  const isBroken = diagnostics.some(({ severity }) => severity === "error");
  return { entry, state: isBroken ? "error" : "ok", checked, diagnostics };
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
    const others = count > 1 ? ` (and ${count - 1} more)` : "";
    return problem(entry, ["kind"], {
      code: "unknown-kind",
      severity: "warning",
      message: `no kind ${name} is known: ${entry.id} is kept as data${others}`,
      hint: near.length === 0 ? undefined : `did you mean ${near.join(" or ")}?`,
    });
  });
}
