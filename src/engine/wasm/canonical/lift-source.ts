import type { WitType } from "../../../wit/types.ts";
import {
  discriminantSize,
  layoutOf,
  offsetsOf,
  payloadOffset,
  payloadsOf,
  type Cased,
  type FlatType,
} from "./layout.ts";
import { heapCost } from "./heap-cost.ts";
import type { WriteHandle } from "./handle.ts";
import type { ValueBuilder } from "./value-source.ts";

type Kind<K extends WitType["kind"]> = Extract<WitType, { kind: K }>;
type Loaded = Kind<"list" | "tuple" | "record" | "variant" | "enum" | "flags" | "option" | "result">;

/**
 * Writes JavaScript that lifts canonical values: out of memory (`load`), or from core values on the stack (`flat`).
 * The code sees `m`, a `GuestMemory`, and `rt`, the helpers of `numbers.ts`. Names from types appear only quoted.
 */
export class LiftWriter {
  readonly #declarations: string[] = [];
  readonly #loaders = new Map<WitType, string>();
  readonly #tables = new Map<WitType, string>();
  readonly #handle: WriteHandle;
  readonly #builder: ValueBuilder;
  #variables = 0;

  /**
   * `handle` writes how an `own` or `borrow` becomes a value; by default it stays its index. `builder` says how values
   * are held; by default they become canonical.
   */
  constructor(handle: WriteHandle = (_, index) => `(${index} >>> 0)`, builder: ValueBuilder = canonicalBuilder) {
    this.#handle = handle;
    this.#builder = builder;
  }

  /** Tables and functions that the written code refers to. */
  get declarations(): readonly string[] {
    return this.#declarations;
  }

  /** An expression of the value at the address `at`. */
  load(type: WitType, at: string): string {
    return this.#built(type, this.#load(type, at));
  }

  /** Values that are lifted as a whole are canonical until here; the others are built already. */
  #built(type: WitType, value: string): string {
    return this.#builder.whole(type, value) ?? value;
  }

  #load(type: WitType, at: string): string {
    switch (type.kind) {
      case "bool":
        return `(m.view.getUint8(${at}) !== 0)`;
      case "s8":
        return `m.view.getInt8(${at})`;
      case "u8":
        return `m.view.getUint8(${at})`;
      case "s16":
        return `m.view.getInt16(${at}, true)`;
      case "u16":
        return `m.view.getUint16(${at}, true)`;
      case "s32":
        return `m.view.getInt32(${at}, true)`;
      case "s64":
        return `rt.narrow(m.view.getBigInt64(${at}, true))`;
      case "u64":
        return `rt.narrow(m.view.getBigUint64(${at}, true))`;
      case "f32":
        return `m.view.getFloat32(${at}, true)`;
      case "f64":
        return `m.view.getFloat64(${at}, true)`;
      case "char":
        return `rt.char(m.view.getUint32(${at}, true))`;
      case "string":
        return `m.getString(m.view.getUint32(${at}, true), m.view.getUint32(${at} + 4, true))`;
      case "list":
      case "tuple":
      case "record":
      case "variant":
      case "enum":
      case "flags":
      case "option":
      case "result":
        return `${this.#loader(type)}(${at})`;
      case "own":
      case "borrow":
        return this.#handle(type, `m.view.getUint32(${at}, true)`);
      default:
        return `m.view.getUint32(${at}, true)`;
    }
  }

  /** An expression of the value that lies, flattened, in the expressions `from`. */
  flat(type: WitType, from: readonly string[], into: string[]): string {
    return this.#built(type, this.#flat(type, from, into));
  }

  #flat(type: WitType, from: readonly string[], into: string[]): string {
    const [first = "0", second = "0"] = from;
    switch (type.kind) {
      case "bool":
        return `(${first} !== 0)`;
      case "s8":
        return `(${first} << 24 >> 24)`;
      case "u8":
        return `(${first} & 255)`;
      case "s16":
        return `(${first} << 16 >> 16)`;
      case "u16":
        return `(${first} & 65535)`;
      case "s64":
        return `rt.narrow(${first})`;
      case "u64":
        return `rt.narrow(BigInt.asUintN(64, ${first}))`;
      case "s32":
      case "f32":
      case "f64":
        return first;
      case "char":
        return `rt.char(${first} >>> 0)`;
      case "string":
        return `m.getString(${first}, ${second})`;
      case "list":
        if (type.length !== undefined) return this.#flatItems(type, type.length, { from, into });
        return this.#getList(type, first, second);
      case "tuple":
        return this.#builder.list(`[${this.#flatAll(type.items, from, into).join(", ")}]`);
      case "record": {
        const values = this.#flatAll(
          type.fields.map((field) => field.type),
          from,
          into,
        );
        return this.#builder.record(type, values);
      }
      case "enum":
        return this.#nameOf(type, first);
      case "flags":
        return this.#flagsObject(type, from);
      case "variant":
      case "option":
      case "result":
        return this.#flatCases(type, from, into);
      case "own":
      case "borrow":
        return this.#handle(type, first);
      default:
        return `(${first} >>> 0)`;
    }
  }

  #flatAll(types: readonly WitType[], from: readonly string[], into: string[]): string[] {
    let at = 0;
    return types.map((type) => {
      const count = layoutOf(type).flat.length;
      const value = this.flat(type, from.slice(at, at + count), into);
      at += count;
      return value;
    });
  }

  #flatItems(type: Kind<"list">, count: number, places: { from: readonly string[]; into: string[] }): string {
    if (type.element.kind === "u8") return `Uint8Array.of(${places.from.join(", ")})`;
    const items = Array.from({ length: count }, () => type.element);
    return this.#builder.list(`[${this.#flatAll(items, places.from, places.into).join(", ")}]`);
  }

  #flatCases(type: Cased, from: readonly string[], into: string[]): string {
    const [, ...places] = layoutOf(type).flat;
    const [discriminant = "0", ...values] = from;
    this.#variables += 1;
    const result = `y${this.#variables}`;
    const cases = payloadsOf(type).map((payload, index) => {
      const lines: string[] = [];
      const own = payload === undefined ? [] : layoutOf(payload).flat;
      const narrowed = own.map((to, place) => narrow(places[place], to, values[place] ?? "0"));
      const inner = payload === undefined ? undefined : this.flat(payload, narrowed, lines);
      return `case ${index}: { ${lines.join(" ")} ${result} = ${this.#builder.caseOf(type, index, inner)}; break; }`;
    });
    into.push(
      `let ${result};`,
      `switch (${discriminant}) { ${cases.join(" ")} ${invalidCase(cases.length, discriminant)} }`,
    );
    return result;
  }

  #nameOf(type: Kind<"enum">, index: string): string {
    const known = this.#tables.get(type);
    const table = known ?? `names${this.#tables.size}`;
    if (known === undefined) {
      this.#tables.set(type, table);
      this.#declarations.push(`const ${table} = ${JSON.stringify(type.cases)};`);
    }
    return `(${table}[${index}] ?? rt.invalidCase(${index}, ${type.cases.length}))`;
  }

  #flagsObject(type: Kind<"flags">, words: readonly string[]): string {
    const name = `flags${this.#loaders.size}_${this.#declarations.length}`;
    const params = words.map((_, index) => `w${index}`);
    const sets = type.flags.map(
      (flag, index) => `if (w${index >> 5} & ${1 << (index & 31)}) ${assign("v", flag, "true")}`,
    );
    this.#declarations.push(`function ${name}(${params.join(", ")}) { const v = {}; ${sets.join(" ")} return v; }`);
    return `${name}(${words.join(", ")})`;
  }

  /** The function `(address)` that reads a value. */
  #loader(type: Loaded): string {
    const known = this.#loaders.get(type);
    if (known !== undefined) return known;
    const name = `load${this.#loaders.size}`;
    this.#loaders.set(type, name);
    this.#declarations.push(`function ${name}(at) { ${this.#loadBody(type)} }`);
    return name;
  }

  #loadBody(type: Loaded): string {
    switch (type.kind) {
      case "list":
        if (type.length !== undefined) return this.#loadItems(type, type.length);
        return `return ${this.#getList(type, "m.view.getUint32(at, true)", "m.view.getUint32(at + 4, true)")};`;
      case "tuple":
        return `return ${this.#builder.list(`[${this.#loadAll(type.items).join(", ")}]`)};`;
      case "record": {
        const values = this.#loadAll(type.fields.map((field) => field.type));
        return `return ${this.#builder.record(type, values)};`;
      }
      case "enum":
        return `const n = ${getDiscriminant(type.cases.length)}; return ${this.#nameOf(type, "n")};`;
      case "flags": {
        const { size } = layoutOf(type);
        const words = Array.from({ length: Math.ceil(size / 4) }, (_, word) => getWord(size, word));
        return `return ${this.#flagsObject(type, words)};`;
      }
      default:
        return this.#loadCases(type);
    }
  }

  #loadItems(type: Kind<"list">, count: number): string {
    if (type.element.kind === "u8") return `return m.getBytes(at, ${count});`;
    const push = `out.push(${this.load(type.element, "from")});`;
    const loop = `for (let i = 0, from = at; i < ${count}; i++, from += ${layoutOf(type.element).size}) ${push}`;
    return `const out = []; ${loop} return ${this.#builder.list("out")};`;
  }

  #loadAll(types: readonly WitType[]): string[] {
    const offsets = offsetsOf(types);
    return types.map((type, index) => this.load(type, `at + ${offsets[index]}`));
  }

  #loadCases(type: Cased): string {
    const payloads = payloadsOf(type);
    const offset = payloadOffset(type);
    const cases = payloads.map((payload, index) => {
      const inner = payload === undefined ? undefined : this.load(payload, `at + ${offset}`);
      return `case ${index}: return ${this.#builder.caseOf(type, index, inner)};`;
    });
    return `const n = ${getDiscriminant(payloads.length)}; switch (n) { ${cases.join(" ")} ${invalidCase(payloads.length, "n")} }`;
  }

  #getList(type: Kind<"list">, pointer: string, length: string): string {
    if (type.element.kind === "u8") return `m.getBytes(${pointer}, ${length})`;
    return `${this.#lister(type)}(${pointer}, ${length})`;
  }

  /** The function `(pointer, length)` that reads a list's elements. */
  #lister(type: Kind<"list">): string {
    const known = this.#tables.get(type);
    if (known !== undefined) return known;
    const name = `list${this.#tables.size}`;
    this.#tables.set(type, name);
    const { size, align } = layoutOf(type.element);
    const element = `{ align: ${align}, size: ${size}, cost: ${heapCost(type.element)} }`;
    const start = `const n = length >>> 0; let at = m.list(pointer, n, ${name}Element);`;
    const loop = `for (let i = 0; i < n; i++, at += ${size}) out.push(${this.load(type.element, "at")});`;
    this.#declarations.push(`const ${name}Element = ${element};`);
    this.#declarations.push(
      `function ${name}(pointer, length) { ${start} const out = []; ${loop} return ${this.#builder.list("out")}; }`,
    );
    return name;
  }
}

function getDiscriminant(count: number): string {
  const size = discriminantSize(count);
  return size === 1 ? "m.view.getUint8(at)" : `m.view.getUint${size * 8}(at, true)`;
}

function getWord(size: number, word: number): string {
  if (size === 1) return "m.view.getUint8(at)";
  return size === 2 ? "m.view.getUint16(at, true)" : `m.view.getInt32(at + ${word * 4}, true)`;
}

function invalidCase(count: number, discriminant: string): string {
  return `default: rt.invalidCase(${discriminant}, ${count});`;
}

/** Builds canonical values. */
export const canonicalBuilder: ValueBuilder = {
  whole: (_, value) => value,
  list: (items) => items,
  record: (type, values) => object(type.fields.map((field, index) => [field.name, values[index] ?? "null"])),
  caseOf: caseValue,
};

/** The canonical value of a case, with the expression of its payload if it has one. */
function caseValue(type: Cased, index: number, inner: string | undefined): string {
  switch (type.kind) {
    case "option":
      if (inner === undefined) return "null";
      // An option inside an option is boxed, so that its none can be told from the outer one's.
      return type.some.kind === "option" ? `((v) => v === null ? { none: true } : { some: v })(${inner})` : inner;
    case "result":
      return `{ ${index === 0 ? "ok" : "err"}: ${inner ?? "true"} }`;
    case "variant": {
      const name = type.cases[index]?.name ?? "";
      return inner === undefined ? JSON.stringify(name) : object([[name, inner]]);
    }
  }
}

/** An object literal. `__proto__` is a name like any other here, so it is written as a computed one. */
function object(entries: readonly (readonly [name: string, value: string])[]): string {
  const members = entries.map(
    ([name, value]) => `${name === "__proto__" ? '["__proto__"]' : JSON.stringify(name)}: ${value}`,
  );
  return `{ ${members.join(", ")} }`;
}

function assign(target: string, name: string, value: string): string {
  if (name !== "__proto__") return `${target}[${JSON.stringify(name)}] = ${value};`;
  return `Object.defineProperty(${target}, "__proto__", { value: ${value}, enumerable: true, writable: true, configurable: true });`;
}

function narrow(from: FlatType | undefined, to: FlatType, value: string): string {
  if (from === to) return value;
  if (from === "i32") return `rt.f32OfBits(${value})`;
  if (to === "f64") return `rt.f64OfBits(${value})`;
  const bits = `Number(BigInt.asIntN(32, ${value}))`;
  return to === "f32" ? `rt.f32OfBits(${bits})` : bits;
}
