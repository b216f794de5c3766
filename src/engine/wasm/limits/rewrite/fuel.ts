import type { Additions } from "./additions.ts";
import { hookSlots } from "./additions.ts";
import { op, type } from "./opcodes.ts";
import { encode, type Sink } from "./sink.ts";

/** A bulk operation costs one for this many bytes or elements, as a power of two: what V8 does in about a nanosecond. */
const bulkShift = 7;

/** The locals that metering adds to a function. */
export interface FuelLocals {
  /** The counter in its 64 bits: kept while the function runs, or only for a moment. */
  readonly fuel: number;
  /** Lengths of bulk operations. */
  readonly length32: number;
  readonly length64: number;
  /** The counter lives in the local and is written back around calls. Else the global is always right. */
  readonly cached: boolean;
}

/** Writes what metering adds to one function. */
export class FuelCode {
  readonly #sink: Sink;
  readonly #additions: Additions;
  readonly #shared: boolean;
  readonly #global: number;
  #locals: FuelLocals = { fuel: 0, length32: 0, length64: 0, cached: false };

  constructor(sink: Sink, additions: Additions, shared: boolean) {
    this.#sink = sink;
    this.#additions = additions;
    this.#shared = shared;
    this.#global = additions.counter("fuel");
  }

  begin(locals: FuelLocals): void {
    this.#locals = locals;
    this.enter();
  }

  /** Before other code runs. */
  leave(): void {
    if (this.#locals.cached) this.#store();
  }

  /** After other code has run. */
  enter(): void {
    if (this.#locals.cached) this.#load();
  }

  #load(): void {
    this.#sink.indexed(op.globalGet, this.#global);
    this.#sink.indexed(op.localSet, this.#locals.fuel);
  }

  #store(): void {
    this.#sink.indexed(op.localGet, this.#locals.fuel);
    this.#sink.indexed(op.globalSet, this.#global);
  }

  #push(): void {
    if (this.#locals.cached) this.#sink.indexed(op.localGet, this.#locals.fuel);
    else this.#sink.indexed(op.globalGet, this.#global);
  }

  /** Takes a number off the fuel. */
  charge(cost: number): void {
    const sink = this.#sink;
    this.#push();
    sink.constant(op.i64Const, cost);
    sink.byte(op.i64Sub);
    if (this.#locals.cached) sink.indexed(op.localSet, this.#locals.fuel);
    else sink.indexed(op.globalSet, this.#global);
  }

  /** Takes a number off the fuel, and ends the call when it is used up. */
  chargeAndCheck(cost: number): void {
    this.#push();
    this.#sink.constant(op.i64Const, cost);
    this.#subtractAndCheck();
  }

  /** Charges a bulk operation, whose length is on the stack and stays there. */
  bulk(isWide: boolean): void {
    const sink = this.#sink;
    const local = isWide ? this.#locals.length64 : this.#locals.length32;
    sink.indexed(op.localTee, local);
    this.#push();
    sink.indexed(op.localGet, local);
    sink.constant(isWide ? op.i64Const : op.i32Const, bulkShift);
    sink.byte(isWide ? op.i64ShrU : op.i32ShrU);
    if (!isWide) sink.byte(op.i64ExtendI32U);
    this.#subtractAndCheck();
  }

  #subtractAndCheck(): void {
    const sink = this.#sink;
    sink.byte(op.i64Sub);
    sink.indexed(op.localTee, this.#locals.fuel);
    if (!this.#locals.cached) {
      sink.indexed(op.globalSet, this.#global);
      sink.indexed(op.localGet, this.#locals.fuel);
    }
    sink.constant(op.i64Const, 0);
    sink.bytes(op.i64LtS, op.if, type.empty);
    this.leave();
    // A trap, because a guest could catch anything else; and here, so that its own function is where it happened.
    if (!this.#shared) sink.byte(op.unreachable);
    else {
      sink.indexed(op.call, this.#refuel());
      sink.bytes(op.if, type.empty, op.unreachable, op.end);
      this.enter();
    }
    sink.byte(op.end);
  }

  /** The function that asks the host for fuel that other modules of the instance have, and says whether there is none. */
  #refuel(): number {
    return this.#additions.function("refuel", () => {
      const hooks = this.#additions.hooks();
      const hookType = this.#additions.type(Uint8Array.of(0x60, 0, 0));
      return {
        type: this.#additions.type(Uint8Array.of(0x60, 0, 1, type.i32)),
        body: encode((sink) => {
          sink.byte(0);
          sink.constant(op.i32Const, hookSlots.refuel);
          sink.indexed(op.tableGet, hooks);
          sink.bytes(op.refIsNull, op.i32Eqz, op.if, type.empty);
          sink.constant(op.i32Const, hookSlots.refuel);
          sink.byte(op.callIndirect);
          sink.unsigned(hookType);
          sink.unsigned(hooks);
          sink.byte(op.end);
          sink.indexed(op.globalGet, this.#global);
          sink.constant(op.i64Const, 0);
          sink.bytes(op.i64LtS, op.end);
        }),
      };
    });
  }
}
