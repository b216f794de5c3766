import type { Additions } from "./additions.ts";
import { Cursor } from "./cursor.ts";
import { edit, Edits } from "./edits.ts";
import { FuelCode } from "./fuel.ts";
import { op, type } from "./opcodes.ts";
import { MarkCode } from "./marks.ts";
import { findPrepaid, type Prepaid } from "./prepaid.ts";
import type { Resizers } from "./resize.ts";
import { FlowScanner } from "./scan-flow.ts";
import { ResizeScanner } from "./scan-resize.ts";
import type { FunctionShape, ModuleShape } from "./shape.ts";
import { StackCode } from "./stack.ts";
import { encode, type Sink } from "./sink.ts";

/** What is counted in function bodies, beside the resizing of memories and tables. */
export interface Counted {
  readonly fuel: boolean;
  readonly stack: boolean;
  /** What is written to is marked; only where nothing else is counted. */
  readonly marks: boolean;
  /** The instance has more modules than this. */
  readonly shared: boolean;
}

/** One function's body in the binary. */
interface Body {
  readonly start: number;
  readonly end: number;
  /** Where the local declarations, then the instructions begin. */
  readonly groups: number;
  readonly groupCount: number;
  readonly code: number;
  /** Parameters and locals. */
  readonly locals: number;
  readonly type: FunctionShape;
}

/** Rewrites function bodies one after the other. */
export class BodyWriter {
  readonly #cursor: Cursor;
  readonly #sink: Sink;
  readonly #shape: ModuleShape;
  readonly #additions: Additions;
  readonly #resizers: Resizers;
  readonly #edits = new Edits();
  readonly #resizes: ResizeScanner;
  readonly #flow: FlowScanner | undefined;
  readonly #fuel: FuelCode | undefined;
  readonly #stack: StackCode | undefined;
  readonly #prepaid: Prepaid | undefined;
  readonly #marks: MarkCode | undefined;

  constructor(sink: Sink, parts: { shape: ModuleShape; additions: Additions; resizers: Resizers; counted: Counted }) {
    const { shape, additions, resizers, counted } = parts;
    this.#sink = sink;
    this.#shape = shape;
    this.#additions = additions;
    this.#resizers = resizers;
    this.#cursor = new Cursor(shape.bytes);
    this.#resizes = new ResizeScanner(this.#cursor, this.#edits, {
      shape,
      charges: counted.fuel,
      marks: counted.marks,
    });
    // Behind the memories that it has.
    const cards = shape.memories.length;
    if (counted.marks) this.#marks = new MarkCode(sink, this.#cursor, { additions, cards });
    if (counted.fuel) this.#fuel = new FuelCode(sink, additions, counted.shared);
    if (counted.stack) this.#stack = new StackCode(sink, additions);
    if (counted.fuel || counted.stack) {
      const prepaid = findPrepaid(shape);
      if (counted.fuel) this.#prepaid = prepaid;
      this.#flow = new FlowScanner(this.#cursor, this.#edits, {
        resizes: this.#resizes,
        charges: counted.fuel,
        prepaid,
      });
    }
  }

  /** Some body that was written changes what cannot be put back. */
  get changesForGood(): boolean {
    return this.#resizes.changesForGood;
  }

  /** What bodies that were written write to memory, as `LimitedModule` has it. */
  get writes(): "nothing" | "markable" | "unmarkable" {
    // Bodies that are charged for are scanned for that, and are not marked.
    if (this.#flow !== undefined || this.#resizes.writesAtomically) return "unmarkable";
    if (!this.#resizes.writes) return "nothing";
    return this.#shape.memories.some(({ wide, shared }) => wide || shared) ? "unmarkable" : "markable";
  }

  /** Writes the body of a function with its size, and gives the place after the one that it read at `start`. */
  write(start: number, index: number): number {
    const type = this.#shape.functions[index] ?? -1;
    const shape = this.#shape.types[type];
    const cursor = this.#cursor;
    cursor.at = start;
    const size = cursor.unsigned();
    const body = this.#readHead(cursor.at + size, shape ?? cursor.fail(`a function of type ${type}`));
    this.#edits.clear();
    this.#resizes.clear();
    if (this.#flow === undefined) this.#resizes.scan(body.end);
    else this.#flow.scan(body.end, { isPrepaid: (this.#prepaid?.costs[index] ?? 0) > 0 });
    if (this.#isUnchanged()) this.#sink.copy(this.#shape.bytes, start, body.end);
    else this.#sink.sized(() => this.#writeBody(body));
    return body.end;
  }

  #readHead(end: number, shape: FunctionShape): Body {
    const cursor = this.#cursor;
    const start = cursor.at;
    const groupCount = cursor.unsigned();
    const groups = cursor.at;
    let locals = shape.params;
    for (let count = groupCount; count > 0; count--) {
      locals += cursor.unsigned();
      cursor.skipValueType();
    }
    return { start, end, groups, groupCount, code: cursor.at, locals, type: shape };
  }

  /** A function that calls none needs no frame counted: V8 itself ends what does not fit. */
  #isUnchanged(): boolean {
    if (this.#stack !== undefined && (this.#flow?.calls ?? 0) > 0) return false;
    const edits = this.#edits;
    for (let index = 0; index < edits.length; index++) {
      const kind = edits.kind(index);
      if (kind === edit.charge ? edits.argument(index) > 0 : kind === edit.check || isResize(kind)) return false;
    }
    return true;
  }

  #writeBody(body: Body): void {
    const sink = this.#sink;
    const flow = this.#flow;
    const stack = flow !== undefined && flow.calls > 0 ? this.#stack : undefined;
    const cached = this.#fuel !== undefined && flow !== undefined && isWorthCaching(flow);
    const isWrapped = cached || stack !== undefined;
    const locals = this.#writeLocals(body, stack !== undefined);
    if (isWrapped) {
      // Branches to the end of the function then lead to what is appended to it.
      sink.byte(op.block);
      this.#writeBlockType(body.type);
    }
    stack?.begin({ local: locals.stack, locals: body.locals, hasTry: flow?.hasTry === true });
    this.#fuel?.begin({ ...locals, cached });
    this.#marks?.begin(locals.marks);
    this.#writeEdits(body, { stack, isWrapped });
    if (isWrapped) {
      sink.byte(op.end);
      this.#fuel?.leave();
      stack?.return();
      sink.byte(op.end);
    }
  }

  /** Appends locals to those that the function has. */
  #writeLocals(body: Body, hasStack: boolean) {
    const sink = this.#sink;
    const added: number[] = [];
    const add = (valueType: number): number => body.locals + added.push(valueType) - 1;
    const fuel = this.#fuel === undefined ? 0 : add(type.i64);
    const length32 = this.#resizes.bulk32 ? add(type.i32) : 0;
    const length64 = this.#resizes.bulk64 ? add(type.i64) : 0;
    const stack = hasStack ? add(type.i32) : 0;
    const { stored, bulkWrites } = this.#resizes;
    if (bulkWrites) stored.add(type.i32);
    const marks = {
      address: stored.size > 0 ? add(type.i32) : 0,
      length: bulkWrites ? add(type.i32) : 0,
      values: new Map([...stored].map((valueType) => [valueType, add(valueType)])),
    };
    sink.unsigned(body.groupCount + added.length);
    sink.copy(this.#shape.bytes, body.groups, body.code);
    for (const valueType of added) sink.bytes(1, valueType);
    return { fuel, length32, length64, stack, marks };
  }

  #writeBlockType({ results, at, end }: FunctionShape): void {
    if (results === 0) this.#sink.byte(type.empty);
    else if (results === 1) this.#sink.copy(this.#shape.bytes, at, end);
    else {
      const encoded = encode((sink) => {
        sink.bytes(0x60, 0);
        sink.unsigned(results);
        sink.copy(this.#shape.bytes, at, end);
      });
      this.#sink.signed(this.#additions.type(encoded));
    }
  }

  #writeEdits(body: Body, { stack, isWrapped }: { stack: StackCode | undefined; isWrapped: boolean }): void {
    const { bytes } = this.#shape;
    const edits = this.#edits;
    let copied = body.code;
    for (let index = 0; index < edits.length; index++) {
      const place = edits.place(index);
      if (place > copied) this.#sink.copy(bytes, copied, place);
      copied = this.#writeEdit(index, stack);
    }
    // The wrapper has an end of its own.
    this.#sink.copy(bytes, copied, isWrapped ? body.end - 1 : body.end);
  }

  /** Writes an edit, and gives the place up to which it stands for what was there. */
  #writeEdit(index: number, stack: StackCode | undefined): number {
    const edits = this.#edits;
    const place = edits.place(index);
    const argument = edits.argument(index);
    switch (edits.kind(index)) {
      case edit.charge:
        if (argument > 0) this.#fuel?.charge(argument);
        return place;
      case edit.check:
        this.#fuel?.chargeAndCheck(Math.max(argument, 1));
        return place;
      case edit.leave:
        this.#fuel?.leave();
        stack?.leave();
        return place;
      case edit.enter:
        this.#fuel?.enter();
        return place;
      case edit.return:
        this.#fuel?.leave();
        stack?.return();
        return place;
      case edit.bulk32:
      case edit.bulk64:
        this.#fuel?.bulk(edits.kind(index) === edit.bulk64);
        return place;
      case edit.poll:
        this.#sink.indexed(op.call, this.#additions.poll());
        return place;
      case edit.markStore:
        this.#marks?.store(place);
        return place;
      case edit.markLocal:
        this.#marks?.storeAtLocal(place, argument);
        return place;
      case edit.markCard:
        this.#marks?.storeAtCard(argument);
        return place;
      case edit.markBulk:
        this.#marks?.bulk();
        return place;
      case edit.memorySize:
      case edit.memoryGrow:
      case edit.tableGrow:
        return this.#resize(edits.kind(index), place, argument);
      default:
        return place;
    }
  }

  #resize(kind: number, place: number, index: number): number {
    const cursor = this.#cursor;
    cursor.at = place + 1;
    cursor.skipLeb();
    if (kind === edit.tableGrow) {
      cursor.skipLeb();
      this.#sink.indexed(op.call, this.#resizers.tableGrow(index));
    } else if (kind === edit.memoryGrow) {
      this.#sink.indexed(op.call, this.#resizers.memoryGrow(index));
    } else {
      const size = this.#resizers.sizeGlobal(index);
      if (size === undefined) return place;
      this.#sink.indexed(op.globalGet, size);
    }
    return cursor.at;
  }
}

/** An edit that is made whatever is counted. */
function isResize(kind: number): boolean {
  return kind > edit.return && kind !== edit.folded;
}

/**
 * A local is faster than a global, but is written and read around each call; and the handlers of a try_table are
 * reached past the code that would read it.
 */
function isWorthCaching({ hasTryTable, segments, loops, calls }: FlowScanner): boolean {
  return !hasTryTable && segments > 0 && (loops > 0 || segments > calls + 2);
}
