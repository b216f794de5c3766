import { cardShift, markedReach } from "../cards.ts";
import type { Cursor } from "./cursor.ts";
import { edit, type Edits } from "./edits.ts";
import { widestStore } from "./marks.ts";
import { op } from "./opcodes.ts";
import type { ModuleShape } from "./shape.ts";

/** What is known of a value on the stack, in place of the local that it was read from. */
const unknown = -1;
const constant = -2;

/** An address that is marked wherever this point is reached: the one in a local with an offset, or a card. */
interface Marked {
  readonly local: number;
  readonly version: number;
  readonly at: number;
}

/** More are forgotten: functions that write to so many places are rare, and each store looks through all. */
const mostMarked = 32;
const noLocal = -1;

/** How many values instructions take off the stack, by opcode, of those that then put one there: -1 for all others. */
const takes = fillTakes();

function fillTakes(): Int8Array {
  const table = new Int8Array(256).fill(-1);
  const range = (count: number, first: number, last: number) => void table.fill(count, first, last + 1);
  range(0, op.globalGet, op.globalGet);
  range(1, 0x28, 0x35); // Loads.
  range(0, 0x41, 0x44); // Constants.
  for (const one of [0x45, 0x50]) range(1, one, one); // eqz
  for (const [first, last] of [
    [0x46, 0x4f],
    [0x51, 0x66],
    [0x6a, 0x78],
    [0x7c, 0x8a],
    [0x92, 0x98],
    [0xa0, 0xa6],
  ] as const)
    range(2, first, last); // Comparisons, arithmetic.
  for (const [first, last] of [
    [0x67, 0x69],
    [0x79, 0x7b],
    [0x8b, 0x91],
    [0x99, 0x9f],
    [0xa7, 0xc4],
  ] as const)
    range(1, first, last); // Counts of bits, roots and roundings, conversions.
  range(3, 0x1b, 0x1b); // select
  return table;
}

/**
 * Finds stores that need no mark since an earlier one has marked the same place on every way to them, and those whose
 * address is in a local or a constant, which takes less to mark. Marks last until the call is over, so only what happens
 * to locals matters. What is not known is asked of nobody: the stack is then taken to hold unknown values.
 */
export class MarkScanner {
  readonly #cursor: Cursor;
  readonly #edits: Edits;
  readonly #shape: ModuleShape;
  /** For each value on the stack its local, `unknown` or `constant`, and the local's version or the constant. */
  readonly #kinds: number[] = [];
  readonly #values: number[] = [];
  #depth = 0;
  #versions: number[] = [];
  #marked: Marked[] = [];
  /** For each label that is open, how much was marked for sure where it was opened. */
  #labels: number[] = [];
  readonly #loopLocals = new Set<number>();

  constructor(cursor: Cursor, edits: Edits, shape: ModuleShape) {
    this.#cursor = cursor;
    this.#edits = edits;
    this.#shape = shape;
  }

  /** Before a body is scanned that lies between here and `end`. */
  begin(end: number): void {
    this.#depth = 0;
    this.#versions = [];
    this.#marked = [];
    this.#labels = [0];
    this.#findLoopLocals(end);
  }

  /** Locals that are set in a loop: what is known of them there may be of an earlier turn. */
  #findLoopLocals(end: number): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    this.#loopLocals.clear();
    const labels: boolean[] = [];
    let loops = 0;
    while (cursor.at < end) {
      const opcode = cursor.byte();
      if (opensLabel(opcode)) {
        labels.push(opcode === op.loop);
        if (opcode === op.loop) loops += 1;
      } else if (closesLabel(opcode)) {
        if (labels.pop() === true) loops -= 1;
      } else if (loops > 0 && (opcode === op.localSet || opcode === op.localTee)) {
        const { at } = cursor;
        this.#loopLocals.add(cursor.unsigned());
        cursor.at = at;
      }
      cursor.skipImmediates(opcode);
    }
    cursor.at = start;
  }

  /** Looks at an instruction that is no store, and whose opcode has been read; its immediates are left to be read. */
  see(opcode: number): void {
    const cursor = this.#cursor;
    const { at } = cursor;
    const count = takes[opcode] ?? -1;
    if (opcode === op.i32Const) this.#push(constant, this.#signed() >>> 0);
    else if (count >= 0) this.#replace(count, 1);
    else this.#seeOther(opcode);
    cursor.at = at;
  }

  #seeOther(opcode: number): void {
    switch (opcode) {
      case op.localGet: {
        const local = this.#cursor.unsigned();
        this.#push(local, this.#versions[local] ?? 0);
        return;
      }
      case op.localSet:
      case op.localTee: {
        const local = this.#cursor.unsigned();
        const version = (this.#versions[local] ?? 0) + 1;
        this.#versions[local] = version;
        this.#pop(1);
        if (opcode === op.localTee) this.#push(local, version);
        return;
      }
      case op.drop:
      case op.globalSet:
        this.#pop(1);
        return;
      case op.nop:
        return;
      case op.call:
        return this.#call(this.#shape.functions[this.#cursor.unsigned()] ?? -1);
      default:
        this.#depth = 0;
        this.#flow(opcode);
    }
  }

  #call(type: number): void {
    const found = this.#shape.types[type];
    if (found === undefined) this.#depth = 0;
    else this.#replace(found.params, found.results);
  }

  #replace(taken: number, given: number): void {
    this.#pop(taken);
    for (let left = given; left > 0; left -= 1) this.#push(unknown, 0);
  }

  #push(kind: number, value: number): void {
    this.#kinds[this.#depth] = kind;
    this.#values[this.#depth] = value;
    this.#depth += 1;
  }

  /** What lies below all that is known stays unknown. */
  #pop(count: number): void {
    this.#depth = Math.max(this.#depth - count, 0);
  }

  /** What is marked inside of a label may not be where others branch to. */
  #flow(opcode: number): void {
    if (opensLabel(opcode)) {
      if (opcode === op.loop) {
        for (const local of this.#loopLocals) this.#versions[local] = (this.#versions[local] ?? 0) + 1;
      }
      this.#labels.push(this.#marked.length);
    } else if (closesLabel(opcode)) {
      this.#marked.length = Math.min(this.#labels.pop() ?? 0, this.#marked.length);
    } else if (opcode === op.else || opcode === op.catch || opcode === op.catchAll) {
      this.#marked.length = Math.min(this.#labels.at(-1) ?? 0, this.#marked.length);
    }
  }

  /** Looks at a store of numbers. False when nothing is known of its address. */
  store(place: number): boolean {
    const cursor = this.#cursor;
    const { at } = cursor;
    const offset = cursor.memoryOffset();
    cursor.at = at;
    if (this.#depth < 2) {
      this.#depth = 0;
      return false;
    }
    this.#pop(2);
    const [kind, value] = [this.#kinds[this.#depth] ?? unknown, this.#values[this.#depth] ?? 0];
    if (kind === constant) this.#storeAtCard(place, value + offset);
    else if (kind === unknown || value !== (this.#versions[kind] ?? 0)) return false;
    else this.#storeAtLocal(place, kind, offset);
    return true;
  }

  #storeAtLocal(place: number, local: number, offset: number): void {
    const version = this.#versions[local] ?? 0;
    for (const mark of this.#marked) {
      const isSame = mark.local === local && mark.version === version;
      if (isSame && offset >= mark.at && offset + widestStore <= mark.at + markedReach) return;
    }
    this.#note({ local, version, at: offset + widestStore > markedReach ? offset : 0 });
    this.#edits.add(edit.markLocal, place, local);
  }

  #storeAtCard(place: number, address: number): void {
    // One that lies beyond all addresses traps.
    const card = Math.min(Math.floor(address / 2 ** cardShift), 2 ** (32 - cardShift) - 1);
    for (const { local, at } of this.#marked) if (local === noLocal && at === card) return;
    this.#note({ local: noLocal, version: 0, at: card });
    this.#edits.add(edit.markCard, place, card);
  }

  #note(mark: Marked): void {
    if (this.#marked.length < mostMarked) this.#marked.push(mark);
  }

  /** LEB128 of 32 bits, signed. */
  #signed(): number {
    const cursor = this.#cursor;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = cursor.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return byte & 0x40 && shift < 25 ? value | (-1 << (shift + 7)) : value;
    }
    return value;
  }
}

function opensLabel(opcode: number): boolean {
  return (opcode >= op.block && opcode <= op.if) || opcode === op.try || opcode === op.tryTable;
}

function closesLabel(opcode: number): boolean {
  return opcode === op.end || opcode === op.delegate;
}
