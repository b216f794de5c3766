import type { Cursor } from "./cursor.ts";
import { edit, type Edits } from "./edits.ts";
import { op } from "./opcodes.ts";
import type { Prepaid } from "./prepaid.ts";
import type { ResizeScanner } from "./scan-resize.ts";

/** Marks a label that is branched to, beside the opcode that opened it. */
const isTarget = 0x100;

/** A segment up to this long is charged where the path to it begins, and so many instructions are charged there at most. */
const smallSegment = 16;
const mostFolded = 128;

/** How functions are scanned. */
export interface FlowOptions {
  readonly resizes: ResizeScanner;
  readonly charges: boolean;
  readonly prepaid: Prepaid;
}

/**
 * Finds the edits of metered functions. Instructions are charged by segment, where the segment begins: a segment ends
 * where paths meet or part for good. What follows a `br_if`, and a short branch of an `if`, are charged with what stands
 * before them, taken or not: that makes a third of the charges, and is as deterministic. A segment also pays for the
 * beginnings of the functions that it calls, where nobody else does. Fuel is checked where an iteration begins, where a
 * segment pays for others, and where a function begins that calls any that pay for themselves: on every cycle.
 */
export class FlowScanner {
  readonly #cursor: Cursor;
  readonly #edits: Edits;
  readonly #resizes: ResizeScanner;
  readonly #charges: boolean;
  readonly #prepaid: Prepaid;
  readonly #labels: number[] = [];
  /** For each label the segment that it was opened in: every way to its end leads through that. */
  readonly #openers: number[] = [];
  #segment = -1;
  /** The segment that may take over what the current one costs, or -1. */
  #parent = -1;
  #cost = 0;
  /** What the current segment pays for functions that it calls. */
  #owed = 0;
  /** The segments that pay for others, each followed by how much. What is folded does not depend on it. */
  readonly #owing: number[] = [];
  /** Calls of functions that pay for themselves. */
  #unpaid = 0;
  /** What the first segment costs, without what it pays for others. */
  entryCost = 0;
  /** The functions that are called directly. */
  readonly callees: number[] = [];
  /** What was found in the function. */
  loops = 0;
  calls = 0;
  segments = 0;
  hasTry = false;
  hasTryTable = false;

  constructor(cursor: Cursor, edits: Edits, { resizes, charges, prepaid }: FlowOptions) {
    this.#cursor = cursor;
    this.#edits = edits;
    this.#resizes = resizes;
    this.#charges = charges;
    this.#prepaid = prepaid;
  }

  /** Reads a body up to its end. Callers of a prepaid function are charged for its first segment. */
  scan(end: number, { isPrepaid }: { readonly isPrepaid: boolean }): void {
    this.loops = 0;
    this.calls = 0;
    this.segments = 0;
    this.hasTry = false;
    this.hasTryTable = false;
    this.#segment = -1;
    this.#labels.length = 0;
    this.#openers.length = 0;
    this.#cost = 0;
    this.#owed = 0;
    this.#owing.length = 0;
    this.#unpaid = 0;
    this.callees.length = 0;
    this.#beginSegment(-1);
    const cursor = this.#cursor;
    while (cursor.at < end) {
      const place = cursor.at;
      this.#cost += 1;
      this.#instruction(cursor.byte(), place);
    }
    this.#endSegment();
    if (this.#charges) this.#finish(isPrepaid);
  }

  #finish(isPrepaid: boolean): void {
    const edits = this.#edits;
    const owing = this.#owing;
    this.entryCost = edits.argument(0);
    if (isPrepaid) edits.setArgument(0, 0);
    else if (this.#unpaid > 0) edits.setKind(0, edit.check);
    for (let index = 0; index < owing.length; index += 2) {
      const segment = owing[index] ?? 0;
      edits.setArgument(segment, edits.argument(segment) + (owing[index + 1] ?? 0));
      edits.setKind(segment, edit.check);
    }
    if (isPrepaid && edits.argument(0) === 0) this.segments -= 1;
  }

  #endSegment(): void {
    if (this.#segment < 0) return;
    const edits = this.#edits;
    if (this.#owed > 0) {
      this.#owing.push(this.#segment, this.#owed);
      this.#owed = 0;
      return edits.setArgument(this.#segment, this.#cost);
    }
    const parent = this.#parent < 0 ? -1 : this.#root(this.#parent);
    const folded = parent < 0 ? Infinity : edits.argument(parent) + this.#cost;
    if (this.#cost > smallSegment || folded > mostFolded) return edits.setArgument(this.#segment, this.#cost);
    edits.setArgument(parent, folded);
    edits.setKind(this.#segment, edit.folded);
    edits.setArgument(this.#segment, parent);
    this.segments -= 1;
  }

  /** The segment that is charged for this one. */
  #root(segment: number): number {
    return this.#edits.kind(segment) === edit.folded ? this.#edits.argument(segment) : segment;
  }

  /** Begins a segment to which all ways lead through the beginning of `parent`, or through nothing that is known: -1. */
  #beginSegment(parent: number): void {
    if (!this.#charges) return;
    this.#endSegment();
    this.#cost = 0;
    this.segments += 1;
    this.#parent = parent;
    this.#segment = this.#edits.add(edit.charge, this.#cursor.at);
  }

  #instruction(opcode: number, place: number): void {
    const cursor = this.#cursor;
    switch (opcode) {
      case op.block:
      case op.loop:
      case op.if:
      case op.try:
      case op.tryTable:
        return this.#open(opcode);
      case op.else:
      case op.catch:
      case op.catchAll:
        cursor.skipImmediates(opcode);
        if (opcode !== op.else) this.#edits.add(edit.enter, cursor.at);
        return this.#beginSegment(opcode === op.else ? (this.#openers.at(-1) ?? -1) : -1);
      case op.end:
      case op.delegate:
        return this.#close(opcode);
      case op.br:
      case op.brIf:
      case op.brTable:
      case op.brOnNull:
      case op.brOnNonNull:
        return this.#branch(opcode);
      case op.call:
        if (this.#pay(cursor.unsigned())) return;
        cursor.at = place + 1;
        return this.#call(opcode, place);
      case op.callRef:
      case op.callIndirect:
        this.#unpaid += 1;
        return this.#call(opcode, place);
      case op.returnCall:
        if (!this.#pay(cursor.unsigned())) this.calls += 1;
        cursor.at = place + 1;
        return this.#end(opcode, place, edit.return);
      case op.returnCallRef:
      case op.returnCallIndirect:
        this.#unpaid += 1;
        this.calls += 1;
        return this.#end(opcode, place, edit.return);
      case op.return:
        return this.#end(opcode, place, edit.return);
      case op.throw:
      case op.rethrow:
      case op.throwRef:
        return this.#end(opcode, place, edit.leave);
      case op.unreachable:
        return this.#beginSegment(-1);
      case op.gc:
        this.#target(place);
        this.#resizes.scanInstruction(opcode, place);
        return;
      default:
        if (!this.#resizes.scanInstruction(opcode, place)) cursor.skipImmediates(opcode);
    }
  }

  /** Control never comes to what follows but by a label. */
  #end(opcode: number, place: number, kind: number): void {
    this.#edits.add(kind, place);
    this.#cursor.skipImmediates(opcode);
    this.#beginSegment(-1);
  }

  #call(opcode: number, place: number): void {
    this.calls += 1;
    this.#edits.add(edit.leave, place);
    this.#cursor.skipImmediates(opcode);
    this.#edits.add(edit.enter, this.#cursor.at);
  }

  /** Pays for a function that is called; true when that is all that becomes of it. */
  #pay(index: number): boolean {
    const { costs, light } = this.#prepaid;
    const cost = costs[index] ?? 0;
    this.callees.push(index);
    if (light[index] === 1) {
      this.#cost += cost;
      return true;
    }
    this.#owed += cost;
    if (cost === 0) this.#unpaid += 1;
    return false;
  }

  #open(opcode: number): void {
    const cursor = this.#cursor;
    cursor.skipBlockType();
    if (opcode === op.tryTable) {
      this.#catches();
      this.hasTry = true;
      this.hasTryTable = true;
    }
    if (opcode === op.try) this.hasTry = true;
    this.#labels.push(opcode);
    this.#openers.push(this.#segment);
    if (opcode === op.loop) {
      this.loops += 1;
      this.#beginSegment(-1);
      if (this.#charges) this.#edits.setKind(this.#segment, edit.check);
    } else if (opcode === op.if) this.#beginSegment(this.#segment);
  }

  #catches(): void {
    const cursor = this.#cursor;
    for (let count = cursor.unsigned(); count > 0; count--) {
      if (cursor.byte() < 2) cursor.skipLeb();
      this.#mark(cursor.unsigned());
    }
  }

  #close(opcode: number): void {
    this.#cost -= 1;
    if (opcode === op.delegate) this.#cursor.skipLeb();
    const label = this.#labels.pop();
    const opener = this.#openers.pop() ?? -1;
    // The end of the function, or code that only the end of what it stands in leads to.
    if (label === undefined || label === op.block || label === op.tryTable) return;
    if ((label & ~isTarget) !== op.loop) this.#beginSegment(opener);
  }

  #branch(opcode: number): void {
    const cursor = this.#cursor;
    if (opcode !== op.brTable) this.#mark(cursor.unsigned());
    else for (let count = cursor.unsigned() + 1; count > 0; count--) this.#mark(cursor.unsigned());
    if (opcode === op.br || opcode === op.brTable) this.#beginSegment(-1);
  }

  /** br_on_cast and br_on_cast_fail. */
  #target(place: number): void {
    const cursor = this.#cursor;
    const code = cursor.unsigned();
    if (code === 24 || code === 25) {
      cursor.at += 1;
      this.#mark(cursor.unsigned());
    }
    cursor.at = place + 1;
  }

  #mark(depth: number): void {
    const index = this.#labels.length - 1 - depth;
    const label = this.#labels[index];
    if (label !== undefined) this.#labels[index] = label | isTarget;
  }
}
