import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node, type Scalar } from "yaml";
import type { FieldPath, Position } from "./entry.ts";

/** Finds places of values in one parsed YAML file. */
export class Positions {
  readonly #file: string;
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  constructor(source: { file: string; text: string; document: Document.Parsed; lines: LineCounter }) {
    this.#file = source.file;
    this.#text = source.text;
    this.#document = source.document;
    this.#lines = source.lines;
  }

  /** A stretch of the file. */
  range(start: number, end: number): Position {
    const from = this.#lines.linePos(start);
    const to = this.#lines.linePos(Math.max(start, end));
    return { file: this.#file, line: from.line, column: from.col, endLine: to.line, endColumn: to.col };
  }

  /**
   * The place of a value below `node`. A path that leads to a mapping's key which is there points at the key's value; one
   * that goes further than the file points at the nearest thing around it.
   */
  locate(node: Node, path: FieldPath): Position {
    let found = node;
    for (const step of path) {
      const next = this.#child(found, step);
      if (next === undefined) break;
      found = next;
    }
    return this.#ofNode(found);
  }

  /** The place of a mapping's key. */
  locateKey(node: Node, path: FieldPath): Position {
    let found = node;
    for (const step of path.slice(0, -1)) found = this.#child(found, step) ?? found;
    const last = path.at(-1);
    const pair = isMap(found) ? found.items.find((item) => isScalar(item.key) && item.key.value === last) : undefined;
    return pair !== undefined && isScalar(pair.key) ? this.#ofNode(pair.key) : this.locate(node, path);
  }

  /** Where a line and column inside a text stand. Exact for block texts and plain one-line ones. */
  locateText(node: Node, path: FieldPath, place: { readonly line: number; readonly column: number }): Position {
    let found = node;
    for (const step of path) found = this.#child(found, step) ?? found;
    if (!isScalar(found) || found.range === undefined || found.range === null) return this.#ofNode(found);
    const start = this.#lines.linePos(found.range[0]);
    if (!isBlock(found)) {
      const quote = found.type === "QUOTE_DOUBLE" || found.type === "QUOTE_SINGLE" ? 1 : 0;
      if (place.line > 1) return this.#ofNode(found);
      return { file: this.#file, line: start.line, column: start.col + quote + place.column - 1 };
    }
    const line = start.line + place.line;
    return { file: this.#file, line, column: this.#indentOf(found.range[0]) + place.column };
  }

  #ofNode(node: Node): Position {
    const [start, end] = node.range ?? [0, 0];
    return this.range(start, isBlockNode(node) ? start + 1 : end);
  }

  /** One step down; through aliases, and into what a mapping merges (`<<`). */
  #child(outer: Node, step: string | number): Node | undefined {
    const node = isAlias(outer) ? outer.resolve(this.#document) : outer;
    if (isSeq(node)) {
      const item = typeof step === "number" ? node.items[step] : undefined;
      return isNode(item) ? item : undefined;
    }
    if (!isMap(node)) return undefined;
    const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
    if (pair !== undefined) return isNode(pair.value) ? pair.value : isNode(pair.key) ? pair.key : undefined;
    const merged = node.items.find(
      (item) => isScalar(item.key) && (item.key.value === "<<" || typeof item.key.value === "symbol"),
    );
    return isNode(merged?.value) ? this.#child(merged.value, step) : undefined;
  }

  /** How far the lines of a block text are moved in: as its first line that is not empty. */
  #indentOf(start: number): number {
    const body = this.#text.slice(this.#text.indexOf("\n", start) + 1);
    const first = body.split("\n").find((line) => line.trim() !== "") ?? "";
    return first.length - first.trimStart().length;
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

function isBlock(node: Scalar): boolean {
  return node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
}

function isBlockNode(node: Node): boolean {
  return isScalar(node) && isBlock(node);
}
