import { dirname } from "node:path";
import { isMap, isSeq, type Node } from "yaml";
import { nearestNames } from "../../core/nearest.ts";
import type { Value } from "../../core/values.ts";
import { describeValue } from "../fields/describe-value.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { Entry, EntryData } from "../entry.ts";
import { interpolate, isMapping, type IncludeScope } from "./interpolate.ts";
import type { CheckWorld } from "../kind.ts";
import { makeEntry } from "./make-entry.ts";
import { problem, severityOf } from "../problem.ts";
import { fileProblem, type SourceFile } from "./source-file.ts";
import { isNode } from "./tree.ts";

/** What reading needs to know of the app. */
export interface ReadScope extends CheckWorld {
  readonly root: string;
  readonly source: string;
  /** The module folder that the entries come with; default: the app's folder. */
  readonly owner?: string;
}

/** An entry, and what is wrong with how it is written down. */
export interface ReadEntry {
  readonly entry: Entry;
  readonly problems: readonly Diagnostic[];
}

/** The entries of one file, and what is wrong outside of them. */
export interface FileEntries {
  readonly entries: readonly ReadEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Keys of a file with several entries. */
const topKeys = ["version", "namespace", "meta", "entries"];

/** Takes a file's entries out of it; a file without a namespace is none of ours. */
export async function readEntries(file: SourceFile, scope: ReadScope): Promise<FileEntries> {
  const { document, content } = file;
  const top = document.contents;
  if (!isMap(top) || !isMapping(content) || content["namespace"] === undefined) return none;
  const { namespace } = content;
  const isOurs = Array.isArray(content["entries"]) || typeof content["kind"] === "string";
  if (typeof namespace !== "string" || namespace === "" || namespace.includes(":")) {
    return isOurs ? only(invalidNamespace(file, top, namespace)) : none;
  }
  const reader = new FileReader({ file, top, scope, namespace });
  if (!Object.hasOwn(content, "entries")) return await reader.readAlone(content);
  const list = file.positions.find(top, ["entries"]);
  const items = content["entries"];
  if (!Array.isArray(items) || !isSeq(list)) {
    const message = `\`entries\` must be a list, got ${describeValue(items)}`;
    return only(fileProblem("missing-namespace-entries", message, file.positions.locateKey(top, ["entries"])));
  }
  return await reader.readList(content, items, list.items);
}

const none: FileEntries = { entries: [], diagnostics: [] };

function only(diagnostic: Diagnostic): FileEntries {
  return { entries: [], diagnostics: [diagnostic] };
}

function invalidNamespace(file: SourceFile, top: Node, namespace: Value | undefined): Diagnostic {
  const message = `a namespace is a text that is not empty and has no colon, got ${describeValue(namespace)}`;
  return fileProblem("invalid-namespace", message, file.positions.locate(top, ["namespace"]));
}

function noEntries(file: SourceFile, top: Node, content: EntryData): Diagnostic {
  const near = nearestNames("entries", Object.keys(content));
  const [first] = near;
  const message = `${file.name} has a namespace but neither \`entries\` nor \`name\` and \`kind\``;
  const position = file.positions.locateKey(top, [first ?? "namespace"]);
  const hint = first === undefined ? undefined : `did you mean entries instead of ${first}?`;
  return fileProblem("missing-namespace-entries", message, position, hint);
}

function missing(field: "name" | "kind", value: Value | undefined): string {
  return value === undefined
    ? `an entry needs a ${field}`
    : `an entry's ${field} must be a text that is not empty, got ${describeValue(value)}`;
}

/** An entry's own name and kind, and everything else. */
interface Header {
  readonly name: string;
  readonly kind: string;
  readonly fields: EntryData;
}

interface FileParts {
  readonly file: SourceFile;
  readonly top: Node;
  readonly scope: ReadScope;
  readonly namespace: string;
}

/** Reads entries that share a file. */
class FileReader {
  readonly #parts: FileParts;
  readonly #include: IncludeScope;

  constructor(parts: FileParts) {
    this.#parts = parts;
    this.#include = { ...parts.scope, directory: dirname(parts.file.path) };
  }

  /** The one entry of a file: the file's own keys stand beside the entry's. */
  async readAlone(content: EntryData): Promise<FileEntries> {
    const { namespace: _namespace, version: _version, name, kind, ...fields } = content;
    const { file, top } = this.#parts;
    if (typeof name !== "string" || typeof kind !== "string") return only(noEntries(file, top, content));
    return { entries: [await this.#read(top, { name, kind, fields }, {})], diagnostics: [] };
  }

  async readList(content: EntryData, items: readonly Value[], nodes: readonly unknown[]): Promise<FileEntries> {
    const { file, top } = this.#parts;
    const diagnostics = this.#misspeltKeys(content);
    const { data: meta, problems } = await interpolate(content["meta"] ?? {}, this.#include);
    for (const { path, message } of problems) {
      diagnostics.push(fileProblem("file-reference", message, file.positions.locate(top, ["meta", ...path])));
    }
    if (!isMapping(meta)) {
      const message = `meta: expected a mapping, got ${describeValue(meta)}`;
      diagnostics.push(fileProblem("invalid-field", message, file.positions.locate(top, ["meta"])));
    }
    const read = items.map(async (item, index) => {
      const node = nodes[index];
      if (!isNode(node)) return undefined;
      const header = this.#header(node, item);
      if ("code" in header) {
        diagnostics.push(header);
        return undefined;
      }
      return await this.#read(node, header, isMapping(meta) ? meta : {});
    });
    const entries = (await Promise.all(read)).filter((entry) => entry !== undefined);
    return { entries, diagnostics };
  }

  /** Keys of the file that are nearly what they should be; others may hold anchors. */
  #misspeltKeys(content: EntryData): Diagnostic[] {
    const { file, top } = this.#parts;
    return Object.keys(content).flatMap((key): Diagnostic[] => {
      const near = topKeys.includes(key) ? [] : nearestNames(key, topKeys);
      if (near.length === 0) return [];
      const hint = `did you mean ${near.join(" or ")}?`;
      const found = fileProblem(
        "unknown-field",
        `a file has no field ${key}`,
        file.positions.locateKey(top, [key]),
        hint,
      );
      return [{ ...found, severity: "warning" }];
    });
  }

  #header(node: Node, item: Value): Header | Diagnostic {
    const { positions } = this.#parts.file;
    if (!isMapping(item)) {
      const message = `an entry is a mapping with a name and a kind, got ${describeValue(item)}`;
      return fileProblem("invalid-entry", message, positions.locate(node, []));
    }
    const { name, kind, ...fields } = item;
    if (typeof name !== "string" || name === "") {
      return fileProblem("missing-name", missing("name", name), positions.locate(node, ["name"]));
    }
    if (typeof kind !== "string" || kind === "") {
      return fileProblem("missing-kind", missing("kind", kind), positions.locate(node, ["kind"]));
    }
    return { name, kind, fields };
  }

  /** Reads an entry whose header is right. */
  async #read(node: Node, { name, kind, fields }: Header, fileMeta: EntryData): Promise<ReadEntry> {
    const { meta, data, ...beside } = fields;
    const isWrapped = data !== undefined;
    const [filled, filledMeta] = await Promise.all([
      interpolate(isWrapped ? (data ?? {}) : beside, this.#include),
      interpolate(meta ?? {}, this.#include),
    ]);
    const entry = makeEntry({
      ...this.#parts,
      node,
      isWrapped,
      filled,
      root: this.#parts.scope.root,
      owner: this.#parts.scope.owner ?? this.#parts.scope.root,
      header: { name, kind, namespace: this.#parts.namespace },
      meta: { file: fileMeta, own: isMapping(filledMeta.data) ? filledMeta.data : {} },
    });
    const problems = [
      ...filled.problems,
      ...filledMeta.problems.map(({ path, message }) => ({ path: ["meta", ...path], message })),
    ].map(({ path, message }) => problem(entry, path, { code: "file-reference", message }));
    if (!isMapping(filledMeta.data)) problems.push(this.#notMapping(entry, node, { meta: filledMeta.data }));
    if (!isMapping(filled.data)) problems.push(this.#notMapping(entry, node, { data: filled.data }));
    if (isWrapped) problems.push(...this.#besideData(entry, node, Object.keys(beside)));
    return { entry, problems };
  }

  #notMapping(entry: Entry, node: Node, field: EntryData): Diagnostic {
    const [[name, value] = ["", null]] = Object.entries(field);
    const message = `${name}: expected a mapping, got ${describeValue(value)}`;
    const severity = severityOf(this.#parts.scope);
    const found = problem(entry, [], { code: "invalid-field", message, severity });
    return { ...found, position: this.#parts.file.positions.locate(node, [name]) };
  }

  /** Where the fields stand under `data:`, whatever stands beside it is not read. */
  #besideData(entry: Entry, node: Node, names: readonly string[]): Diagnostic[] {
    return names.map((name) => {
      const message = `${name} stands beside \`data\`, where it is not read`;
      const hint = `move ${name} under data`;
      const found = problem(entry, [], {
        code: "unknown-field",
        message,
        hint,
        severity: severityOf(this.#parts.scope),
      });
      return { ...found, position: this.#parts.file.positions.locateKey(node, [name]) };
    });
  }
}
