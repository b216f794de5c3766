import { distinctSpellings, spellingIndex } from "../spellings.ts";
import type { WitFunction, WitPrimitive, WitType } from "../types.ts";
import type { AnyReader } from "./backend.ts";
import { caseNames, requiredCount } from "./mismatch.ts";
import { isNumberKind } from "./number-arrays.ts";

/**
 * Source of a function body with the parameters `rt` (the backend), `h` (the helpers) and `c` (constants), that
 * returns the reader. Names from WIT text appear in it only as JSON-quoted strings.
 */
export interface GeneratedSource {
  readonly source: string;
  readonly constants: readonly unknown[];
}

/** A piece of code: statements that run first, and an expression for the value. */
interface Piece {
  readonly before: string;
  readonly value: string;
}

type Kind<K extends WitType["kind"]> = Extract<WitType, { kind: K }>;

/** Writes the reader of a signature's arguments: `(args) => canonical values`. */
export function argumentsReader(reader: AnyReader, signature: WitFunction): GeneratedSource {
  const generator = new ReaderGenerator(reader);
  return generator.finish(generator.arguments(signature));
}

/** Writes the reader of one value: `(value) => canonical value`. */
export function valueReader(reader: AnyReader, type: WitType): GeneratedSource {
  const generator = new ReaderGenerator(reader);
  const piece = generator.read(type, "v");
  return generator.finish(`(v) => { ${piece.before} return ${piece.value}; }`);
}

const smallRanges: Readonly<Partial<Record<WitPrimitive, readonly [number, number]>>> = {
  s8: [-0x80, 0x7f],
  u8: [0, 0xff],
  s16: [-0x8000, 0x7fff],
  u16: [0, 0xffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
  u32: [0, 0xffff_ffff],
};

/** Collects one function per compound type, so shared types are written once however often they appear. */
class ReaderGenerator {
  readonly #reader: AnyReader;
  readonly #constants = new Map<unknown, string>();
  readonly #functions: string[] = [];
  readonly #names = new Map<WitType, string>();
  #variables = 0;

  constructor(reader: AnyReader) {
    this.#reader = reader;
  }

  finish(root: string): GeneratedSource {
    const source = `"use strict";\nconst nil = rt.nil;\n${this.#functions.join("\n")}\nreturn ${root};`;
    return { source, constants: [...this.#constants.keys()] };
  }

  arguments(signature: WitFunction): string {
    const self = this.#constant(signature);
    const values: string[] = [];
    const body = signature.params.map(({ type }, index) => {
      const variable = this.#variable();
      const given = type.kind === "option" ? `n > ${index} ? a[${index}] : nil` : `a[${index}]`;
      const piece = this.read(type, variable);
      const value = this.#variable();
      values.push(value);
      return `k = ${index}; const ${variable} = ${given}; ${piece.before} const ${value} = ${piece.value};`;
    });
    const tooMany = signature.ignoresSurplus === true ? "" : `n > ${signature.params.length} || `;
    return `(a) => {
      const n = a.length;
      if (${tooMany}n < ${requiredCount(signature)}) throw h.wrongCount(${self}, n);
      let k = 0;
      try { ${body.join("\n")} return [${values.join(", ")}]; } catch (e) { throw h.atArgument(e, ${self}, k); }
    }`;
  }

  /** Code that reads the variable `from` as `type`. */
  read(type: WitType, from: string): Piece {
    const x = this.#variable();
    const wrong = `throw h.wrong(${this.#constant(type)}, ${from});`;
    switch (type.kind) {
      case "bool":
      case "string": {
        const method = type.kind === "bool" ? "bool" : "text";
        return { before: `const ${x} = rt.${method}(${from}); if (${x} === undefined) ${wrong}`, value: x };
      }
      case "char":
        return { before: `const ${x} = h.char(${from}); if (${x} === undefined) ${wrong}`, value: x };
      case "f64":
        return { before: `const ${x} = rt.float(${from}); if (${x} === undefined) ${wrong}`, value: x };
      case "f32": {
        // Finite numbers that single precision would turn into infinity are out of range; x - x is 0 for finite x.
        const y = this.#variable();
        const test = `${x} === undefined || (${y} - ${y} !== 0 && ${x} - ${x} === 0)`;
        return { before: `const ${x} = rt.float(${from}), ${y} = Math.fround(${x}); if (${test}) ${wrong}`, value: y };
      }
      case "s64":
      case "u64":
        return {
          before: `const ${x} = rt.long(${from}, ${type.kind === "u64"}); ${longTest(type.kind, x)} ${wrong}`,
          value: x,
        };
      case "own":
      case "borrow":
      case "stream":
      case "future":
      case "error-context": {
        const name = JSON.stringify("resource" in type ? type.resource : type.kind);
        return { before: `const ${x} = rt.handle(${from}, ${name}); if (${x} === undefined) ${wrong}`, value: x };
      }
      case "list":
      case "tuple":
      case "record":
      case "variant":
      case "enum":
      case "flags":
      case "option":
      case "result":
        return { before: "", value: `${this.#function(type)}(${from})` };
      default: {
        const [least, most] = smallRanges[type.kind] ?? [0, 0];
        const test = `!(${x} >= ${least} && ${x} <= ${most})`;
        return { before: `const ${x} = rt.integer(${from}); if (${test}) ${wrong}`, value: x };
      }
    }
  }

  #function(type: Kind<"list" | "tuple" | "record" | "variant" | "enum" | "flags" | "option" | "result">): string {
    const known = this.#names.get(type);
    if (known !== undefined) return known;
    const name = `r${this.#names.size}`;
    this.#names.set(type, name);
    this.#functions.push(`function ${name}(v) { ${this.#body(type)} }`);
    return name;
  }

  #body(type: Kind<"list" | "tuple" | "record" | "variant" | "enum" | "flags" | "option" | "result">): string {
    switch (type.kind) {
      case "list":
        return this.#list(type);
      case "tuple":
        return this.#tuple(type);
      case "record":
        return this.#record(type);
      case "enum":
        return this.#enum(type);
      case "flags":
        return `return h.flags(${this.#constant(type)}, ${this.#constant(spellingIndex(type.flags))}, v);`;
      case "option":
        return this.#option(type);
      case "variant":
        return this.#cases(
          type,
          type.cases.map((item) => item.type),
          (index) => `return ${JSON.stringify(type.cases[index]?.name)};`,
        );
      case "result":
        return this.#cases(type, [type.ok, type.err], (index) => `return { ${index === 0 ? "ok" : "err"}: true };`);
    }
  }

  #list(type: Kind<"list">): string {
    const self = this.#constant(type);
    const piece = this.read(type.element, "e");
    const item = this.#reader.source?.item("s", "i") ?? "rt.item(s, i)";
    const isBytes = type.element.kind === "u8";
    const wrong = `throw h.wrong(${self}, v);`;
    const bounded = (n: string) => (type.length === undefined ? "" : `if (${n} !== ${type.length}) ${wrong}`);
    const { kind } = type.element;
    const whole = isBytes
      ? "rt.bytes(v)"
      : isNumberKind(kind) && this.#reader.numbers !== undefined
        ? `rt.numbers(v, "${kind}")`
        : undefined;
    return `${whole === undefined ? "" : `const b = ${whole}; if (b !== undefined) { ${bounded("b.length")} return b; }`}
      const s = rt.list(v); if (s === undefined) ${wrong}
      const n = rt.length(s), out = [];
      ${bounded("n")}
      let i = 0;
      try { for (; i < n; i++) { const e = ${item}; ${piece.before} out.push(${piece.value}); } }
      catch (e) { throw h.atItem(e, i); }
      return ${isBytes ? "Uint8Array.from(out)" : "out"};`;
  }

  #tuple(type: Kind<"tuple">): string {
    const self = this.#constant(type);
    const values: string[] = [];
    const body = type.items.map((item, index) => {
      const from = this.#variable();
      const piece = this.read(item, from);
      const value = this.#variable();
      values.push(value);
      const source = this.#reader.source?.item("s", String(index)) ?? `rt.item(s, ${index})`;
      return `i = ${index}; const ${from} = n > ${index} ? ${source} : nil; ${piece.before} const ${value} = ${piece.value};`;
    });
    const least = type.items.findLastIndex((item) => item.kind !== "option") + 1;
    return `const s = rt.list(v); if (s === undefined) throw h.wrong(${self}, v);
      const n = rt.length(s);
      if (n > ${type.items.length} || n < ${least}) throw h.wrong(${self}, v);
      let i = 0;
      try { ${body.join("\n")} return [${values.join(", ")}]; } catch (e) { throw h.atItem(e, i); }`;
  }

  #record(type: Kind<"record">): string {
    const names = distinctSpellings(type.fields.map((field) => field.name));
    const built: string[] = [];
    const body = type.fields.map((field, index) => {
      const from = this.#variable();
      const piece = this.read(field.type, from);
      const value = this.#variable();
      // `__proto__` written plainly in a literal would set the prototype. Computed names cost a look-up each.
      const name = JSON.stringify(field.name);
      built.push(`${field.name === "__proto__" ? `[${name}]` : name}: ${value}`);
      const given = this.#field("t", names[index] ?? []);
      return `k = ${index}; const ${from} = ${given}; ${piece.before} const ${value} = ${piece.value};`;
    });
    return `const t = rt.table(v); if (t === undefined) throw h.wrong(${this.#constant(type)}, v);
      let k = 0;
      try { ${body.join("\n")} return { ${built.join(", ")} }; }
      catch (e) { throw h.atField(e, ${this.#constant(type.fields)}, k, t); }`;
  }

  #enum(type: Kind<"enum">): string {
    const names = this.#constant(type.cases);
    return `const s = rt.text(v);
      const k = s === undefined ? rt.integer(v) : ${this.#constant(spellingIndex(type.cases))}.get(s);
      const x = k === undefined ? undefined : ${names}[k];
      if (x === undefined) throw h.wrong(${this.#constant(type)}, v);
      return x;`;
  }

  #option(type: Kind<"option">): string {
    const inner = this.#payload(type.some, "v");
    return `if (rt.isNil(v)) return null; ${inner.before} return ${inner.value};`;
  }

  /** What an option holds. An option inside an option is `{some: v}` or `{none: true}`, so null keeps meaning the outer. */
  #payload(type: WitType, from: string): Piece {
    if (type.kind !== "option") return this.read(type, from);
    const name = this.#variable();
    const inner = this.#payload(type.some, "p");
    this.#functions.push(`function ${name}(v) {
      const name = rt.caseName(v);
      if (name === "none") return { none: true };
      if (name !== "some") throw h.wrong(${this.#constant(type)}, v);
      try { const p = rt.casePayload(v, name); ${inner.before} return { some: ${inner.value} }; }
      catch (e) { throw h.atCase(e, "some"); }
    }`);
    return { before: "", value: `${name}(${from})` };
  }

  #cases(
    type: Kind<"variant" | "result">,
    payloads: readonly (WitType | undefined)[],
    bare: (index: number) => string,
  ): string {
    const names = caseNames(type);
    const arms = payloads.map((payload, index) => {
      if (payload === undefined) return `case ${index}: ${bare(index)}`;
      const piece = this.read(payload, "p");
      const build = `return { [${JSON.stringify(names[index])}]: ${piece.value} };`;
      return `case ${index}: { const p = rt.casePayload(v, name); ${piece.before} ${build} }`;
    });
    return `const name = rt.caseName(v);
      const k = name === undefined ? undefined : ${this.#constant(spellingIndex(names))}.get(name);
      try { switch (k) { ${arms.join("\n")} } } catch (e) { throw h.atCase(e, ${this.#constant(names)}[k]); }
      throw h.wrong(${this.#constant(type)}, v);`;
  }

  #field(table: string, names: readonly string[]): string {
    return this.#reader.source?.field(table, names) ?? `rt.field(${table}, ${this.#constant(this.#reader.key(names))})`;
  }

  #constant(value: unknown): string {
    const name = this.#constants.get(value) ?? `c[${this.#constants.size}]`;
    this.#constants.set(value, name);
    return name;
  }

  #variable(): string {
    this.#variables += 1;
    return `x${this.#variables}`;
  }
}

/** Numbers from a reader are safe integers, so only their sign can be wrong; bigints are compared exactly. */
function longTest(kind: "s64" | "u64", x: string): string {
  const [least, most] =
    kind === "u64" ? ["0n", "18446744073709551615n"] : ["-9223372036854775808n", "9223372036854775807n"];
  const number = kind === "u64" ? `${x} < 0` : "false";
  return `if (typeof ${x} === "number" ? ${number} : ${x} === undefined || ${x} < ${least} || ${x} > ${most})`;
}
