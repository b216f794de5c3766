import { dirname, relative } from "node:path";
import { isMap, isSeq, type Node } from "yaml";
import { toValue, type Value } from "../core/values.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Entry, EntryData, FieldPath } from "./entry.ts";
import { interpolate, isMapping, type Interpolated } from "./interpolate.ts";
import { problem } from "./problem.ts";
import { fileProblem, type SourceFile } from "./source-file.ts";

/** Folders that give names and places to an app's entries. */
export interface AppFolders {
  readonly root: string;
  readonly source: string;
}

/** The entries of one file, and what is wrong with how they are written down. */
export interface FileEntries {
  readonly entries: readonly Entry[];
  readonly diagnostics: readonly Diagnostic[];
}

interface RawEntry {
  readonly node: Node;
  readonly fields: EntryData;
}

/** Takes a file's entries out of it; a file without a namespace is none of ours. */
export async function readEntries(file: SourceFile, folders: AppFolders): Promise<FileEntries> {
  const top = file.document.contents;
  const content: unknown = file.document.toJS({ maxAliasCount: 1_000 });
  if (top === null || !isMap(top) || !isMapping(content)) return { entries: [], diagnostics: [] };
  const { namespace } = content;
  if (typeof namespace !== "string" || namespace === "") return { entries: [], diagnostics: [] };
  const raw = rawEntries(top, content);
  if (raw === undefined) {
    const position = file.positions.locateKey(top, ["namespace"]);
    const message = `${file.name} has a namespace but neither \`entries\` nor \`name\` and \`kind\``;
    return { entries: [], diagnostics: [fileProblem("missing-namespace-entries", message, position)] };
  }
  const fileMeta = isMapping(content["meta"]) && content["entries"] !== undefined ? content["meta"] : {};
  const read = await Promise.all(raw.map((entry) => readEntry({ file, folders, namespace, fileMeta }, entry)));
  return {
    entries: read.flatMap(({ entries }) => entries),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}

function rawEntries(top: Node, content: EntryData): readonly RawEntry[] | undefined {
  const { entries } = content;
  if (entries === undefined || entries === null) {
    return typeof content["name"] === "string" && typeof content["kind"] === "string"
      ? [{ node: top, fields: content }]
      : undefined;
  }
  const list = isMap(top) ? top.get("entries", true) : undefined;
  if (!Array.isArray(entries) || !isSeq(list)) return undefined;
  return entries.flatMap((fields: Value, index) => {
    const node = list.items[index];
    return isMapping(fields) && isYamlNode(node) ? [{ node, fields }] : [];
  });
}

function isYamlNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "range" in value;
}

interface FileContext {
  readonly file: SourceFile;
  readonly folders: AppFolders;
  readonly namespace: string;
  readonly fileMeta: EntryData;
}

async function readEntry(context: FileContext, { node, fields }: RawEntry): Promise<FileEntries> {
  const { file, folders, namespace, fileMeta } = context;
  const { name, kind, meta, data, ...others } = fields;
  const { namespace: _namespace, version: _version, ...alone } = others;
  // In a file with a single entry the file's own keys stand beside the entry's.
  const rest = file.document.contents === node ? alone : others;
  const missing = (field: "name" | "kind"): Diagnostic => {
    const value = fields[field];
    const message =
      value === undefined ? `an entry needs a ${field}` : `an entry's ${field} must be a text that is not empty`;
    return fileProblem(
      field === "name" ? "missing-name" : "missing-kind",
      message,
      file.positions.locate(node, [field]),
    );
  };
  if (typeof name !== "string" || name === "") return { entries: [], diagnostics: [missing("name")] };
  if (typeof kind !== "string" || kind === "") return { entries: [], diagnostics: [missing("kind")] };
  const isWrapped = data !== undefined;
  const scope = { directory: dirname(file.path), source: folders.source };
  const filled = await interpolate(toValue(isWrapped ? data : rest, "data"), scope);
  const entry = makeEntry(
    { ...context, node, isWrapped, filled, header: { name, kind, namespace } },
    isMapping(meta) ? { ...fileMeta, ...meta } : fileMeta,
  );
  const diagnostics = filled.problems.map(({ path, message }) =>
    problem(entry, path, { code: "file-reference", message }),
  );
  return { entries: [entry], diagnostics };
}

interface EntryParts extends FileContext {
  readonly node: Node;
  /** The fields stand under `data:`. */
  readonly isWrapped: boolean;
  readonly filled: Interpolated;
  readonly header: { readonly name: string; readonly kind: string; readonly namespace: string };
}

function makeEntry(parts: EntryParts, meta: EntryData): Entry {
  const { file, folders, node, isWrapped, filled, header } = parts;
  const inFile = (path: FieldPath): FieldPath => {
    const isHeader = path[0] === "name" || path[0] === "kind" || path[0] === "meta";
    return isWrapped && !isHeader && path.length > 0 ? ["data", ...path] : path;
  };
  // A field that is missing altogether is best shown at the entry's name.
  const present = ([first]: FieldPath): boolean =>
    first === "kind" || first === "meta" || (isMapping(filled.data) && String(first) in filled.data);
  return {
    ...header,
    id: `${header.namespace}:${header.name}`,
    meta,
    data: isMapping(filled.data) ? filled.data : {},
    root: folders.root,
    position: file.positions.locate(node, ["name"]),
    locate(path, part = "value") {
      if (path.length === 0) return file.positions.locate(node, ["name"]);
      return part === "key"
        ? file.positions.locateKey(node, inFile(path))
        : file.positions.locate(node, present(path) ? inFile(path) : ["name"]);
    },
    locateText(path, line, column) {
      const included = filled.included.find((text) => samePath(text.path, path));
      if (included !== undefined) return { file: relative(folders.root, included.file), line, column };
      return file.positions.locateText(node, inFile(path), { line, column });
    },
  };
}

function samePath(a: FieldPath, b: FieldPath): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}
