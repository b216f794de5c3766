import pLimit from "p-limit";
import { relative } from "node:path";
import { silentLog, type Log } from "../core/log.ts";
import type { EntryId } from "../core/ids.ts";
import { EntryChecker, type ReadRegistry } from "./check-entries.ts";
import type { Kind } from "./kind.ts";
import { problem } from "./problem.ts";
import { readEntries, type FileEntries, type ReadEntry, type ReadScope } from "./reading/read-entries.ts";
import type { LoadedRegistry } from "./registry.ts";
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
  /** Modules whose entries belong to the app. */
  readonly modules?: readonly ModuleFolder[];
  readonly log?: Log;
}

/** A folder of somebody else's entries. */
export interface ModuleFolder {
  /** As the app names it. */
  readonly name: string;
  /** Where relative directories of its entries start, absolute. */
  readonly root: string;
  /** The folder that is searched for its entries, absolute. */
  readonly source: string;
}

/** Files that are open at once: far fewer than the 1,024 that most systems allow a process. */
const openFiles = 64;

/** Reads and checks every entry below a folder. Whatever is wrong ends up in the diagnostics; only a missing folder throws. */
export async function loadRegistry(options: LoadRegistryOptions): Promise<LoadedRegistry> {
  return new EntryChecker(options.kinds, options).check(await readRegistry(options));
}

/** Reads every entry below a folder. */
export async function readRegistry(options: Omit<LoadRegistryOptions, "kinds">): Promise<ReadRegistry> {
  const { root, source, modules = [], log = silentLog } = options;
  // A module below the source folder is read as a module only.
  const inside = modules.map((module) => relative(source, module.root));
  const skipped = new Set([...(options.skippedFolders ?? []), ...inside]);
  const folders = [
    { source, owner: root, skipped },
    ...modules.map((each) => ({ source: each.source, owner: each.root })),
  ];
  const read = await Promise.all(folders.map((folder) => readFolder({ ...options, ...folder })));
  const all = read.flatMap(({ entries }) => entries);
  log.debug("registry read", { entries: all.length, source: relative(root, source) });
  return { ...splitDuplicates(all), diagnostics: read.flatMap(({ diagnostics }) => diagnostics) };
}

/** One folder to read, and whose it is. */
interface FolderScope extends ReadScope {
  readonly skipped?: ReadonlySet<string>;
}

async function readFolder(scope: FolderScope): Promise<FileEntries> {
  const found = await findSourceFiles(scope.source, scope.root, scope.skipped);
  const limit = pLimit(openFiles);
  const files = await Promise.all(found.paths.map((path) => limit(() => readFile(path, scope))));
  return {
    entries: files.flatMap((file) => file.entries),
    diagnostics: [...found.diagnostics, ...files.flatMap((file) => file.diagnostics)],
  };
}

async function readFile(path: string, scope: ReadScope): Promise<FileEntries> {
  const file = await readSourceFile(path, scope.root);
  if (!("positions" in file)) return { entries: [], diagnostics: file };
  const { entries, diagnostics } = await readEntries(file, scope);
  return { entries, diagnostics: [...file.warnings, ...diagnostics] };
}

function splitDuplicates(entries: readonly ReadEntry[]): Pick<ReadRegistry, "entries" | "duplicates"> {
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
  return { entries: [...first.values()], duplicates };
}
