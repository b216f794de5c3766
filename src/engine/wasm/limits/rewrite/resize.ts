import type { PlannedMemory } from "../plan.ts";
import { hookSlots, type Additions } from "./additions.ts";
import { op, type } from "./opcodes.ts";
import type { ModuleShape, TableShape } from "./shape.ts";
import { encode, type Sink } from "./sink.ts";

/** The instructions of one width of addresses. */
const narrow = {
  type: type.i32,
  constant: op.i32Const,
  add: op.i32Add,
  sub: op.i32Sub,
  ltU: op.i32LtU,
  gtU: op.i32GtU,
  eq: op.i32Eq,
};
const wide = {
  type: type.i64,
  constant: op.i64Const,
  add: op.i64Add,
  sub: op.i64Sub,
  ltU: op.i64LtU,
  gtU: op.i64GtU,
  eq: op.i64Eq,
};

/** What no memory can exceed, in pages. */
const mostPages = { narrow: 65_536, wide: 2 ** 37 };

/** Locals of a function that grows a memory: its parameter and its own. */
const [delta, before, after] = [0, 1, 2];

/** Makes the functions that stand in for `memory.grow` and `table.grow`. */
export class Resizers {
  readonly #additions: Additions;
  readonly #memories: readonly PlannedMemory[];
  readonly #shape: ModuleShape;
  readonly #budgetPages: number | undefined;
  readonly #shared: boolean;
  /** A memory that the module imports is grown, or asked for its size. */
  touchesGiven = false;

  constructor(additions: Additions, { memories, shape, budgetPages, shared }: ResizeOptions) {
    this.#additions = additions;
    this.#memories = memories;
    this.#shape = shape;
    this.#budgetPages = budgetPages;
    this.#shared = shared;
  }

  /** The index of the counter that is a memory's size to the guest; undefined when its size is what it is. */
  sizeGlobal(index: number): number | undefined {
    const memory = this.#memories[index];
    if (memory?.home === "given") this.touchesGiven = true;
    if (memory?.size !== "virtual") return undefined;
    return this.#additions.global(`size${index}`, memory.wide ? type.i64 : type.i32, memory.min);
  }

  /** The index of the function `(delta) -> old size | -1` for a memory. */
  memoryGrow(index: number): number {
    return this.#additions.function(`grow${index}`, () => {
      const code = this.#memories[index]?.wide === true ? wide : narrow;
      return {
        type: this.#additions.type(Uint8Array.of(0x60, 1, code.type, 1, code.type)),
        body: encode((sink) => this.#growBody(sink, index, code)),
      };
    });
  }

  #growBody(sink: Sink, index: number, code: typeof narrow | typeof wide): void {
    const get = (local: number) => sink.indexed(op.localGet, local);
    sink.bytes(1, 2, code.type);
    this.#writeSize(sink, index);
    sink.indexed(op.localTee, before);
    get(delta);
    sink.byte(code.add);
    sink.indexed(op.localSet, after);
    this.#refuseBeyondMost(sink, index, code);
    this.#refuseBeyondBudget(sink, index);
    this.#refuseUnapproved(sink, index);
    const size = this.sizeGlobal(index);
    if (size === undefined) {
      get(delta);
      sink.indexed(op.memoryGrow, index);
      sink.indexed(op.localTee, after);
      sink.constant(code.constant, -1);
      sink.byte(code.eq);
      this.#deny(sink, code);
      get(after);
    } else {
      get(after);
      sink.indexed(op.memorySize, index);
      sink.byte(code.gtU);
      sink.bytes(op.if, type.empty);
      get(after);
      sink.indexed(op.memorySize, index);
      sink.byte(code.sub);
      sink.indexed(op.memoryGrow, index);
      sink.constant(code.constant, -1);
      sink.byte(code.eq);
      this.#deny(sink, code);
      sink.byte(op.end);
      get(after);
      sink.indexed(op.globalSet, size);
      get(before);
    }
    sink.byte(op.end);
  }

  /** The size of a memory as the guest sees it, in pages. */
  #writeSize(sink: Sink, index: number): void {
    const size = this.sizeGlobal(index);
    if (size === undefined) sink.indexed(op.memorySize, index);
    else sink.indexed(op.globalGet, size);
  }

  #refuseBeyondMost(sink: Sink, index: number, code: typeof narrow | typeof wide): void {
    const memory = this.#memories[index];
    const most = mostPages[memory?.wide === true ? "wide" : "narrow"];
    sink.indexed(op.localGet, after);
    sink.constant(code.constant, Math.min(memory?.max ?? most, most));
    sink.byte(code.gtU);
    sink.indexed(op.localGet, after);
    sink.indexed(op.localGet, before);
    sink.byte(code.ltU);
    sink.byte(op.i32Or);
    this.#deny(sink, code);
  }

  /** A module with one memory is held to the budget by that memory's maximum. */
  #refuseBeyondBudget(sink: Sink, index: number): void {
    if (this.#memories.length < 2 || this.#budgetPages === undefined) return;
    const widen = (memory: PlannedMemory | undefined) => {
      if (memory?.wide !== true) sink.byte(op.i64ExtendI32U);
    };
    for (const [other, memory] of this.#memories.entries()) {
      if (other === index) sink.indexed(op.localGet, after);
      else this.#writeSize(sink, other);
      widen(memory);
      if (other > 0) sink.byte(op.i64Add);
    }
    sink.constant(op.i64Const, this.#budgetPages);
    sink.byte(op.i64GtU);
    this.#deny(sink, this.#memories[index]?.wide === true ? wide : narrow);
  }

  /** Where other modules of the instance have memories, too, the host knows what is left. */
  #refuseUnapproved(sink: Sink, index: number): void {
    if (!this.#shared || this.#budgetPages === undefined) return;
    const hooks = this.#additions.hooks();
    const code = this.#memories[index]?.wide === true ? wide : narrow;
    sink.constant(op.i32Const, hookSlots.approve);
    sink.indexed(op.tableGet, hooks);
    sink.bytes(op.refIsNull, op.i32Eqz, op.if, type.empty);
    sink.indexed(op.localGet, delta);
    if (code === narrow) sink.byte(op.i64ExtendI32U);
    sink.constant(op.i32Const, hookSlots.approve);
    sink.byte(op.callIndirect);
    sink.unsigned(this.#additions.type(Uint8Array.of(0x60, 1, type.i64, 1, type.i32)));
    sink.unsigned(hooks);
    sink.byte(op.i32Eqz);
    this.#deny(sink, code);
    sink.byte(op.end);
  }

  /** Takes a condition: when it holds, the refusal is counted and the guest gets -1. */
  #deny(sink: Sink, code: typeof narrow | typeof wide, counter: "denied" | "deniedTable" = "denied"): void {
    const denied = this.#additions.counter(counter);
    sink.bytes(op.if, type.empty);
    sink.indexed(op.globalGet, denied);
    sink.constant(op.i32Const, 1);
    sink.byte(op.i32Add);
    sink.indexed(op.globalSet, denied);
    sink.indexed(op.call, this.#tellRefused());
    sink.constant(code.constant, -1);
    sink.bytes(op.return, op.end);
  }

  /** The function that tells the host, which need not read the counters before it is told. */
  #tellRefused(): number {
    return this.#additions.function("refused", () => {
      const hooks = this.#additions.hooks();
      const hookType = this.#additions.type(Uint8Array.of(0x60, 0, 0));
      const body = encode((sink) => {
        sink.byte(0);
        sink.constant(op.i32Const, hookSlots.refused);
        sink.byte(op.callIndirect);
        sink.unsigned(hookType);
        sink.unsigned(hooks);
        sink.byte(op.end);
      });
      return { type: hookType, body };
    });
  }

  /** The index of the function `(element, delta) -> old size | -1` for a table. */
  tableGrow(index: number): number {
    return this.#additions.function(`growTable${index}`, () => {
      const table = this.#table(index);
      const code = table.wide ? wide : narrow;
      const element = this.#shape.bytes.subarray(table.type.at, table.type.end);
      const body = encode((sink) => {
        sink.bytes(1, 1, code.type);
        sink.indexed(op.localGet, 0);
        sink.indexed(op.localGet, 1);
        sink.byte(op.bulk);
        sink.unsigned(15);
        sink.unsigned(index);
        sink.indexed(op.localTee, 2);
        sink.constant(code.constant, -1);
        sink.byte(code.eq);
        this.#deny(sink, code, "deniedTable");
        sink.indexed(op.localGet, 2);
        sink.byte(op.end);
      });
      const encoded = Uint8Array.of(0x60, 2, ...element, code.type, 1, code.type);
      return { type: this.#additions.type(encoded), body };
    });
  }

  #table(index: number): TableShape {
    const table = this.#shape.tables[index];
    if (table === undefined) throw new Error(`a valid module has no table ${index}`);
    return table;
  }
}

/** What a module's resizing is held to. */
export interface ResizeOptions {
  readonly memories: readonly PlannedMemory[];
  readonly shape: ModuleShape;
  /** For all memories of the instance together. */
  readonly budgetPages: number | undefined;
  /** The instance has more modules than this. */
  readonly shared: boolean;
}
