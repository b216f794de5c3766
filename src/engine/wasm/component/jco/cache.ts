import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../../../core/log.ts";
import { pack, unpack } from "../../cached-files.ts";
import type { ToolFiles } from "./tool.ts";

/** Inside the app's cache folder. */
const subfolder = "components";
const extension = ".weft";

/**
 * Reads what was cached under a key; undefined when nothing is. A damaged file is removed with one warning, so that it
 * is made again.
 */
export async function readCached(cacheDir: string, key: string, log: Log): Promise<ToolFiles | undefined> {
  const file = fileOf(cacheDir, key);
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return undefined;
  }
  const files = unpack(bytes);
  if (files === undefined) {
    log.warn("a damaged file in the component cache is made again", { file: `${key}${extension}` });
    // Where nothing can be written, it stays.
    await rm(file, { force: true }).catch(() => undefined);
  }
  return files;
}

/** What to keep, and where. */
export interface CacheEntry {
  readonly cacheDir: string;
  readonly key: string;
  readonly files: ToolFiles;
  readonly log: Log;
}

/**
 * Keeps files under a key. The file appears whole or not at all, whoever else writes it at the same time; a folder that
 * cannot be written to costs a warning, no more.
 */
export async function writeCached({ cacheDir, key, files, log }: CacheEntry): Promise<void> {
  const file = fileOf(cacheDir, key);
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(join(cacheDir, subfolder), { recursive: true });
    await writeFile(temporary, pack(files));
    await rename(temporary, file);
  } catch (thrown) {
    const reason = thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
    log.warn("the component cache cannot be written", { reason });
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** How much the cache holds. */
export interface CacheSize {
  readonly files: number;
  readonly bytes: number;
}

/** Counts what is cached under an app's cache folder. */
export async function measureCache(cacheDir: string): Promise<CacheSize> {
  const sizes = await Promise.all(
    (await listFiles(cacheDir)).map(
      async (file) =>
        await stat(file).then(
          (found) => found.size,
          () => 0,
        ),
    ),
  );
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Removes everything cached under an app's cache folder, and says how much that was. */
export async function clearCache(cacheDir: string): Promise<CacheSize> {
  const size = await measureCache(cacheDir);
  await rm(join(cacheDir, subfolder), { recursive: true, force: true });
  return size;
}

async function listFiles(cacheDir: string): Promise<string[]> {
  const folder = join(cacheDir, subfolder);
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}

function fileOf(cacheDir: string, key: string): string {
  return join(cacheDir, subfolder, `${key}${extension}`);
}
