import { Cursor } from "./cursor.ts";
import { edit, Edits } from "./edits.ts";
import { FlowScanner } from "./scan-flow.ts";
import { ResizeScanner } from "./scan-resize.ts";
import { sectionId, type ModuleShape } from "./shape.ts";

/** Callers are charged for the beginnings of functions up to this size, in bytes: with longer ones it hardly matters. */
const mostBytes = 1_024;
/** A function that is charged as a whole is at most this long, in bytes and in instructions. */
const mostLightBytes = 128;
const mostLightCost = 48;
/** So deep may such functions call each other. */
const mostLightDepth = 8;

/** Functions that their callers are charged for, by index: nobody reaches them but by a direct call. */
export interface Prepaid {
  /** What one costs where it is called; 0 for one that charges for itself. */
  readonly costs: Uint16Array;
  /** 1 for one that this is all of: it is short, without a loop, and calls none but its like. */
  readonly light: Uint8Array;
}

/**
 * Finds what callers are charged for their callees. Where a call is charged with the code around it, a function that
 * recurses is charged once for all calls that it makes, and a short function costs no charge of its own.
 */
export function findPrepaid(shape: ModuleShape): Prepaid {
  return new Finder(shape).find();
}

class Finder {
  readonly #shape: ModuleShape;
  readonly #cursor: Cursor;
  readonly #edits = new Edits();
  readonly #flow: FlowScanner;
  /** While it is looked for, every function that may be prepaid costs something. */
  readonly #prepaid: Prepaid;
  /** Where the bodies of functions that may be prepaid begin and end. */
  readonly #bodies = new Map<number, { readonly start: number; readonly end: number }>();
  readonly #seen: Uint8Array;

  constructor(shape: ModuleShape) {
    const count = shape.functions.length;
    this.#shape = shape;
    this.#cursor = new Cursor(shape.bytes);
    this.#prepaid = { costs: new Uint16Array(count), light: new Uint8Array(count) };
    this.#seen = new Uint8Array(count);
    const resizes = new ResizeScanner(this.#cursor, this.#edits, { shape, charges: true, marks: false });
    this.#flow = new FlowScanner(this.#cursor, this.#edits, { resizes, charges: true, prepaid: this.#prepaid });
  }

  find(): Prepaid {
    const { costs, light } = this.#prepaid;
    this.#findBodies();
    for (const index of this.#bodies.keys()) costs[index] = 1;
    for (const index of this.#bodies.keys()) this.#visit(index, 0);
    for (const index of this.#bodies.keys()) {
      if (light[index] === 1) continue;
      this.#scan(index);
      costs[index] = this.#flow.entryCost;
    }
    return this.#prepaid;
  }

  #findBodies(): void {
    const { sections, importedFunctions, outsideFunctions } = this.#shape;
    const section = sections.find(({ id }) => id === sectionId.code);
    if (section === undefined) return;
    const cursor = this.#cursor;
    cursor.at = section.body;
    const count = cursor.unsigned();
    for (let index = importedFunctions; index < importedFunctions + count; index++) {
      const size = cursor.unsigned();
      const [start, end] = [cursor.at, cursor.at + size];
      if (size <= mostBytes && !outsideFunctions.has(index)) this.#bodies.set(index, { start, end });
      cursor.at = end;
    }
  }

  /** Finds out whether a function is light, and its callees before it. */
  #visit(index: number, depth: number): void {
    if (this.#seen[index] === 1) return;
    this.#seen[index] = 1;
    const body = this.#bodies.get(index);
    if (body === undefined || body.end - body.start > mostLightBytes) return;
    this.#scan(index);
    // A copy, since the next scan has others.
    const callees = [...this.#flow.callees];
    if (depth < mostLightDepth && callees.length > 0) {
      for (const callee of callees) this.#visit(callee, depth + 1);
      this.#scan(index);
    }
    const cost = this.#flow.entryCost;
    if (cost > mostLightCost || !this.#isStraight()) return;
    this.#prepaid.light[index] = 1;
    this.#prepaid.costs[index] = cost;
  }

  /** All of the function that was scanned is charged in one, and nothing else is done to it. */
  #isStraight(): boolean {
    const { loops, calls, segments } = this.#flow;
    if (loops > 0 || calls > 0 || segments !== 1) return false;
    const edits = this.#edits;
    for (let index = 0; index < edits.length; index++) {
      const kind = edits.kind(index);
      if (kind !== edit.charge && kind !== edit.folded && kind !== edit.return) return false;
    }
    return true;
  }

  #scan(index: number): void {
    const cursor = this.#cursor;
    const body = this.#bodies.get(index);
    if (body === undefined) return;
    cursor.at = body.start;
    for (let groups = cursor.unsigned(); groups > 0; groups--) {
      cursor.skipLeb();
      cursor.skipValueType();
    }
    this.#edits.clear();
    this.#flow.scan(body.end, { isPrepaid: false });
  }
}
