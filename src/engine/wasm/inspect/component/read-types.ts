import { readExtern, readGroup, type CoreType } from "../../binary/core-types.ts";
import type { ByteReader } from "../../binary/reader.ts";
import type { WitPrimitive } from "../../../../wit/types.ts";
import type {
  Alias,
  CoreSort,
  ExternDescription,
  FunctionDefinition,
  Item,
  NamedUse,
  Sort,
  TypeDefinition,
  TypeUse,
} from "./tree.ts";

/** Component and instance types nested in each other. */
const typeNesting = 32;

const primitives: Readonly<Record<number, WitPrimitive | "error-context">> = {
  0x7f: "bool",
  0x7e: "s8",
  0x7d: "u8",
  0x7c: "s16",
  0x7b: "u16",
  0x7a: "s32",
  0x79: "u32",
  0x78: "s64",
  0x77: "u64",
  0x76: "f32",
  0x75: "f64",
  0x74: "char",
  0x73: "string",
  0x64: "error-context",
};

const coreSorts: Readonly<Record<number, CoreSort>> = {
  0x00: "function",
  0x01: "table",
  0x02: "memory",
  0x03: "global",
  0x04: "tag",
  0x10: "type",
  0x11: "module",
  0x12: "instance",
};

const sorts: Readonly<Record<number, Sort>> = { 1: "function", 2: "value", 3: "type", 4: "component", 5: "instance" };

/** Reads the parts that definitions and types share. `note` hears of features that are not followed. */
export class TypeReader {
  readonly #note: (feature: string) => void;
  #depth = 0;

  constructor(note: (feature: string) => void) {
    this.#note = note;
  }

  coreSort(reader: ByteReader): CoreSort {
    const code = reader.byte();
    return coreSorts[code] ?? reader.fail(`unknown core sort ${code}`);
  }

  anySort(reader: ByteReader): Sort {
    const code = reader.byte();
    return code === 0 ? `core ${this.coreSort(reader)}` : (sorts[code] ?? reader.fail(`unknown sort ${code}`));
  }

  /** The name of an import or export. Its attributes, such as the part of a version left out of the name, are skipped. */
  externName(reader: ByteReader): string {
    const form = reader.byte();
    if (form > 2) reader.fail(`unknown form of name ${form}`);
    const name = reader.name();
    if (form === 2) {
      reader.vector(() => {
        reader.byte();
        return reader.name();
      });
    }
    return name;
  }

  extern(reader: ByteReader): ExternDescription {
    const code = reader.byte();
    switch (code) {
      case 0: {
        const sort = reader.byte();
        if (sort !== 0x11) reader.fail(`a core import of sort ${sort}`);
        return { kind: "core module", type: reader.u32() };
      }
      case 1:
        return { kind: "function", type: reader.u32() };
      case 2:
        // As wasm-tools has it: the type, without the bound that Binary.md puts before it.
        return { kind: "value", type: this.use(reader) };
      case 3:
        return { kind: "type", equals: this.#bound(reader) };
      case 4:
        return { kind: "component", type: reader.u32() };
      case 5:
        return { kind: "instance", type: reader.u32() };
      default:
        return reader.fail(`unknown kind of import ${code}`);
    }
  }

  #bound(reader: ByteReader): number | undefined {
    const code = reader.byte();
    if (code > 1) reader.fail(`unknown bound ${code} of a type`);
    return code === 0 ? reader.u32() : undefined;
  }

  alias(reader: ByteReader): Alias {
    const sort = this.anySort(reader);
    const target = reader.byte();
    if (target === 2) return { sort, target: "outer", count: reader.u32(), index: reader.u32() };
    if (target > 2) reader.fail(`unknown target of an alias ${target}`);
    return { sort, target: target === 0 ? "export" : "core export", instance: reader.u32(), name: reader.name() };
  }

  /** A value type where it is used. */
  use(reader: ByteReader): TypeUse {
    const primitive = primitives[reader.peek()];
    if (primitive !== undefined) {
      reader.byte();
      return primitive;
    }
    const index = reader.s33();
    return index >= 0 ? index : reader.fail(`unknown type ${index}`);
  }

  definition(reader: ByteReader): TypeDefinition {
    const code = reader.byte();
    const primitive = primitives[code];
    if (primitive !== undefined) return { kind: "primitive", type: primitive };
    const use = () => this.use(reader);
    switch (code) {
      case 0x72:
        return { kind: "record", fields: this.#named(reader) };
      case 0x71:
        return { kind: "variant", cases: reader.vector(() => this.#case(reader)) };
      case 0x70:
        return { kind: "list", element: use(), length: undefined };
      case 0x67:
        return { kind: "list", element: use(), length: reader.u32() };
      case 0x63:
        return { kind: "map", key: use(), value: use() };
      case 0x6f:
        return { kind: "tuple", items: reader.vector(use) };
      case 0x6e:
      case 0x6d:
        return { kind: code === 0x6e ? "flags" : "enum", names: reader.vector(() => reader.name()) };
      case 0x6b:
        return { kind: "option", some: use() };
      case 0x6a:
        return { kind: "result", ok: reader.optional(use), err: reader.optional(use) };
      case 0x69:
      case 0x68:
        return { kind: code === 0x69 ? "own" : "borrow", resource: reader.u32() };
      case 0x66:
      case 0x65:
        return { kind: code === 0x66 ? "stream" : "future", element: reader.optional(use) };
      default:
        return this.#larger(reader, code);
    }
  }

  #larger(reader: ByteReader, code: number): TypeDefinition {
    switch (code) {
      case 0x40:
      case 0x43:
        return this.#function(reader, code === 0x43);
      case 0x41:
      case 0x42:
        return { kind: code === 0x41 ? "component" : "instance", items: this.#declarations(reader) };
      case 0x3f:
      case 0x3e:
        return this.#resource(reader, code === 0x3e);
      default:
        return reader.fail(`unknown type 0x${code.toString(16)}`);
    }
  }

  #resource(reader: ByteReader, isAsync: boolean): TypeDefinition {
    if (reader.byte() !== 0x7f) reader.fail("a resource that is not represented by an i32");
    if (isAsync) {
      this.#note("asynchronous destructors");
      const destructor = reader.u32();
      reader.optional(() => reader.u32());
      return { kind: "resource", destructor };
    }
    return { kind: "resource", destructor: reader.optional(() => reader.u32()) };
  }

  #named(reader: ByteReader): NamedUse[] {
    return reader.vector(() => ({ name: reader.name(), type: this.use(reader) }));
  }

  #case(reader: ByteReader): { name: string; type: TypeUse | undefined } {
    const item = { name: reader.name(), type: reader.optional(() => this.use(reader)) };
    // Once the place of `refines`; 0 ever since.
    reader.optional(() => reader.u32());
    return item;
  }

  #function(reader: ByteReader, isAsync: boolean): FunctionDefinition {
    if (isAsync) this.#note("async functions");
    const params = this.#named(reader);
    const form = reader.byte();
    if (form === 0) return { kind: "function", params, result: this.use(reader), isAsync };
    if (form !== 1) reader.fail(`unknown form of results ${form}`);
    const results = this.#named(reader);
    if (results.length > 0) this.#note("named results");
    return { kind: "function", params, result: undefined, isAsync };
  }

  #declarations(reader: ByteReader): Item[] {
    this.#depth += 1;
    if (this.#depth > typeNesting) reader.fail(`types nested more than ${typeNesting} deep`);
    const items = reader.vector(() => this.#declaration(reader));
    this.#depth -= 1;
    return items;
  }

  #declaration(reader: ByteReader): Item {
    const { at } = reader;
    const code = reader.byte();
    switch (code) {
      case 0:
        return this.coreType(reader);
      case 1:
        return { at, kind: "type", type: this.definition(reader) };
      case 2:
        return { at, kind: "alias", alias: this.alias(reader) };
      case 3:
        return { at, kind: "import", name: this.externName(reader), extern: this.extern(reader) };
      case 4:
        return { at, kind: "export", name: this.externName(reader), from: undefined, extern: this.extern(reader) };
      default:
        return reader.fail(`unknown declaration ${code}`);
    }
  }

  /** A core type inside a component: a function or GC type, or a module's. Only its length matters here. */
  coreType(reader: ByteReader): Item {
    const { at } = reader;
    if (reader.peek() === 0x50) {
      reader.byte();
      const types: CoreType[] = [];
      reader.vector(() => this.#moduleDeclaration(reader, types));
    } else {
      if (reader.peek() === 0) reader.byte();
      readGroup(reader, []);
    }
    return { at, kind: "core type", start: at, end: reader.at };
  }

  #moduleDeclaration(reader: ByteReader, types: CoreType[]): void {
    const code = reader.byte();
    switch (code) {
      case 0:
        reader.name();
        reader.name();
        readExtern(reader, types);
        return;
      case 1:
        readGroup(reader, types);
        return;
      case 2:
        this.coreSort(reader);
        reader.byte();
        reader.u32();
        reader.u32();
        types.push({ params: [], results: [] });
        return;
      case 3:
        reader.name();
        readExtern(reader, types);
        return;
      default:
        reader.fail(`unknown declaration ${code} of a module type`);
    }
  }
}
