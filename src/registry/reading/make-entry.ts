import { relative } from "node:path";
import type { Node } from "yaml";
import type { Entry, EntryData, EntryPlaces, FieldPath, Position } from "../entry.ts";
import { isMapping, type Interpolated } from "./interpolate.ts";
import type { SourceFile } from "./source-file.ts";

/** What an entry is made of. */
export interface EntryParts {
  readonly file: SourceFile;
  /** The file's own mapping, where the meta of all its entries stands. */
  readonly top: Node;
  /** The entry's mapping. */
  readonly node: Node;
  /** The fields stand under `data:`. */
  readonly isWrapped: boolean;
  readonly filled: Interpolated;
  /** The app's folder. */
  readonly root: string;
  /** The folder that the entry's relative directories start at. */
  readonly owner: string;
  readonly header: { readonly name: string; readonly kind: string; readonly namespace: string };
  readonly meta: { readonly file: EntryData; readonly own: EntryData };
}

/** An entry that knows where each of its fields stands. */
export function makeEntry(parts: EntryParts): Entry {
  const { filled, header, meta } = parts;
  const places = new ReadPlaces(parts);
  return {
    ...header,
    id: `${header.namespace}:${header.name}`,
    meta: { ...meta.file, ...meta.own },
    data: isMapping(filled.data) ? filled.data : {},
    root: parts.owner,
    position: places.locate([]),
    places,
    locate: (path, part) => places.locate(path, part),
    locateText: (path, line, column) => places.locateText(path, line, column),
  };
}

/** Where the fields of an entry stand in its file, which stays parsed for it. */
class ReadPlaces implements EntryPlaces {
  #parts: EntryParts;

  constructor(parts: EntryParts) {
    this.#parts = parts;
  }

  locate(path: FieldPath, part: "value" | "key" = "value"): Position {
    const { file, top, node, meta } = this.#parts;
    const { positions } = file;
    const [first, second = ""] = path;
    const isInherited = first === "meta" && Object.hasOwn(meta.file, second) && !Object.hasOwn(meta.own, second);
    const holder = isInherited ? top : node;
    const full = this.#inFile(path);
    // A field that is missing altogether is best shown at the entry's name.
    const start = full.slice(0, full.length - path.length + 1);
    if (first === undefined || positions.find(holder, start) === undefined) return positions.locate(node, ["name"]);
    return part === "key" ? positions.locateKey(holder, full) : positions.locate(holder, full);
  }

  locateText(path: FieldPath, line: number, column: number): Position {
    const { file, node, filled, root } = this.#parts;
    const included = filled.included.find((text) => samePath(text.path, path));
    if (included !== undefined) return { file: relative(root, included.file), line, column };
    return file.positions.locateText(node, this.#inFile(path), { line, column });
  }

  follow(later: EntryPlaces): void {
    if (later instanceof ReadPlaces) this.#parts = later.#parts;
  }

  #inFile(path: FieldPath): FieldPath {
    const isHeader = path[0] === "name" || path[0] === "kind" || path[0] === "meta";
    return this.#parts.isWrapped && !isHeader ? ["data", ...path] : path;
  }
}

function samePath(a: FieldPath, b: FieldPath): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}
