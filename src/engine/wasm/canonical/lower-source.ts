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
import { isNumberKind } from "../../../wit/values/number-arrays.ts";
import type { WriteHandle } from "./handle.ts";
import { canonicalSource, type ValueSource } from "./value-source.ts";

/** So many are stored one by one before a view of the memory would have been made. */
const fewNumbers = 15;

type Kind<K extends WitType["kind"]> = Extract<WitType, { kind: K }>;
type Compound = Kind<"list" | "tuple" | "record" | "variant" | "option" | "result">;

/**
 * Writes JavaScript that lowers canonical values: into memory (`store`), or to core values on the stack (`flat`).
 * The code sees `m`, a `GuestMemory`, and `rt`, the helpers of `numbers.ts`. Names from types appear only quoted.
 */
export class LowerWriter {
  readonly #declarations: string[] = [];
  /** What was declared for a type: `put` its table of names, or its function that copies elements; `store` its storer. */
  readonly #names = { put: new Map<WitType, string>(), store: new Map<WitType, string>() };
  readonly #handle: WriteHandle;
  readonly #source: ValueSource;
  #variables = 0;

  /**
   * `handle` writes how a value becomes the index of an `own` or `borrow`; by default it is one already. `source` says
   * how values are held; by default they are canonical.
   */
  constructor(handle: WriteHandle = (_, value) => value, source: ValueSource = canonicalSource) {
    this.#handle = handle;
    this.#source = source;
  }

  /** Tables and functions that the written code refers to. */
  get declarations(): readonly string[] {
    return this.#declarations;
  }

  /** A statement that stores the value of the expression `value` at the address `at`. */
  store(type: WitType, value: string, at: string): string {
    const whole = this.#source.whole(type, value);
    if (whole === undefined && isCompound(type)) return `${this.#storer(type)}(${value}, ${at});`;
    if (whole === undefined) throw new Error(`a ${type.kind} has no parts to walk through`);
    if (whole === value) return this.#storeWhole(type, value, at);
    const name = this.#variable();
    return `{ const ${name} = ${whole}; ${this.#storeWhole(type, name, at)} }`;
  }

  #storeWhole(type: WitType, value: string, at: string): string {
    switch (type.kind) {
      case "bool":
        return `m.view.setUint8(${at}, ${value} ? 1 : 0);`;
      case "s8":
      case "u8":
        return `m.view.setUint8(${at}, ${value});`;
      case "s16":
      case "u16":
        return `m.view.setUint16(${at}, ${value}, true);`;
      case "s64":
      case "u64":
        return `m.view.setBigUint64(${at}, BigInt(${value}), true);`;
      case "f32":
        return `m.view.setFloat32(${at}, ${oneNaN(value)}, true);`;
      case "f64":
        return `m.view.setFloat64(${at}, ${oneNaN(value)}, true);`;
      case "char":
        return `m.view.setUint32(${at}, ${value}.codePointAt(0), true);`;
      case "enum":
        return setDiscriminant(type.cases.length, at, `${this.#table(type, type.cases)}.get(${value})`);
      case "flags":
        return this.#storeFlags(type, value, at);
      case "string":
        return `m.storeString(${value}, ${at});`;
      case "list":
      case "tuple":
      case "record":
      case "variant":
      case "option":
      case "result":
        return `${this.#storer(type)}(${value}, ${at});`;
      case "own":
      case "borrow":
        return `m.view.setUint32(${at}, ${this.#handle(type, value)}, true);`;
      default:
        return `m.view.setUint32(${at}, ${value}, true);`;
    }
  }

  /** Statements that lower the value of an expression, and expressions of the core values it becomes. */
  flat(type: WitType, value: string, into: string[]): string[] {
    const whole = this.#source.whole(type, value);
    return this.#flat(type, whole === undefined || whole === value ? value : this.#bind(whole, into), into);
  }

  #flat(type: WitType, value: string, into: string[]): string[] {
    switch (type.kind) {
      case "bool":
        return [`(${value} ? 1 : 0)`];
      case "s64":
      case "u64":
        return [`BigInt(${value})`];
      case "f32":
      case "f64":
        return [oneNaN(value)];
      case "char":
        return [`${value}.codePointAt(0)`];
      case "string":
        return this.#pair(`m.putString(${value})`, "m.length", into);
      case "list":
        return this.#flatList(type, value, into);
      case "tuple": {
        const list = this.#opened(this.#source.list(type, value), value, into);
        return type.items.flatMap((item, index) =>
          this.flat(item, this.#bind(this.#source.item(list, String(index)), into), into),
        );
      }
      case "record": {
        const record = this.#opened(this.#source.record(type, value), value, into);
        return type.fields.flatMap((field, index) =>
          this.flat(field.type, this.#bind(this.#source.field(record, type, index), into), into),
        );
      }
      case "enum":
        return [`${this.#table(type, type.cases)}.get(${value})`];
      case "flags":
        return flagWords(type.flags, value);
      case "variant":
      case "option":
      case "result":
        return this.#flatCases(type, value, into);
      case "own":
      case "borrow":
        return [this.#bind(this.#handle(type, value), into)];
      default:
        return [value];
    }
  }

  #variable(): string {
    this.#variables += 1;
    return `x${this.#variables}`;
  }

  #bind(expression: string, into: string[]): string {
    const name = this.#variable();
    into.push(`const ${name} = ${expression};`);
    return name;
  }

  /** What a source opens is bound, unless it is the value itself. */
  #opened(expression: string, value: string, into: string[]): string {
    return expression === value ? value : this.#bind(expression, into);
  }

  #pair(pointer: string, length: string, into: string[]): string[] {
    return [this.#bind(pointer, into), this.#bind(length, into)];
  }

  #flatList(type: Kind<"list">, value: string, into: string[]): string[] {
    if (type.length !== undefined) return this.#flatItems(type, type.length, { value, into });
    if (type.element.kind === "u8") return this.#pair(`m.putBytes(${value})`, `${value}.length`, into);
    const list = this.#opened(this.#source.list(type, value), value, into);
    return this.#pair(`${this.#lister(type)}(${list})`, this.#source.length(list), into);
  }

  #flatItems(type: Kind<"list">, count: number, { value, into }: { value: string; into: string[] }): string[] {
    const indices = Array.from({ length: count }, (_, index) => String(index));
    if (type.element.kind === "u8") return indices.map((index) => `${value}[${index}]`);
    const list = this.#opened(this.#source.list(type, value), value, into);
    return indices.flatMap((index) => this.flat(type.element, this.#bind(this.#source.item(list, index), into), into));
  }

  /** A switch over the cases that fills the shared places. */
  #flatCases(type: Cased, value: string, into: string[]): string[] {
    const [, ...places] = layoutOf(type).flat;
    const discriminant = this.#variable();
    const names = places.map(() => this.#variable());
    const zeros = names.map((name, index) => `${name} = ${places[index] === "i64" ? "0n" : "0"}`);
    into.push(`let ${[`${discriminant} = 0`, ...zeros].join(", ")};`);
    into.push(
      this.#switch(type, value, (payload, inner, index) => {
        const lines = [`${discriminant} = ${index};`];
        if (payload === undefined) return lines;
        const from = layoutOf(payload).flat;
        const values = this.flat(payload, this.#bind(inner, lines), lines);
        for (const [place, lowered] of values.entries()) {
          lines.push(`${names[place]} = ${widen(from[place], places[place], lowered)};`);
        }
        return lines;
      }),
    );
    return [discriminant, ...names];
  }

  /** Runs `each` over the cases: its payload type, an expression of the payload, and the discriminant. */
  #switch(
    type: Cased,
    value: string,
    each: (payload: WitType | undefined, inner: string, index: number) => string[],
  ): string {
    const payloads = payloadsOf(type);
    if (type.kind === "option") {
      const none = each(undefined, "", 0).join(" ");
      const some = each(type.some, this.#source.some(type, value), 1).join(" ");
      return `if (${this.#source.isNone(value)}) { ${none} } else { ${some} }`;
    }
    const names = type.kind === "result" ? ["ok", "err"] : type.cases.map((item) => item.name);
    const cases = names.map((name, index) => {
      const body = each(payloads[index], this.#source.payload(value, name), index).join(" ");
      return `case ${JSON.stringify(name)}: { ${body} break; }`;
    });
    const found = this.#source.caseOf(type, value);
    return `switch (${found}) { ${cases.join(" ")} default: m.trap("not a case: " + ${found}); }`;
  }

  #table(type: WitType, names: readonly string[]): string {
    return this.#declare("put", type, (name) => {
      const pairs = names.map((item, index) => `[${JSON.stringify(item)}, ${index}]`);
      return `const ${name} = new Map([${pairs.join(", ")}]);`;
    });
  }

  #declare(role: "put" | "store", type: WitType, make: (name: string) => string): string {
    const names = this.#names[role];
    const known = names.get(type);
    if (known !== undefined) return known;
    const name = `${role}${names.size}`;
    names.set(type, name);
    this.#declarations.push(make(name));
    return name;
  }

  /** The function `(value, address)` that stores a compound value. */
  #storer(type: Compound): string {
    return this.#declare("store", type, (name) => `function ${name}(v, at) { ${this.#storeBody(type)} }`);
  }

  #storeBody(type: Compound): string {
    switch (type.kind) {
      case "list": {
        if (type.length !== undefined) return this.#storeItems(type, type.length);
        const put = (pointer: string, length: string): string =>
          `const p = ${pointer}; m.view.setUint32(at, p, true); m.view.setUint32(at + 4, ${length}, true);`;
        if (type.element.kind === "u8") return put("m.putBytes(v)", "v.length");
        return `const s = ${this.#source.list(type, "v")}; ${put(`${this.#lister(type)}(s)`, this.#source.length("s"))}`;
      }
      case "tuple":
        return `const s = ${this.#source.list(type, "v")}; ${this.storeAll(type.items, (index) => this.#source.item("s", String(index)))}`;
      case "record": {
        const fields = this.storeAll(
          type.fields.map((field) => field.type),
          (index) => this.#source.field("s", type, index),
        );
        return `const s = ${this.#source.record(type, "v")}; ${fields}`;
      }
      default: {
        const count = payloadsOf(type).length;
        const offset = payloadOffset(type);
        return this.#switch(type, "v", (payload, inner, index) => {
          const tag = setDiscriminant(count, "at", String(index));
          return payload === undefined ? [tag] : [tag, this.store(payload, inner, `at + ${offset}`)];
        });
      }
    }
  }

  #storeItems(type: Kind<"list">, count: number): string {
    if (type.element.kind === "u8") return "m.storeBytes(v, at);";
    const element = this.store(type.element, this.#source.item("s", "i"), "to");
    const { size } = layoutOf(type.element);
    return `const s = ${this.#source.list(type, "v")}; for (let i = 0, to = at; i < ${count}; i++, to += ${size}) { ${element} }`;
  }

  /** Statements that store values one after the other, from `at` on. */
  storeAll(types: readonly WitType[], value: (index: number) => string): string {
    const offsets = offsetsOf(types);
    return types.map((type, index) => this.store(type, value(index), `at + ${offsets[index]}`)).join(" ");
  }

  /** The function that copies a list's elements into the guest and gives their address. */
  #lister(type: Kind<"list">): string {
    const { size, align } = layoutOf(type.element);
    return this.#declare("put", type, (name) => {
      const element = this.store(type.element, this.#source.item("v", "i"), "at");
      const loop = `for (let i = 0, at = p; i < n; i++, at += ${size}) { ${element} }`;
      const start = `const n = ${this.#source.length("v")};`;
      const allocate = `const p = m.allocate(${align}, n * ${size});`;
      return `function ${name}(v) { ${start} ${this.#copy(type)} ${allocate} ${loop} return p; }`;
    });
  }

  /** Many numbers go into the guest as one copy: a loop over them takes thirty times as long. */
  #copy({ element: { kind } }: Kind<"list">): string {
    if (this.#source !== canonicalSource || !isNumberKind(kind)) return "";
    // In an array, 64-bit integers may be numbers.
    const fits = kind === "s64" || kind === "u64" ? " && ArrayBuffer.isView(v)" : "";
    return `if (n > ${fewNumbers}${fits}) return m.putNumbers("${kind}", v);`;
  }

  #storeFlags(type: Kind<"flags">, value: string, at: string): string {
    const { size } = layoutOf(type);
    const words = flagWords(type.flags, value);
    if (size === 1) return `m.view.setUint8(${at}, ${words[0]});`;
    if (size === 2) return `m.view.setUint16(${at}, ${words[0]}, true);`;
    return words.map((word, index) => `m.view.setInt32(${at} + ${index * 4}, ${word}, true);`).join(" ");
  }
}

function setDiscriminant(count: number, at: string, value: string): string {
  const size = discriminantSize(count);
  if (size === 1) return `m.view.setUint8(${at}, ${value});`;
  return `m.view.setUint${size * 8}(${at}, ${value}, true);`;
}

/** Words of 32 flags each; at least one. Only own `true` counts, since a flag may be called `constructor`. */
function flagWords(flags: readonly string[], value: string): string[] {
  const bits = flags.map((name, index) => `(${member(value, name)} === true ? ${1 << (index & 31)} : 0)`);
  const words = Math.max(1, Math.ceil(flags.length / 32));
  return Array.from({ length: words }, (_, word) => {
    const own = bits.slice(word * 32, word * 32 + 32);
    return own.length === 0 ? "0" : `(${own.join(" | ")})`;
  });
}

function isCompound(type: WitType): type is Compound {
  return ["list", "tuple", "record", "variant", "option", "result"].includes(type.kind);
}

/** There are many NaNs, which JavaScript keeps apart in secret; a guest sees the canonical one. */
function oneNaN(value: string): string {
  return `(${value} === ${value} ? ${value} : NaN)`;
}

function member(value: string, name: string): string {
  return `${value}[${JSON.stringify(name)}]`;
}

function widen(from: FlatType | undefined, to: FlatType | undefined, value: string): string {
  if (from === to) return value;
  if (from === "f64") return `rt.bitsOfF64(${value})`;
  const bits = from === "f32" ? `rt.bitsOfF32(${value})` : value;
  return to === "i64" ? `BigInt.asUintN(32, BigInt(${bits}))` : bits;
}
