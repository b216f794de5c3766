import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { WeftError } from "../core/errors.ts";
import type { ModuleFolder } from "../registry/load.ts";
import type { LockFile } from "./settings.ts";

/** Where entries are looked for when nothing names the place. */
const sourceGuesses = ["registry", "src", "."];

export function guessSource(root: string): string {
  const guess = sourceGuesses.find((name) => existsSync(join(root, name))) ?? ".";
  return resolve(root, guess);
}

/**
 * The modules of a lock file: those that a folder replaces, and those that were installed unpacked. Weft fetches none.
 * @throws WeftError `FILE_NOT_FOUND` for a replacement that is not there.
 */
export function moduleFolders(root: string, lock: LockFile | undefined): ModuleFolder[] {
  const replaced = (lock?.replacements ?? []).map(({ from, to }) => replacement(from, resolve(root, to)));
  const names = new Set(replaced.map(({ name }) => name));
  const modules = resolve(root, lock?.directories?.modules ?? ".wippy");
  const installed = (lock?.modules ?? []).flatMap(({ name, version }) => {
    if (names.has(name)) return [];
    const folder = installedFolder(modules, name, String(version ?? ""));
    return folder === undefined ? [] : [{ name, root: folder, source: guessSource(folder) }];
  });
  return [...replaced, ...installed];
}

function replacement(name: string, root: string): ModuleFolder {
  if (!existsSync(root)) {
    throw new WeftError("FILE_NOT_FOUND", `wippy.lock replaces ${name} by ${root}, which does not exist`);
  }
  return { name, root, source: guessSource(root) };
}

/** `org/name`, with the version or without it, below the folder of modules or its `vendor`. */
function installedFolder(modules: string, name: string, version: string): string | undefined {
  const spellings = version === "" ? [name] : [`${name}-${version}`, `${name}@${version}`, join(name, version), name];
  return [join(modules, "vendor"), modules]
    .flatMap((folder) => spellings.map((spelling) => join(folder, spelling)))
    .find((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true);
}
