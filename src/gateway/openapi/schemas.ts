import type { WitFunction, WitType } from "../../wit/types.ts";

/** A JSON Schema (2020-12), as OpenAPI 3.1 uses it. */
export type Schema = Readonly<Record<string, unknown>>;

const integer = (minimum: number, maximum: number): Schema => ({ type: "integer", minimum, maximum });

/** JSON has no number for these three, which only results can be. */
function float(format: string): Schema {
  return { anyOf: [{ type: "number", format }, { enum: ["nan", "inf", "-inf"] }] };
}

const primitives: Readonly<Record<string, Schema>> = {
  bool: { type: "boolean" },
  s8: integer(-0x80, 0x7f),
  u8: integer(0, 0xff),
  s16: integer(-0x8000, 0x7fff),
  u16: integer(0, 0xffff),
  s32: { ...integer(-0x8000_0000, 0x7fff_ffff), format: "int32" },
  u32: integer(0, 0xffff_ffff),
  // With all their digits: readers whose numbers are doubles lose some beyond 2^53.
  s64: { type: "integer", format: "int64" },
  u64: { type: "integer", minimum: 0 },
  f32: float("float"),
  f64: float("double"),
  char: { type: "string", minLength: 1, maxLength: 1 },
  string: { type: "string" },
};

const bytes: Schema = {
  description: "Text; bytes that are no UTF-8 as a list of numbers.",
  anyOf: [{ type: "string" }, { type: "array", items: integer(0, 0xff) }],
};

/** Schemas of WIT types; those with a name are written once, under `components`. */
export class Schemas {
  readonly #named = new Map<string, Schema>();
  readonly #names = new Map<string, string>();

  /** The named types so far, by their names under `#/components/schemas`. */
  get components(): Readonly<Record<string, Schema>> {
    return Object.fromEntries(this.#named);
  }

  /** The JSON of a WIT value. */
  of(type: WitType): Schema {
    const name = "name" in type ? type.name : undefined;
    return name === undefined ? this.#body(type) : this.#reference(name, type);
  }

  /** The arguments of a function: by name, or in their order. */
  arguments({ params }: WitFunction): Schema {
    const properties = Object.fromEntries(params.map(({ name, type }) => [name, this.of(type)]));
    const prefixItems = params.map(({ type }) => this.of(type));
    const required = params.filter(({ type }) => type.kind !== "option").map(({ name }) => name);
    const list = { type: "array", maxItems: params.length, ...(params.length > 0 && { prefixItems }) };
    return { anyOf: [{ type: "object", properties, required, additionalProperties: false }, list] };
  }

  /** What a function gives; undefined for nothing. Of a `result`, what is ok: errors are problems. */
  result({ result }: WitFunction): Schema | undefined {
    const given = result?.kind === "result" ? result.ok : result;
    return given === undefined ? undefined : this.of(given);
  }

  #reference(name: string, type: WitType): Schema {
    // Two modules may mean different things by a name.
    const shape = JSON.stringify(type);
    let key = this.#names.get(shape);
    if (key === undefined) {
      const base = name.replaceAll(/[^\w.-]/g, "-");
      for (let count = 1; key === undefined || this.#named.has(key); count += 1)
        key = count === 1 ? base : `${base}-${count}`;
      this.#names.set(shape, key);
      this.#named.set(key, {});
      this.#named.set(key, this.#body(type));
    }
    return { $ref: `#/components/schemas/${key}` };
  }

  #body(type: WitType): Schema {
    switch (type.kind) {
      case "list":
        return type.element.kind === "u8" ? bytes : this.#list(type.element, type.length);
      case "tuple":
        return { type: "array", prefixItems: type.items.map((item) => this.of(item)), maxItems: type.items.length };
      case "record":
        return this.#record(type);
      case "variant":
        return { oneOf: type.cases.map(({ name, type: payload }) => this.#case(name, payload)) };
      case "enum":
        return { type: "string", enum: type.cases };
      case "flags": {
        const properties = Object.fromEntries(type.flags.map((flag) => [flag, { type: "boolean" }]));
        return { type: "object", properties, additionalProperties: false };
      }
      case "option":
        return { anyOf: [this.#some(type.some), { type: "null" }] };
      case "result":
        return { oneOf: [this.#side("ok", type.ok), this.#side("err", type.err)] };
      default:
        return primitives[type.kind] ?? {};
    }
  }

  #list(element: WitType, length: number | undefined): Schema {
    const bounds = length === undefined ? {} : { minItems: length, maxItems: length };
    return { type: "array", items: this.of(element), ...bounds };
  }

  #record({ fields }: Extract<WitType, { kind: "record" }>): Schema {
    const properties = Object.fromEntries(fields.map(({ name, type }) => [name, this.of(type)]));
    const required = fields.filter(({ type }) => type.kind !== "option").map(({ name }) => name);
    return { type: "object", properties, required, additionalProperties: false };
  }

  #case(name: string, payload: WitType | undefined): Schema {
    return payload === undefined ? { const: name } : single(name, this.of(payload));
  }

  #side(name: "ok" | "err", payload: WitType | undefined): Schema {
    return single(name, payload === undefined ? { const: true } : this.of(payload));
  }

  /** An option inside of an option says which of them is none. */
  #some(type: WitType): Schema {
    if (type.kind !== "option") return this.of(type);
    return { oneOf: [single("some", this.#some(type.some)), single("none", { const: true })] };
  }
}

function single(name: string, schema: Schema): Schema {
  return { type: "object", properties: { [name]: schema }, required: [name], additionalProperties: false };
}
