import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { nearestNames } from "../../core/nearest.ts";
import { WeftError } from "../../core/errors.ts";
import { sha256, verifyHash } from "../../engine/wasm/hash.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import type { PlaceTools } from "../../registry/kind.ts";
import { problem, type Problem } from "../../registry/problem.ts";
import { fullId, type WrittenId } from "./ids.ts";

/** Where an entry's binary is. */
export interface BinaryFields {
  readonly fs: WrittenId;
  readonly path: string;
  readonly hash?: string | undefined;
}

/** The bytes of a binary that were pinned by their hash, and what is wrong with file or hash. */
export interface ReadBinary {
  readonly bytes: Uint8Array | undefined;
  readonly problems: readonly Diagnostic[];
}

/** Reads an entry's binary. A wrong hash is a problem, but the bytes come all the same: they may have more of them. */
export async function readBinary(entry: Entry, fields: BinaryFields, tools: PlaceTools): Promise<ReadBinary> {
  const filesystem = fullId(fields.fs, entry);
  const directory = tools.provided(filesystem)?.directory?.path;
  if (directory === undefined) {
    const message = `${filesystem} is no filesystem with files to read`;
    return { bytes: undefined, problems: [problem(entry, ["fs"], { code: "wrong-reference", message })] };
  }
  const found = await readInside(directory, fields.path.replace(/^\/+/, ""), filesystem);
  if (!(found instanceof Uint8Array)) return { bytes: undefined, problems: [problem(entry, ["path"], found)] };
  const wrong = hashProblem(found, fields.hash);
  return { bytes: found, problems: wrong === undefined ? [] : [problem(entry, ["hash"], wrong)] };
}

/** Reads a file below a directory. Neither `..` nor links lead out of it. */
async function readInside(directory: string, path: string, filesystem: string): Promise<Uint8Array | Problem> {
  const outside: Problem = { code: "path-outside", message: `${path} leads out of ${filesystem}` };
  const wanted = join(directory, path);
  if (!isInside(wanted, directory)) return outside;
  try {
    const real = await realpath(wanted);
    if (!isInside(real, await realpath(directory))) return outside;
    return await readFile(real);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EISDIR") return { code: "missing-file", message: `${path} of ${filesystem} is a folder` };
    if (code !== "ENOENT" && code !== "ENOTDIR") {
      return { code: "missing-file", message: `${path} of ${filesystem} cannot be read: ${String(error)}` };
    }
    return {
      code: "missing-file",
      message: `${filesystem} has no file ${path}`,
      hint: await nearestFile(wanted, path),
    };
  }
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

async function nearestFile(wanted: string, path: string): Promise<string | undefined> {
  const names = await readdir(dirname(wanted)).catch(() => []);
  const near = nearestNames(basename(wanted), names).map((name) => join(dirname(path), name));
  return near.length === 0 ? undefined : `did you mean ${near.join(" or ")}?`;
}

function hashProblem(bytes: Uint8Array, hash: string | undefined): Problem | undefined {
  const hint = `hash: sha256:${sha256(bytes)}`;
  if (hash === undefined)
    return { code: "missing-hash", message: "the binary is not pinned: the field hash is missing", hint };
  try {
    verifyHash(bytes, hash);
    return undefined;
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    return { code: "hash-mismatch", message: error.message, hint };
  }
}
