import type { Additions } from "./additions.ts";
import { op, type } from "./opcodes.ts";
import type { Sink } from "./sink.ts";

/** Bytes of stack that a frame takes without its locals: return address, frame pointer, instance, spills. Measured. */
const frameBytes = 48;
const localBytes = 8;

/** Writes what counting the stack adds to one function. */
export class StackCode {
  readonly #sink: Sink;
  readonly #global: number;
  #local = 0;
  #cost = 0;
  #hasTry = false;

  constructor(sink: Sink, additions: Additions) {
    this.#sink = sink;
    this.#global = additions.counter("stack");
  }

  /** Takes a frame off what is left; below nothing, the call ends. `local` keeps what was left before. */
  begin({ local, locals, hasTry }: { local: number; locals: number; hasTry: boolean }): void {
    const sink = this.#sink;
    this.#local = local;
    this.#cost = frameBytes + localBytes * locals;
    this.#hasTry = hasTry;
    sink.indexed(op.globalGet, this.#global);
    sink.indexed(op.localTee, local);
    sink.constant(op.i32Const, this.#cost);
    sink.byte(op.i32Sub);
    sink.indexed(op.globalSet, this.#global);
    sink.indexed(op.localGet, local);
    sink.constant(op.i32Const, this.#cost);
    sink.bytes(op.i32LtS, op.if, type.empty, op.unreachable, op.end);
  }

  /** Before a call: an exception that was caught here has passed over frames that did not give back what they took. */
  leave(): void {
    if (!this.#hasTry) return;
    this.#sink.indexed(op.localGet, this.#local);
    this.#sink.constant(op.i32Const, this.#cost);
    this.#sink.byte(op.i32Sub);
    this.#sink.indexed(op.globalSet, this.#global);
  }

  /** Before the function returns. */
  return(): void {
    this.#sink.indexed(op.localGet, this.#local);
    this.#sink.indexed(op.globalSet, this.#global);
  }
}
