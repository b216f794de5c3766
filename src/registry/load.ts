import pLimit from "p-limit";
import { relative } from "node:path";
import { silentLog, type Log } from "../core/log.ts";
import type { EntryId } from "../core/ids.ts";
import { EntryChecker, type ReadRegistry } from "./check-entries.ts";
import type { Kind } from "./kind.ts";
import { problem } from "./problem.ts";
import { readEntries, type FileEntries, type ReadEntry } from "./reading/read-entries.ts";
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
  readonly log?: Log;
}

/** Files that are open at once: far fewer than the 1,024 that most systems allow a process. */
const openFiles = 64;

/** Reads and checks every entry below a folder. Whatever is wrong ends up in the diagnostics; only a missing folder throws. */
export async function loadRegistry(options: LoadRegistryOptions): Promise<LoadedRegistry> {
  return new EntryChecker(options.kinds, options).check(await readRegistry(options));
}

/** Reads every entry below a folder. */
export async function readRegistry(options: Omit<LoadRegistryOptions, "kinds">): Promise<ReadRegistry> {
  const log = options.log ?? silentLog;
  const found = await findSourceFiles(options.source, options.root, options.skippedFolders);
  const limit = pLimit(openFiles);
  const files = await Promise.all(found.paths.map((path) => limit(() => readFile(path, options))));
  const all = files.flatMap((file) => file.entries);
  log.debug("registry read", {
    files: found.paths.length,
    entries: all.length,
    source: relative(options.root, options.source),
  });
  return { ...splitDuplicates(all), diagnostics: [...found.diagnostics, ...files.flatMap((file) => file.diagnostics)] };
}

async function readFile(path: string, options: Omit<LoadRegistryOptions, "kinds">): Promise<FileEntries> {
  const file = await readSourceFile(path, options.root);
  if (!("positions" in file)) return { entries: [], diagnostics: file };
  const { entries, diagnostics } = await readEntries(file, options);
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
