import type { WitType } from "../types.ts";
import type { AnyWriter } from "./backend.ts";
import type { GeneratedSource } from "./read-source.ts";

type Kind<K extends WitType["kind"]> = Extract<WitType, { kind: K }>;

/** Writes the builder of one type's values: `(canonical value) => foreign value`. */
export function valueWriter(writer: AnyWriter, type: WitType): GeneratedSource {
  const generator = new WriterGenerator(writer);
  return generator.finish(`(v) => ${generator.write(type, "v")}`);
}

/** One function per compound type, as the reader's. Canonical values are trusted, so there is nothing to check. */
class WriterGenerator {
  readonly #writer: AnyWriter;
  readonly #constants: unknown[] = [];
  readonly #functions: string[] = [];
  readonly #names = new Map<WitType, string>();

  constructor(writer: AnyWriter) {
    this.#writer = writer;
  }

  finish(root: string): GeneratedSource {
    const source = `"use strict";\nconst nil = rt.nil;\n${this.#functions.join("\n")}\nreturn ${root};`;
    return { source, constants: this.#constants };
  }

  /** An expression that builds the value of the expression `from`. */
  write(type: WitType, from: string): string {
    switch (type.kind) {
      case "bool":
        return `rt.bool(${from})`;
      case "s64":
      case "u64":
        return `rt.long(${from})`;
      case "f32":
      case "f64":
        return `rt.float(${from})`;
      case "char":
      case "string":
      case "enum":
        return `rt.text(${from})`;
      case "own":
      case "borrow":
      case "stream":
      case "future":
      case "error-context":
        return `rt.handle(${from}, ${JSON.stringify("resource" in type ? type.resource : type.kind)})`;
      case "list":
        return type.element.kind === "u8" ? `rt.bytes(${from})` : `${this.#function(type)}(${from})`;
      case "tuple":
      case "record":
      case "variant":
      case "flags":
      case "option":
      case "result":
        return `${this.#function(type)}(${from})`;
      default:
        return `rt.integer(${from})`;
    }
  }

  #function(type: Kind<"list" | "tuple" | "record" | "variant" | "flags" | "option" | "result">): string {
    const known = this.#names.get(type);
    if (known !== undefined) return known;
    const name = `w${this.#names.size}`;
    this.#names.set(type, name);
    this.#functions.push(`function ${name}(v) { ${this.#body(type)} }`);
    return name;
  }

  #body(type: Kind<"list" | "tuple" | "record" | "variant" | "flags" | "option" | "result">): string {
    switch (type.kind) {
      case "list":
        return `const out = []; for (let i = 0; i < v.length; i++) out.push(${this.write(type.element, "v[i]")}); return rt.list(out);`;
      case "tuple":
        return `return rt.list([${type.items.map((item, index) => this.write(item, `v[${index}]`)).join(", ")}]);`;
      case "record": {
        const values = type.fields.map((field) => this.write(field.type, `v[${JSON.stringify(field.name)}]`));
        return `return rt.table(${this.#shape(type.fields.map((field) => field.name))}, [${values.join(", ")}]);`;
      }
      case "flags": {
        const values = type.flags.map((name) => `Object.hasOwn(v, ${JSON.stringify(name)}) ? rt.bool(true) : nil`);
        return `return rt.table(${this.#shape(type.flags)}, [${values.join(", ")}]);`;
      }
      case "option":
        return this.#option(type);
      case "variant":
        return this.#cases(type.cases.map((item) => [item.name, item.type] as const));
      case "result":
        return this.#cases([["ok", type.ok] as const, ["err", type.err] as const]);
    }
  }

  #option(type: Kind<"option">): string {
    const inner = type.some.kind === "option" ? this.#closed(type.some, "v") : this.write(type.some, "v");
    return `return v === null ? nil : ${inner};`;
  }

  /** An option inside an option stays `{some: v}` or `{none: true}`. */
  #closed(type: Kind<"option">, from: string): string {
    const payload = type.some.kind === "option" ? this.#closed(type.some, "v.some") : this.write(type.some, "v.some");
    const name = `o${this.#functions.length}`;
    const none = `rt.table(${this.#shape(["none"])}, [rt.bool(true)])`;
    this.#functions.push(
      `function ${name}(v) { return "none" in v ? ${none} : rt.table(${this.#shape(["some"])}, [${payload}]); }`,
    );
    return `${name}(${from})`;
  }

  #cases(cases: readonly (readonly [string, WitType | undefined])[]): string {
    const arms = cases.map(([name, payload]) => {
      const quoted = JSON.stringify(name);
      const given = `v[${quoted}]`;
      const value = payload === undefined ? "rt.bool(true)" : this.write(payload, given);
      const table = `rt.table(${this.#shape([name])}, [${value}])`;
      const bare = payload?.kind === "option" && !this.#writer.keepsNil;
      return `if (Object.hasOwn(v, ${quoted})) return ${bare ? `${given} === null ? rt.text(${quoted}) : ` : ""}${table};`;
    });
    return `if (typeof v === "string") return rt.text(v); ${arms.join(" ")} return nil;`;
  }

  #shape(names: readonly string[]): string {
    return `c[${this.#constants.push(this.#writer.shape(names)) - 1}]`;
  }
}
