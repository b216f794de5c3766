import { numberTypes } from "../../binary/core-types.ts";
import type { ByteReader } from "../../binary/reader.ts";
import { readDefinedLimits, readMemoryLimits, type CoreLimits } from "./limits.ts";

/** A defined core type. Equal types have equal ids, whichever module they come from. */
export interface CoreDefinition {
  readonly id: number;
  /** Undefined for structures and arrays. */
  readonly type: CoreFunction | undefined;
}

/** A core function's type; value types are text, such as `i32` or `funcref`. */
export interface CoreFunction {
  readonly id: number;
  readonly params: readonly string[];
  readonly results: readonly string[];
}

/** What a core module imports or exports. */
export type CoreEntity =
  | { readonly kind: "function" | "tag"; readonly type: CoreFunction }
  | { readonly kind: "table"; readonly element: string; readonly limits: CoreLimits }
  | { readonly kind: "memory"; readonly limits: CoreLimits }
  | { readonly kind: "global"; readonly value: string; readonly mutable: boolean };

/** Gives equal texts of types equal numbers, for one validation. */
export class CoreTypeIds {
  readonly #ids = new Map<string, number>();

  of(text: string): number {
    const id = this.#ids.get(text) ?? this.#ids.size;
    this.#ids.set(text, id);
    return id;
  }

  /** A function of number types. */
  function(params: readonly string[], results: readonly string[]): CoreFunction {
    return { id: this.of(`${functionText(params, results)}#0`), params, results };
  }
}

const heapTypes: Readonly<Record<number, string>> = {
  0x74: "noexn",
  0x73: "nofunc",
  0x72: "noextern",
  0x71: "none",
  0x70: "func",
  0x6f: "extern",
  0x6e: "any",
  0x6d: "eq",
  0x6c: "i31",
  0x6b: "struct",
  0x6a: "array",
  0x69: "exn",
};

/** An index space of core types, and the reading of what refers to it. */
export class CoreTypeSpace {
  /** A hole where a component's space has the type of a module. */
  readonly types: (CoreDefinition | undefined)[] = [];
  readonly #ids: CoreTypeIds;
  /** Where the group that is being read begins, and how many types it has: they refer to each other by place. */
  #group: { readonly start: number; readonly length: number } | undefined;

  constructor(ids: CoreTypeIds) {
    this.#ids = ids;
  }

  /** Reads one type, or one group of mutually recursive types, which are equal when the whole groups are. */
  readGroup(reader: ByteReader): void {
    const isGroup = reader.peek() === 0x4e;
    if (isGroup) reader.byte();
    const length = isGroup ? reader.count() : 1;
    this.#group = { start: this.types.length, length };
    const members = Array.from({ length }, () => this.#subtype(reader));
    this.#group = undefined;
    const text = members.map((member) => member.text).join(" ");
    for (const [index, { type }] of members.entries()) {
      const id = this.#ids.of(`${text}#${index}`);
      this.types.push({ id, type: type && { id, ...type } });
    }
  }

  #subtype(reader: ByteReader): { text: string; type: Omit<CoreFunction, "id"> | undefined } {
    const form = reader.byte();
    if (form !== 0x50 && form !== 0x4f) return this.#composite(reader, form);
    const supers = reader.vector(() => this.#index(reader, reader.u32()));
    const { text, type } = this.#composite(reader, reader.byte());
    // A final type without supertypes is the same as one that does not say so.
    return form === 0x4f && supers.length === 0
      ? { text, type }
      : { text: `(${form} ${supers.join(" ")} ${text})`, type };
  }

  #composite(reader: ByteReader, form: number): { text: string; type: Omit<CoreFunction, "id"> | undefined } {
    if (form === 0x5f)
      return { text: `(struct ${reader.vector(() => this.#field(reader)).join(" ")})`, type: undefined };
    if (form === 0x5e) return { text: `(array ${this.#field(reader)})`, type: undefined };
    if (form !== 0x60) return reader.fail(`unknown form of type 0x${form.toString(16)}`);
    const params = reader.vector(() => this.valueType(reader));
    const results = reader.vector(() => this.valueType(reader));
    return { text: functionText(params, results), type: { params, results } };
  }

  #field(reader: ByteReader): string {
    const code = reader.peek();
    const packed = code === 0x78 || code === 0x77;
    const type = packed ? `i${reader.byte() === 0x78 ? 8 : 16}` : this.valueType(reader);
    return readMutability(reader) ? `(mut ${type})` : type;
  }

  valueType(reader: ByteReader): string {
    const code = reader.byte();
    if (code === 0x63) return nullable(this.#heapType(reader));
    if (code === 0x64) return `(ref ${this.#heapType(reader)})`;
    const heap = heapTypes[code];
    if (heap !== undefined) return nullable(heap);
    return numberTypes[code] ?? reader.fail(`unknown type 0x${code.toString(16)}`);
  }

  #heapType(reader: ByteReader): string {
    const code = reader.s33();
    if (code >= 0) return this.#index(reader, code);
    return heapTypes[code + 0x80] ?? reader.fail(`unknown heap type ${code}`);
  }

  /** A type by its index, as text that does not depend on where the type stands. */
  #index(reader: ByteReader, index: number): string {
    const { start, length } = this.#group ?? { start: this.types.length, length: 0 };
    if (index >= start && index < start + length) return `rec${index - start}`;
    const found = this.types[index] ?? reader.fail(`core type ${index} does not exist`);
    return `t${found.id}`;
  }

  functionAt(reader: ByteReader, index: number): CoreFunction {
    return this.types[index]?.type ?? reader.fail(`core type ${index} is not a function type`);
  }

  table(reader: ByteReader): CoreEntity {
    return { kind: "table", element: this.valueType(reader), limits: readDefinedLimits(reader) };
  }

  global(reader: ByteReader): CoreEntity {
    const value = this.valueType(reader);
    return { kind: "global", value, mutable: readMutability(reader) };
  }

  tag(reader: ByteReader): CoreEntity {
    const attribute = reader.byte();
    if (attribute !== 0) reader.fail(`unknown attribute ${attribute} of a tag`);
    return { kind: "tag", type: this.functionAt(reader, reader.u32()) };
  }

  /** What an import or export of a module is said to be. */
  entity(reader: ByteReader): CoreEntity {
    const kind = reader.byte();
    switch (kind) {
      case 0:
        return { kind: "function", type: this.functionAt(reader, reader.u32()) };
      case 1:
        return this.table(reader);
      case 2:
        return { kind: "memory", limits: readMemoryLimits(reader) };
      case 3:
        return this.global(reader);
      case 4:
        return this.tag(reader);
      default:
        return reader.fail(`unknown kind of import ${kind}`);
    }
  }
}

/** A reference that may be null. Those to the named heap types have one name each, however they are written. */
function nullable(heap: string): string {
  return Object.values(heapTypes).includes(heap) ? `${heap}ref` : `(ref null ${heap})`;
}

function readMutability(reader: ByteReader): boolean {
  const flag = reader.byte();
  return flag > 1 ? reader.fail(`unknown mutability ${flag}`) : flag === 1;
}

function functionText(params: readonly string[], results: readonly string[]): string {
  return `(func (${params.join(" ")}) (${results.join(" ")}))`;
}

/** A function's type as messages have it: `(i32, i32) -> i32`. */
export function formatCoreFunction({ params, results }: Pick<CoreFunction, "params" | "results">): string {
  const [only] = results;
  return `(${params.join(", ")}) -> ${only !== undefined && results.length === 1 ? only : `(${results.join(", ")})`}`;
}
