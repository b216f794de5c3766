/** Parameters, results and locals of a function; all are i32. */
interface Shape {
  readonly params: number;
  readonly results: number;
  readonly locals: number;
}

/** What a branch out of here finds at a label: a loop is branched to without values. */
interface Label {
  readonly loop: boolean;
  readonly values: number;
}

/** Steps after which a program traps, so that each ends: it counts them in the global `steps`. */
const mostSteps = 3_000;

/**
 * The text of a module whose functions `f0`, `f1` … do anything in any order: loops, branches with and without values,
 * calls of all sorts, exceptions old or new, memory that grows. It is valid, and the same for the same seed.
 */
export function randomProgram(seed: number): string {
  return new Writer(seed, mostSteps).module();
}

/** The text of one that counts no steps, so that most of its functions never end by themselves. */
export function endlessProgram(seed: number): string {
  return new Writer(seed, Infinity).module();
}

class Writer {
  #seed: number;
  readonly #steps: number;
  readonly #shapes: readonly Shape[];
  /** Which functions are exported and in the table; the others only direct calls reach. */
  readonly #public: readonly boolean[];
  readonly #legacy: boolean;
  #labels: Label[] = [];
  #shape: Shape = { params: 0, results: 0, locals: 0 };

  constructor(seed: number, steps: number) {
    this.#seed = seed;
    this.#steps = steps;
    this.#legacy = this.#below(2) === 0;
    const shape = () => ({ params: this.#below(3), results: this.#below(3), locals: this.#below(3) });
    this.#shapes = Array.from({ length: 3 + this.#below(4) }, shape);
    this.#public = this.#shapes.map((_, index) => index === 0 || this.#below(2) === 0);
  }

  #below(bound: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * bound);
  }

  module(): string {
    const types = [0, 1, 2].flatMap((params) =>
      [0, 1, 2].map((results) => `(type $t${params}${results} (func ${signature({ params, results, locals: 0 })}))`),
    );
    const functions = this.#shapes.map((shape, index) => this.#function(shape, index));
    const elements = this.#shapes.map((_, index) =>
      this.#public[index] ? `(elem (i32.const ${index}) $f${index})` : "",
    );
    return `(module ${types.join(" ")} (memory (export "memory") 1 6) (tag $e (param i32))
      (global $g (mut i32) (i32.const 1)) (global $steps (export "steps") (mut i32) (i32.const 0))
      (table ${this.#shapes.length + 1} funcref) ${elements.join(" ")} ${functions.join("\n")})`;
  }

  #function(shape: Shape, index: number): string {
    this.#shape = shape;
    this.#labels = [{ loop: false, values: shape.results }];
    const locals = `(local ${"i32 ".repeat(shape.locals)})`;
    const body = `${this.#step(4)} ${this.#statements(4)} ${this.#values(shape.results, 3)}`;
    const exported = this.#public[index] ? `(export "f${index}")` : "";
    return `(func $f${index} ${exported} ${signature(shape)} ${locals} ${body})`;
  }

  #step(depth: number): string {
    if (this.#steps === Infinity) return this.#statements(depth);
    return `(global.set $steps (i32.add (global.get $steps) (i32.const 1)))
      (if (i32.gt_u (global.get $steps) (i32.const ${this.#steps})) (then (unreachable))) ${this.#statements(depth)}`;
  }

  #inside(write: () => string, ...labels: readonly Label[]): string {
    this.#labels.push(...labels);
    const text = write();
    this.#labels.length -= labels.length;
    return text;
  }

  #plain(write: () => string, count = 1): string {
    return this.#inside(write, ...Array.from({ length: count }, () => ({ loop: false, values: 0 })));
  }

  #values(count: number, depth: number): string {
    return Array.from({ length: count }, () => this.#value(depth)).join(" ");
  }

  #local(): number | undefined {
    const count = this.#shape.params + this.#shape.locals;
    return count === 0 ? undefined : this.#below(count);
  }

  #value(depth: number): string {
    const less = depth - 1;
    const value = () => this.#value(less);
    const local = this.#local();
    switch (this.#below(depth <= 0 ? 3 : 11)) {
      case 0:
        return `(i32.const ${this.#below(10)})`;
      case 1:
        return local === undefined ? "(i32.const 1)" : `(local.get ${local})`;
      case 2:
        return "(global.get $g)";
      case 3:
        return `(i32.add ${value()} ${value()})`;
      case 4:
        return `(i32.load (i32.and ${value()} (i32.const 1023)))`;
      case 5:
        return "(memory.size)";
      case 6:
        return `(memory.grow (i32.and ${value()} (i32.const 1)))`;
      case 7:
        return `(block (result i32) ${this.#inside(() => `${this.#statements(less)} ${value()}`, { loop: false, values: 1 })})`;
      case 8: {
        const then = () => `(then ${this.#statements(less)} ${value()}) (else ${value()})`;
        return `(if (result i32) ${value()} ${this.#inside(then, { loop: false, values: 1 })})`;
      }
      case 9:
        return this.#call(1, less);
      default:
        return `(select ${value()} ${value()} ${value()})`;
    }
  }

  #call(results: number, depth: number): string {
    const found = [...this.#shapes.entries()].filter(([, shape]) => shape.results === results);
    const [index, shape] = found[this.#below(found.length)] ?? [];
    if (shape === undefined) return results === 1 ? "(i32.const 3)" : "(nop)";
    const args = this.#values(shape.params, depth);
    if (this.#below(4) > 0 || this.#public[index ?? 0] !== true) return `(call $f${index} ${args})`;
    // Now and then another than it should be.
    const place = this.#below(8) > 0 ? index : this.#below(this.#shapes.length + 1);
    return `(call_indirect (type $t${shape.params}${results}) ${args} (i32.const ${place}))`;
  }

  #branch(depth: number): string {
    const distance = this.#below(this.#labels.length);
    const { loop = false, values = 0 } = this.#labels[this.#labels.length - 1 - distance] ?? {};
    if (loop) return `(br_if ${distance} (i32.lt_u (global.get $steps) (i32.const 200)))`;
    if (this.#below(2) === 0) {
      return `(if ${this.#value(depth)} (then ${this.#plain(() => `(br ${distance + 1} ${this.#values(values, depth)})`)}))`;
    }
    return `(br_if ${distance} ${this.#values(values, depth)} ${this.#value(depth)}) ${"(drop)".repeat(values)}`;
  }

  #statements(depth: number): string {
    const count = this.#below(3) + (depth > 2 ? 1 : 0);
    return Array.from({ length: count }, () => this.#statement(depth)).join(" ");
  }

  #statement(depth: number): string {
    const less = depth - 1;
    const value = () => this.#value(less);
    const some = () => this.#statements(less);
    if (depth <= 0) return `(global.set $g ${this.#value(0)})`;
    const local = this.#local();
    switch (this.#below(14)) {
      case 0:
        return local === undefined ? "(nop)" : `(local.set ${local} ${value()})`;
      case 1:
        return `(i32.store (i32.and ${value()} (i32.const 1023)) ${value()})`;
      case 2:
        return this.#loop(less);
      case 3:
        return `(block ${this.#plain(() => `${some()} ${this.#branch(less)} ${some()}`)})`;
      case 4:
        return `(if ${value()} ${this.#plain(() => `(then ${some()}) (else ${some()})`)})`;
      case 5:
        return this.#branch(less);
      case 6:
        return this.#call(0, less);
      case 7:
        return this.#maybe(less, () => `(return ${this.#values(this.#shape.results, less)})`);
      case 8: {
        const choose = this.#plain(() => `(br_table 0 1 2 ${value()})`, 3);
        return `(block (block (block ${choose}) ${this.#plain(some, 2)}) ${this.#plain(some)})`;
      }
      case 9:
        return this.#legacy ? this.#try(less) : this.#tryTable(less);
      case 10:
        return this.#maybe(less, () => `(throw $e ${value()})`);
      case 11:
        return `(memory.fill (i32.and ${value()} (i32.const 511)) ${value()} (i32.and ${value()} (i32.const 511)))`;
      case 12:
        return this.#maybe(less, () => this.#call(this.#shape.results, less).replace(/^\(call/, "(return_call"));
      default:
        return `(drop ${value()})`;
    }
  }

  #maybe(depth: number, write: () => string): string {
    const text = this.#plain(write);
    return `(if ${this.#value(depth)} (then ${/^\((return|throw)/.test(text) ? text : "(nop)"}))`;
  }

  #loop(depth: number): string {
    const again = `(br_if 0 (i32.lt_u (i32.and (global.get $steps) (i32.const 15)) (i32.const ${this.#below(14)})))`;
    const label = { loop: true, values: 0 };
    return `(loop ${this.#inside(() => `${this.#step(depth)} ${this.#branch(depth)} ${again}`, label)})`;
  }

  #try(depth: number): string {
    const rethrow = this.#below(4) === 0 ? "(rethrow 0)" : "";
    const some = () => this.#statements(depth);
    const write = () => `(do ${some()}) (catch $e (global.set $g) ${some()}) (catch_all ${some()} ${rethrow})`;
    return `(try ${this.#plain(write)})`;
  }

  #tryTable(depth: number): string {
    const label = { loop: false, values: 0 };
    const body = this.#inside(() => this.#statements(depth), label, { loop: false, values: 1 }, label);
    const after = this.#plain(() => this.#statements(depth));
    return `(block (global.set $g (block (result i32) (try_table (catch $e 0) (catch_all 1) ${body}) (i32.const 4))) ${after})`;
  }
}

function signature({ params, results }: Shape): string {
  return `${"(param i32) ".repeat(params)} ${results === 0 ? "" : `(result ${"i32 ".repeat(results)})`}`;
}
