import type { Counter } from "../plan.ts";
import type { ModuleShape } from "./shape.ts";
import { op, type } from "./opcodes.ts";
import { encode, type Sink } from "./sink.ts";

interface AddedFunction {
  readonly type: number;
  readonly body: Uint8Array;
}

interface AddedExport {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

/**
 * Places in the table of hooks: `refuel` gives more fuel if there is any, `approve` says whether a memory may grow,
 * `refused` is told that something did not grow.
 */
export const hookSlots = { refuel: 0, approve: 1, refused: 2 } as const;

/** What is appended to a module, made when it is first asked for. Nothing that the module has changes its index. */
export class Additions {
  readonly types: Uint8Array[] = [];
  readonly functions: AddedFunction[] = [];
  readonly globals: Uint8Array[] = [];
  readonly exports: AddedExport[] = [];
  readonly counters: Counter[] = [];
  readonly #shape: ModuleShape;
  readonly #prefix: string;
  readonly #made = new Map<string, number>();
  hasHooks = false;

  constructor(shape: ModuleShape, prefix: string) {
    this.#shape = shape;
    this.#prefix = prefix;
  }

  #once(key: string, make: () => number): number {
    const found = this.#made.get(key);
    if (found !== undefined) return found;
    const made = make();
    this.#made.set(key, made);
    return made;
  }

  /** The index of a function type, given as it is encoded. */
  type(encoded: Uint8Array): number {
    const key = `type ${encoded.join()}`;
    return this.#once(key, () => this.#shape.types.length + this.types.push(encoded) - 1);
  }

  /** The index of a function. */
  function(name: string, make: () => AddedFunction): number {
    return this.#once(`function ${name}`, () => {
      // Made first: it may need functions of its own.
      const made = make();
      return this.#shape.functions.length + this.functions.push(made) - 1;
    });
  }

  /** The index of a mutable global, which is exported by its name. */
  global(name: string, valueType: number, initial: number): number {
    return this.#once(`global ${name}`, () => {
      const constant = valueType === type.i64 ? op.i64Const : op.i32Const;
      const encoded = encode((sink) => {
        sink.bytes(valueType, 1);
        sink.constant(constant, initial);
        sink.byte(op.end);
      });
      const index = this.#shape.globals + this.globals.push(encoded) - 1;
      this.export(name, 3, index);
      return index;
    });
  }

  /** True when a global was asked for. */
  has(name: string): boolean {
    return this.#made.has(`global ${name}`);
  }

  /** The index of a counter. Fuel is counted in 64 bits, all else in 32. */
  counter(name: Counter): number {
    if (!this.counters.includes(name)) this.counters.push(name);
    return this.global(name, name === "fuel" ? type.i64 : type.i32, 0);
  }

  /** The index of the table that the host's functions are put into. */
  hooks(): number {
    return this.#once("table", () => {
      this.hasHooks = true;
      this.export("hooks", 1, this.#shape.tables.length);
      return this.#shape.tables.length;
    });
  }

  export(name: string, kind: number, index: number): void {
    this.exports.push({ name: this.#prefix + name, kind, index });
  }

  /** A function that does nothing. V8 looks at interrupts when it is called. */
  poll(): number {
    return this.function("poll", () => ({
      type: this.type(Uint8Array.of(0x60, 0, 0)),
      body: Uint8Array.of(0, op.end),
    }));
  }

  writeFunctions(sink: Sink): void {
    for (const { body } of this.functions) {
      sink.unsigned(body.length);
      sink.raw(body);
    }
  }
}
