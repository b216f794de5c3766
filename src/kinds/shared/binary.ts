import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { z } from "zod";
import { didYouMean, nearestNames } from "../../core/nearest.ts";
import { WeftError } from "../../core/errors.ts";
import { sha256, verifyHash } from "../../engine/wasm/hash.ts";
import { describeValue } from "../../registry/fields/describe-value.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import type { PlaceTools } from "../../registry/kind.ts";
import { problem, type Problem } from "../../registry/problem.ts";
import { fullId, idSchema } from "./ids.ts";
import type { WasmBytes } from "./place-wasm.ts";

/** Fields of entries whose bytes are in a file. */
export const binaryFields = {
  source: z
    .unknown()
    .optional()
    .meta({ type: "string", pattern: "^file://" })
    .describe("`file://` and the path of the binary; in place of `fs` and `path`."),
  fs: idSchema("Id of the fs.directory that holds the binary.").optional(),
  path: z.string().min(1).optional().describe("Path of the binary in its filesystem."),
  hash: z
    .string()
    .min(1)
    .optional()
    .describe("`sha256:` and the hexadecimal digest of the binary; required beside `fs` and `path`."),
};

const schema = z.object(binaryFields);

/** Where an entry's binary is. */
export type BinaryFields = z.infer<typeof schema>;

/** What is wrong with how an entry names its binary: in `fs` and `path`, or in `source`. */
export function binaryProblems(entry: Entry): Diagnostic[] {
  const { source } = entry.data;
  const named = (["fs", "path"] as const).filter((name) => entry.data[name] !== undefined);
  if (source === undefined) {
    return (["fs", "path"] as const)
      .filter((name) => !named.includes(name))
      .map((name) => {
        const message = `${entry.kind} needs the field ${name}`;
        return problem(entry, [name], {
          code: "missing-field",
          message,
          hint: "or `source: file://…` in place of both",
        });
      });
  }
  const found: Diagnostic[] = named.map((name) => {
    const message = `${name}: the binary is named by source already`;
    return problem(entry, [name], { code: "invalid-field", message, hint: "keep `source`, or `fs` and `path`" });
  });
  // A file that could not be read was reported when it was looked for.
  if (source instanceof Uint8Array || (typeof source === "string" && source.startsWith("file://"))) return found;
  const hint =
    typeof source === "string" && source.trimStart().startsWith("(")
      ? "WebAssembly text is of kind function.wat"
      : "write `file://` and the path of a .wasm file";
  const message = `source: expected the bytes of a binary, got ${describeValue(source)}`;
  return [...found, problem(entry, ["source"], { code: "invalid-field", message, hint })];
}

/** Reads an entry's binary. A wrong hash is a problem, but the bytes come all the same: they may have more of them. */
export async function readBytes(entry: Entry, fields: BinaryFields, tools: PlaceTools): Promise<WasmBytes> {
  if (fields.source instanceof Uint8Array) return withHash(entry, fields, { bytes: fields.source, field: "source" });
  const { fs = "", path = "" } = fields;
  const filesystem = fullId(fs, entry);
  const directory = tools.provided(filesystem)?.directory?.path;
  const none = (problems: readonly Diagnostic[]): WasmBytes => ({ bytes: undefined, field: "path", problems });
  if (directory === undefined) {
    const message = `${filesystem} is no filesystem with files to read`;
    return none([problem(entry, ["fs"], { code: "wrong-reference", message })]);
  }
  tools.noteFile?.(join(directory, path));
  const found = await readInside(directory, path.replace(/^\/+/, ""), filesystem);
  if (!(found instanceof Uint8Array)) return none([problem(entry, ["path"], found)]);
  return withHash(entry, fields, { bytes: found, field: "path" });
}

type Found = { readonly bytes: Uint8Array; readonly field: WasmBytes["field"] };

function withHash(entry: Entry, { hash }: BinaryFields, { bytes, field }: Found): WasmBytes {
  // A source stands in the registry's own folder and is as much the author's as the registry is.
  const wrong = hash === undefined && field === "source" ? undefined : hashProblem(bytes, hash);
  return { bytes, field, problems: wrong === undefined ? [] : [problem(entry, ["hash"], wrong)] };
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
  return didYouMean(near);
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
