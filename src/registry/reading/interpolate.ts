import { readFile, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Value } from "../../core/values.ts";
import type { FieldPath } from "../entry.ts";

/** A text that stood in another file. */
export interface IncludedText {
  readonly path: FieldPath;
  /** Absolute path of the file. */
  readonly file: string;
}

/** A `file://` text that could not be followed. */
export interface IncludeProblem {
  readonly path: FieldPath;
  readonly message: string;
}

/** Data with its `file://` texts pulled in. */
export interface Interpolated {
  readonly data: Value;
  readonly included: readonly IncludedText[];
  readonly problems: readonly IncludeProblem[];
}

/** Where texts may come from. */
export interface IncludeScope {
  /** The app's folder; messages name files relative to it. */
  readonly root: string;
  /** The YAML file's folder: `file://x` starts here. */
  readonly directory: string;
  /** The source folder: `file:///x` starts here, and nothing may lead out of it. */
  readonly source: string;
}

const scheme = "file://";

/** Replaces every text of the form `file://path`, however deep, by what that file holds: a text, or bytes that are none. */
export async function interpolate(data: Value, scope: IncludeScope): Promise<Interpolated> {
  const included: IncludedText[] = [];
  const problems: IncludeProblem[] = [];
  const visit = async (value: Value, path: FieldPath): Promise<Value> => {
    if (typeof value === "string") {
      if (!value.startsWith(scheme)) return value;
      const found = await include(value.slice(scheme.length), scope);
      if ("problem" in found) {
        problems.push({ path, message: found.problem });
        return value;
      }
      included.push({ path, file: found.file });
      return found.content;
    }
    if (Array.isArray(value))
      return await Promise.all(value.map((item: Value, index) => visit(item, [...path, index])));
    if (!isMapping(value)) return value;
    const pairs = Object.entries(value).map(async ([key, item]) => [key, await visit(item, [...path, key])] as const);
    return Object.fromEntries(await Promise.all(pairs));
  };
  return { data: await visit(data, []), included, problems };
}

type Included = { readonly content: string | Uint8Array; readonly file: string };

async function include(
  path: string,
  { root, directory, source }: IncludeScope,
): Promise<Included | { readonly problem: string }> {
  if (path === "") return { problem: "file:// names no file" };
  const file = path.startsWith("/") ? join(source, path) : resolve(directory, path);
  if (isOutside(source, file)) return { problem: `file://${path} leads out of the source folder` };
  const shown = relative(root, file);
  try {
    // A link inside the folder may still point outside of it.
    if (isOutside(await realpath(source), await realpath(file))) {
      return { problem: `file://${path} is a link that leads out of the source folder` };
    }
    return { content: textOrBytes(await readFile(file)), file };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EISDIR") return { problem: `file://${path}: ${shown} is a folder` };
    if (code === "ENOENT" || code === "ENOTDIR") {
      return { problem: `file://${path}: there is no such file (looked for ${shown})` };
    }
    return { problem: `file://${path}: ${shown} cannot be read: ${String(error)}` };
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A WebAssembly binary may happen to be valid UTF-8; no text has zeros in it. */
function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  if (bytes.includes(0)) return new Uint8Array(bytes);
  try {
    return decoder.decode(bytes);
  } catch {
    return new Uint8Array(bytes);
  }
}

function isOutside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
}

/** True for plain data objects. */
export function isMapping(value: unknown): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
