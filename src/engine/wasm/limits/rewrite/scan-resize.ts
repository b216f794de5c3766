import type { Cursor } from "./cursor.ts";
import { edit, type Edits } from "./edits.ts";
import { isVectorStore, storedType } from "./marks.ts";
import { MarkScanner } from "./scan-marks.ts";
import { op, type } from "./opcodes.ts";
import type { ModuleShape } from "./shape.ts";

/** After 0xfc: data.drop, table.init, elem.drop, table.copy, table.grow, table.fill. */
const forGood: ReadonlySet<number> = new Set([9, 12, 13, 14, 15, 17]);

/** After 0xfe; those below the fence wait and notify. */
const atomicFence = 3;
const firstAtomicLoad = 0x10;
const lastAtomicLoad = 0x16;

/** What is looked for. */
export interface ScanOptions {
  readonly shape: ModuleShape;
  /** Charge bulk operations, too. */
  readonly charges: boolean;
  /** Mark what is written to; only where nothing is charged. */
  readonly marks: boolean;
}

/** Finds the edits that every function gets, whatever its limits. */
export class ResizeScanner {
  readonly #cursor: Cursor;
  readonly #edits: Edits;
  readonly #shape: ModuleShape;
  readonly #charges: boolean;
  readonly #marks: MarkScanner | undefined;
  /** Some bulk operation has a length of 32 or of 64 bits. */
  bulk32 = false;
  bulk64 = false;
  /** Types of the values that the body stores, and whether it has bulk operations on memory: what marking them takes. */
  readonly stored = new Set<number>();
  bulkWrites = false;
  /** Some body writes to memory; some body does so where nobody can mark it. */
  writes = false;
  writesAtomically = false;
  /** Some body changes a table or gives up a segment, which nothing can undo. */
  changesForGood = false;

  constructor(cursor: Cursor, edits: Edits, { shape, charges, marks }: ScanOptions) {
    this.#cursor = cursor;
    this.#edits = edits;
    this.#shape = shape;
    this.#charges = charges;
    this.#marks = marks ? new MarkScanner(cursor, edits, shape) : undefined;
  }

  clear(): void {
    this.bulk32 = false;
    this.bulk64 = false;
    if (this.stored.size > 0) this.stored.clear();
    this.bulkWrites = false;
  }

  /** Reads a body up to its end. */
  scan(end: number): void {
    const cursor = this.#cursor;
    this.#marks?.begin(end);
    while (cursor.at < end) {
      const place = cursor.at;
      const opcode = cursor.byte();
      if (opcode < op.firstStore || opcode > op.lastStore) this.#marks?.see(opcode);
      if (this.scanInstruction(opcode, place)) continue;
      if (opcode >= op.firstStore && opcode <= op.lastStore) this.#store(place, opcode);
      else if (opcode === op.simd || opcode === op.atomic) this.#prefixedWrite(opcode, place);
      cursor.skipImmediates(opcode);
    }
  }

  #store(place: number, opcode: number): void {
    this.writes = true;
    if (this.#marks !== undefined && !this.#marks.store(place)) this.#markUnknown(place, storedType(opcode));
  }

  /** What is stored is put into a local, to get at the address below it. */
  #markUnknown(place: number, type: number): void {
    this.stored.add(type);
    this.#edits.add(edit.markStore, place);
  }

  /** Vectors and atomic operations; their second number is read, and left to be read again. */
  #prefixedWrite(opcode: number, place: number): void {
    const cursor = this.#cursor;
    const code = cursor.unsigned();
    cursor.at = place + 1;
    if (opcode === op.simd) {
      if (!isVectorStore(code)) return;
      this.writes = true;
      if (this.#marks !== undefined) this.#markUnknown(place, type.v128);
    } else if (code > atomicFence && (code < firstAtomicLoad || code > lastAtomicLoad)) this.writesAtomically = true;
  }

  /** Takes an instruction whose opcode has been read; false when it is none of those that are edited here. */
  scanInstruction(opcode: number, place: number): boolean {
    switch (opcode) {
      case op.memorySize:
        this.#edits.add(edit.memorySize, place, this.#cursor.unsigned());
        return true;
      case op.memoryGrow:
        this.#edits.add(edit.memoryGrow, place, this.#cursor.unsigned());
        return true;
      case op.bulk:
        this.#bulk(place);
        return true;
      case op.tableSet:
        this.changesForGood = true;
        return false;
      case op.gc:
        this.#gc(place);
        return true;
      default:
        return false;
    }
  }

  #bulk(place: number): void {
    const cursor = this.#cursor;
    const code = cursor.unsigned();
    const immediates = cursor.at;
    cursor.skipBulk(code);
    const end = cursor.at;
    if (forGood.has(code)) this.changesForGood = true;
    if (code === 8 || code === 10 || code === 11) this.#bulkWrite(place);
    if (code < 8 || code === 9 || code === 13 || code === 16 || code > 17) return;
    cursor.at = immediates;
    const first = cursor.unsigned();
    if (code === 15) this.#edits.add(edit.tableGrow, place, first);
    else {
      const { memories, tables } = this.#shape;
      const isWide = (space: readonly { readonly wide: boolean }[], index: number) => space[index]?.wide === true;
      // memory.copy and table.copy count in the smaller of two widths; memory.init and table.init always in 32 bits.
      if (code === 10) this.#long(place, end, isWide(memories, first) && isWide(memories, cursor.unsigned()));
      else if (code === 14) this.#long(place, end, isWide(tables, first) && isWide(tables, cursor.unsigned()));
      else if (code === 11) this.#long(place, end, isWide(memories, first));
      else if (code === 17) this.#long(place, end, isWide(tables, first));
      else this.#long(place, end, false);
    }
    cursor.at = end;
  }

  /** memory.init, memory.copy, memory.fill. */
  #bulkWrite(place: number): void {
    this.writes = true;
    if (this.#marks === undefined) return;
    this.bulkWrites = true;
    this.#edits.add(edit.markBulk, place);
  }

  /** Makes and copies of arrays, whose lengths are 32 bits. */
  #gc(place: number): void {
    const code = this.#cursor.unsigned();
    this.#cursor.skipGc(code);
    if (code === 6 || code === 7 || code === 9 || code === 10 || (code >= 16 && code <= 19)) {
      this.#long(place, this.#cursor.at, false);
    }
  }

  #long(place: number, end: number, wide: boolean): void {
    if (this.#charges) {
      this.#edits.add(wide ? edit.bulk64 : edit.bulk32, place);
      if (wide) this.bulk64 = true;
      else this.bulk32 = true;
    }
    this.#edits.add(edit.poll, end);
  }
}
