import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Node,
  type Pair,
  type Scalar,
} from "yaml";
import type { FieldPath, Position } from "../entry.ts";
import { isMerge, isNode } from "./tree.ts";

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

  /** What a path leads to, aliases and merges followed. */
  find(node: Node, path: FieldPath): Node | undefined {
    let found: Node | undefined = node;
    for (const step of path) found = found && this.#child(found, step);
    const target = found && this.#resolved(found);
    return isNode(target) ? target : undefined;
  }

  /** The place of a mapping's key. */
  locateKey(node: Node, path: FieldPath): Position {
    let found = node;
    for (const step of path.slice(0, -1)) found = this.#child(found, step) ?? found;
    const last = path.at(-1) ?? "";
    const key = this.#pair(this.#resolved(found), last)?.key;
    return isScalar(key) ? this.#ofNode(key) : this.locate(node, path);
  }

  /** Where a line and column inside a text stand. Exact for block texts and plain one-line ones. */
  locateText(node: Node, path: FieldPath, place: { readonly line: number; readonly column: number }): Position {
    const found = this.find(node, path);
    if (found === undefined) return this.locate(node, path);
    if (!isScalar(found) || found.range === undefined || found.range === null) return this.#ofNode(found);
    const [from, to] = found.range;
    const start = this.#lines.linePos(from);
    if (isBlock(found)) {
      return { file: this.#file, line: start.line + place.line, column: this.#indentOf(found, from) + place.column };
    }
    // Lines of other texts are folded into one another: only their first is where it seems to be.
    if (place.line > 1) return this.#ofNode(found);
    const column = start.col + quotedLength(this.#text.slice(from, to), place.column - 1);
    return { file: this.#file, line: start.line, column };
  }

  #ofNode(node: Node): Position {
    const [start, end] = node.range ?? [0, 0];
    return this.range(start, isBlockNode(node) ? start + 1 : end);
  }

  /** One step down; through aliases, and into what a mapping merges (`<<`). */
  #child(outer: Node, step: string | number): Node | undefined {
    const node = this.#resolved(outer);
    if (isSeq(node)) {
      const item = typeof step === "number" ? node.items[step] : undefined;
      return isNode(item) ? item : undefined;
    }
    const pair = this.#pair(node, step);
    if (pair !== undefined) return isNode(pair.value) ? pair.value : isNode(pair.key) ? pair.key : undefined;
    if (!isMap(node)) return undefined;
    const merged = node.items.find((item) => isScalar(item.key) && isMerge(item.key.value))?.value;
    if (!isNode(merged)) return undefined;
    const sources = this.#resolved(merged);
    const nodes: readonly unknown[] = isSeq(sources) ? sources.items : [sources];
    for (const source of nodes) {
      const found = isNode(source) ? this.#child(source, step) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #resolved(node: Node): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  /** A pair of a mapping by its key, or by its key in another case: other formats do not mind. */
  #pair(node: unknown, step: string | number): Pair | undefined {
    if (!isMap(node)) return undefined;
    const name = String(step);
    const keyed = node.items.filter((item) => isScalar(item.key) && !isMerge(item.key.value));
    return (
      keyed.find((item) => isScalar(item.key) && String(item.key.value) === name) ??
      keyed.find((item) => isScalar(item.key) && String(item.key.value).toLowerCase() === name.toLowerCase())
    );
  }

  /** How far the lines of a block text are moved in: what its first line with something in it has before its value. */
  #indentOf(node: Scalar, from: number): number {
    const body = this.#text.slice(this.#text.indexOf("\n", from) + 1);
    const first = body.split(/\r?\n/).find((line) => line.trim() !== "") ?? "";
    const value = String(node.value)
      .split("\n")
      .find((line) => line.trim() !== "");
    if (value !== undefined && first.endsWith(value)) return first.length - value.length;
    return first.length - first.trimStart().length;
  }
}

/** How long the first characters of a text are as they are written, with the quote before them and what is escaped. */
function quotedLength(raw: string, characters: number): number {
  const [quote] = raw;
  if (quote !== '"' && quote !== "'") return characters;
  const written = quote === '"' ? /\\(?:x..|u.{4}|U.{8}|.)|[^\\]/gsu : /''|[^']/gsu;
  const parts = raw.slice(1).match(written) ?? [];
  return 1 + parts.slice(0, characters).join("").length;
}

function isBlock(node: Scalar): boolean {
  return node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
}

function isBlockNode(node: Node): boolean {
  return isScalar(node) && isBlock(node);
}
