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
import type { WriteHandle } from "./handle.ts";

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
  #variables = 0;

  /** `handle` writes how a value becomes the index of an `own` or `borrow`; by default it is one already. */
  constructor(handle: WriteHandle = (_, value) => value) {
    this.#handle = handle;
  }

  /** Tables and functions that the written code refers to. */
  get declarations(): readonly string[] {
    return this.#declarations;
  }

  /** A statement that stores the value of the expression `value` at the address `at`. */
  store(type: WitType, value: string, at: string): string {
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
      case "tuple":
        return type.items.flatMap((item, index) => this.flat(item, this.#bind(`${value}[${index}]`, into), into));
      case "record":
        return type.fields.flatMap((field) => this.flat(field.type, this.#bind(member(value, field.name), into), into));
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

  #pair(pointer: string, length: string, into: string[]): string[] {
    return [this.#bind(pointer, into), this.#bind(length, into)];
  }

  #flatList(type: Kind<"list">, value: string, into: string[]): string[] {
    const pointer = type.element.kind === "u8" ? `m.putBytes(${value})` : `${this.#lister(type)}(${value})`;
    return this.#pair(pointer, `${value}.length`, into);
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
      return `if (${value} === null || ${value} === undefined) { ${none} } else { ${each(type.some, unboxed(type, value), 1).join(" ")} }`;
    }
    const names = type.kind === "result" ? ["ok", "err"] : type.cases.map((item) => item.name);
    const cases = names.map((name, index) => {
      const body = each(payloads[index], member(value, name), index).join(" ");
      return `case ${JSON.stringify(name)}: { ${body} break; }`;
    });
    return `switch (rt.caseOf(${value})) { ${cases.join(" ")} default: m.trap("not a case: " + rt.caseOf(${value})); }`;
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
        const pointer = type.element.kind === "u8" ? "m.putBytes(v)" : `${this.#lister(type)}(v)`;
        return `const p = ${pointer}; m.view.setUint32(at, p, true); m.view.setUint32(at + 4, v.length, true);`;
      }
      case "tuple":
        return this.storeAll(type.items, (index) => `v[${index}]`);
      case "record": {
        const names = type.fields.map((field) => JSON.stringify(field.name));
        return this.storeAll(
          type.fields.map((field) => field.type),
          (index) => `v[${names[index]}]`,
        );
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

  /** Statements that store values one after the other, from `at` on. */
  storeAll(types: readonly WitType[], value: (index: number) => string): string {
    const offsets = offsetsOf(types);
    return types.map((type, index) => this.store(type, value(index), `at + ${offsets[index]}`)).join(" ");
  }

  /** The function that copies a list's elements into the guest and gives their address. */
  #lister(type: Kind<"list">): string {
    const { size, align } = layoutOf(type.element);
    return this.#declare("put", type, (name) => {
      const loop = `for (let i = 0, at = p; i < v.length; i++, at += ${size}) { ${this.store(type.element, "v[i]", "at")} }`;
      return `function ${name}(v) { const p = m.allocate(${align}, v.length * ${size}); ${loop} return p; }`;
    });
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

/** An option inside an option is a box, `{some: v}` or `{none: true}`: its own null test needs null or the payload. */
function unboxed(type: Kind<"option">, value: string): string {
  return type.some.kind === "option" ? `${value}.some` : value;
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
