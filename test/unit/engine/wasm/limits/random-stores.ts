const pages = 4;
const pointers = 4;
const functions = 3;
const stores: readonly (readonly [name: string, value: string])[] = [
  ["i32.store", ""],
  ["i32.store8", ""],
  ["i32.store16", ""],
  ["i64.store", "i64.extend_i32_u"],
  ["f64.store", "f64.convert_i32_u"],
  ["v128.store", "i32x4.splat"],
];
const offsets = [0, 0, 0, 4, 8, 200, 1_000, 1_008, 1_009, 1_020, 4_096, 9_000];

/**
 * The text of a module whose functions `f0`, `f1` … store to addresses that are in locals and constants, all over four
 * pages, in loops, branches, handlers and behind one another. It is valid, ends, and is the same for the same seed; which
 * ways it goes depends on the global `way`.
 */
export function randomStores(seed: number): string {
  return new Writer(seed).module();
}

class Writer {
  #seed: number;
  readonly #legacy: boolean;
  #counters = 0;
  #index = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#legacy = this.#below(2) === 0;
  }

  #below(bound: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * bound);
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  module(): string {
    const bodies = Array.from({ length: functions }, (_, index) => this.#function(index));
    return `(module (memory (export "memory") ${pages}) (tag $e)
      (global $way (export "way") (mut i32) (i32.const 1)) (global $g (mut i32) (i32.const 12345))
      (func $next (result i32)
        (global.set $way (i32.add (i32.mul (global.get $way) (i32.const 1664525)) (i32.const 1013904223)))
        (i32.shr_u (global.get $way) (i32.const 16)))
      ${bodies.join("\n")})`;
  }

  /** A function calls only those before it. */
  #function(index: number): string {
    this.#index = index;
    this.#counters = 0;
    const body = this.#statements(3);
    const locals = Array.from({ length: pointers }, (_, at) => `(local $p${at + 2} i32)`).join(" ");
    const counters = Array.from({ length: this.#counters }, (_, at) => `(local $n${at} i32)`).join(" ");
    return `(func $f${index} (export "f${index}") (param $p0 i32) (param $p1 i32) (result i32) ${locals} ${counters}
      ${body} ${this.#value(2)})`;
  }

  #statements(depth: number): string {
    return Array.from({ length: 1 + this.#below(5) }, () => this.#statement(depth)).join("\n");
  }

  #statement(depth: number): string {
    const inner = () => this.#statements(depth - 1);
    const flip = `(i32.and (call $next) (i32.const 1))`;
    switch (this.#below(depth === 0 ? 7 : 12)) {
      case 0:
        return `(local.set ${this.#local()} ${this.#address(1)})`;
      case 1:
        return `(memory.fill ${this.#address(1)} (i32.const 3) (i32.const ${this.#below(6_000)}))`;
      case 7:
        return `(block ${inner()} (br_if 0 ${flip}) ${inner()})`;
      case 8: {
        const counter = `$n${this.#counters++}`;
        const again = `(i32.lt_u (local.tee ${counter} (i32.add (local.get ${counter}) (i32.const 1))) (i32.const ${this.#below(4)}))`;
        return `(loop ${inner()} (br_if 0 ${again}))`;
      }
      case 9:
        return `(if ${flip} (then ${inner()}) (else ${inner()}))`;
      case 10:
        return `(if ${flip} (then ${inner()} (return (i32.const 0))))`;
      case 11: {
        const body = `${inner()} (if ${flip} (then (throw $e))) ${inner()}`;
        if (this.#legacy) return `(try (do ${body}) (catch $e ${inner()}) (catch_all ${inner()}))`;
        return `(block (try_table (catch $e 0) ${body})) ${inner()}`;
      }
      default:
        return this.#store();
    }
  }

  #store(): string {
    const [store, convert] = this.#pick(stores);
    const [base, value] = [this.#address(2), this.#value(2)];
    return `(${store} offset=${this.#pick(offsets)} ${base} ${convert === "" ? value : `(${convert} ${value})`})`;
  }

  #local(): string {
    return `$p${this.#below(pointers + 2)}`;
  }

  #constant(): string {
    return `(i32.const ${this.#below(pages * 65_536 - 10_000)})`;
  }

  #address(depth: number): string {
    switch (this.#below(depth === 0 ? 4 : 8)) {
      case 0:
        return this.#constant();
      case 4:
        return `(local.tee ${this.#local()} ${this.#address(depth - 1)})`;
      case 5:
        return `(i32.rem_u (i32.add ${this.#address(depth - 1)} (i32.const ${this.#below(9_000)})) (i32.const 250000))`;
      case 6:
        return `(select ${this.#address(depth - 1)} ${this.#address(depth - 1)} (i32.and (global.get $g) (i32.const 1)))`;
      case 7:
        return `(block (result i32) (local.set ${this.#local()} ${this.#constant()}) ${this.#address(depth - 1)})`;
      default:
        return `(local.get ${this.#local()})`;
    }
  }

  /** What is stored: working it out may change the locals that addresses are in. */
  #value(depth: number): string {
    switch (this.#below(depth === 0 ? 2 : 8)) {
      case 0:
        return "(i32.const 77)";
      case 1:
        return `(local.get ${this.#local()})`;
      case 2:
        return `(local.tee ${this.#local()} ${this.#constant()})`;
      case 3:
        return `(i32.xor ${this.#value(depth - 1)} (i32.clz ${this.#value(depth - 1)}))`;
      case 4:
        return this.#index === 0
          ? "(call $next)"
          : `(call $f${this.#below(this.#index)} ${this.#address(1)} ${this.#address(1)})`;
      case 5:
        return `(i32.wrap_i64 (i64.mul (i64.extend_i32_s ${this.#value(depth - 1)}) (i64.const 3)))`;
      case 6:
        return `(if (result i32) (i32.and (call $next) (i32.const 1)) (then ${this.#value(depth - 1)}) (else ${this.#value(depth - 1)}))`;
      default:
        return `(i32.trunc_sat_f64_u (f64.add (f64.load ${this.#address(depth - 1)}) (f64.const 1)))`;
    }
  }
}
