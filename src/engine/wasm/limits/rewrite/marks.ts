import { cardShift, markedReach } from "../cards.ts";
import type { Additions } from "./additions.ts";
import { hasMemoryIndex, type Cursor } from "./cursor.ts";
import { op, type } from "./opcodes.ts";
import { encode, type Sink } from "./sink.ts";

/** The widest store writes so many bytes. */
export const widestStore = 16;
const memoryFill = 11;

/** Types of what i32.store, i64.store, … i64.store32 store, in the order of their opcodes. */
const storedTypes = [type.i32, type.i64, type.f32, type.f64, type.i32, type.i32, type.i64, type.i64, type.i64] as const;

/** The type of the value that a store takes. */
export function storedType(opcode: number): number {
  return storedTypes[opcode - op.firstStore] ?? type.i32;
}

/** Whether the instruction of this number after 0xfd stores a vector or a lane of one. */
export function isVectorStore(code: number): boolean {
  return code === 11 || (code >= 88 && code <= 91);
}

/** Locals that marking uses: an address, and one for each type of value; for bulk operations, a length as well. */
export interface MarkLocals {
  readonly address: number;
  readonly values: ReadonlyMap<number, number>;
  readonly length: number;
}

/** Writes what marks cards: before an instruction that writes to memory, since one that traps ends the instance anyway. */
export class MarkCode {
  readonly #sink: Sink;
  readonly #cursor: Cursor;
  readonly #additions: Additions;
  /** The index of the memory of cards. */
  readonly #cards: number;
  #locals: MarkLocals = { address: 0, values: new Map(), length: 0 };

  constructor(sink: Sink, cursor: Cursor, { additions, cards }: { additions: Additions; cards: number }) {
    this.#sink = sink;
    this.#cursor = cursor;
    this.#additions = additions;
    this.#cards = cards;
  }

  begin(locals: MarkLocals): void {
    this.#locals = locals;
  }

  /** Before the store that stands at `place`: its address and value are on the stack. */
  store(place: number): void {
    const cursor = this.#cursor;
    cursor.at = place;
    const opcode = cursor.byte();
    if (opcode === op.simd) cursor.unsigned();
    const value = this.#locals.values.get(opcode === op.simd ? type.v128 : storedType(opcode)) ?? 0;
    const sink = this.#sink;
    sink.indexed(op.localSet, value);
    sink.indexed(op.localTee, this.#locals.address);
    this.#cardAt(cursor.memoryOffset());
    this.#mark();
    sink.indexed(op.localGet, this.#locals.address);
    sink.indexed(op.localGet, value);
  }

  /** Before the store that stands at `place`, whose address is in a local. */
  storeAtLocal(place: number, local: number): void {
    const cursor = this.#cursor;
    cursor.at = place + 1;
    this.#sink.indexed(op.localGet, local);
    this.#cardAt(cursor.memoryOffset());
    this.#mark();
  }

  /** Before a store to a card. */
  storeAtCard(card: number): void {
    this.#sink.constant(op.i32Const, card);
    this.#mark();
  }

  /** Makes an address on the stack its card. */
  #cardAt(offset: number): void {
    const sink = this.#sink;
    if (offset + widestStore > markedReach) {
      // Where this wraps around, the store traps.
      sink.constant(op.i32Const, offset | 0);
      sink.byte(op.i32Add);
    }
    sink.constant(op.i32Const, cardShift);
    sink.byte(op.i32ShrU);
  }

  /** Marks the card whose number is on the stack. */
  #mark(): void {
    const sink = this.#sink;
    sink.constant(op.i32Const, 1);
    sink.bytes(op.i32Store8, hasMemoryIndex);
    sink.unsigned(this.#cards);
    sink.unsigned(0);
  }

  /** Before memory.init, memory.copy or memory.fill: where to, what or where from, and how much are on the stack. */
  bulk(): void {
    const { address, length, values } = this.#locals;
    const middle = values.get(type.i32) ?? 0;
    const sink = this.#sink;
    sink.indexed(op.localSet, length);
    sink.indexed(op.localSet, middle);
    sink.indexed(op.localTee, address);
    sink.indexed(op.localGet, length);
    sink.indexed(op.call, this.#markRange());
    sink.indexed(op.localGet, address);
    sink.indexed(op.localGet, middle);
    sink.indexed(op.localGet, length);
  }

  /** The function `(address, length)` that marks a range. */
  #markRange(): number {
    const [address, length, last] = [0, 1, 2];
    return this.#additions.function("markRange", () => {
      const body = encode((sink) => {
        sink.bytes(1, 1, type.i32);
        sink.indexed(op.localGet, length);
        sink.bytes(op.i32Eqz, op.if, type.empty, op.return, op.end);
        sink.indexed(op.localGet, address);
        sink.indexed(op.localGet, length);
        sink.byte(op.i32Add);
        sink.constant(op.i32Const, 1);
        sink.byte(op.i32Sub);
        sink.indexed(op.localTee, last);
        sink.indexed(op.localGet, address);
        // Past the end of all addresses: what follows traps.
        sink.bytes(op.i32LtU, op.if, type.empty, op.return, op.end);
        const card = (local: number) => {
          sink.indexed(op.localGet, local);
          sink.constant(op.i32Const, cardShift);
          sink.byte(op.i32ShrU);
        };
        card(address);
        sink.constant(op.i32Const, 1);
        card(last);
        card(address);
        sink.byte(op.i32Sub);
        sink.constant(op.i32Const, 1);
        sink.bytes(op.i32Add, op.bulk, memoryFill);
        sink.unsigned(this.#cards);
        sink.byte(op.end);
      });
      return { type: this.#additions.type(Uint8Array.of(0x60, 2, type.i32, type.i32, 0)), body };
    });
  }
}
