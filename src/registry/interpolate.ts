import { realpath, readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { Value } from "../core/values.ts";
import type { FieldPath } from "./entry.ts";

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
  /** The YAML file's folder: `file://x` starts here. */
  readonly directory: string;
  /** The source folder: `file:///x` starts here, and nothing may lead out of it. */
  readonly source: string;
}

const scheme = "file://";

/** Replaces every text of the form `file://path`, however deep, by the text of that file. */
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
      return found.text;
    }
    if (Array.isArray(value))
      return await Promise.all(value.map((item: Value, index) => visit(item, [...path, index])));
    if (!isMapping(value)) return value;
    const pairs = Object.entries(value).map(async ([key, item]) => [key, await visit(item, [...path, key])] as const);
    return Object.fromEntries(await Promise.all(pairs));
  };
  return { data: await visit(data, []), included, problems };
}

async function include(
  path: string,
  { directory, source }: IncludeScope,
): Promise<{ readonly text: string; readonly file: string } | { readonly problem: string }> {
  if (path === "") return { problem: "file:// names no file" };
  const file = path.startsWith("/") ? join(source, path) : resolve(directory, path);
  if (isOutside(source, file)) return { problem: `file://${path} leads out of the source folder` };
  try {
    // A link inside the folder may still point outside of it.
    if (isOutside(await realpath(source), await realpath(file))) {
      return { problem: `file://${path} is a link that leads out of the source folder` };
    }
    return { text: await readFile(file, "utf8"), file };
  } catch {
    return { problem: `file://${path}: there is no such file (looked for ${relative(dirname(source), file)})` };
  }
}

function isOutside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way.startsWith("..") || isAbsolute(way);
}

/** True for plain data objects. */
export function isMapping(value: unknown): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
