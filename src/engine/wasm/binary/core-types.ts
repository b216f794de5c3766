import type { CoreExtern, CoreFunctionType, CoreLimits } from "../program.ts";
import type { ByteReader } from "./reader.ts";

/** A definition in a core type section: functions with their types, all else as undefined. */
export type CoreType = CoreFunctionType | undefined;

/** The types of a section, groups of mutually recursive ones (GC) written out. */
export function readTypeSection(reader: ByteReader): CoreType[] {
  const types: CoreType[] = [];
  const count = reader.count();
  for (let index = 0; index < count; index++) readGroup(reader, types);
  return types;
}

/** One type, or a group of mutually recursive ones. */
export function readGroup(reader: ByteReader, types: CoreType[]): void {
  if (reader.peek() !== 0x4e) {
    types.push(readSubtype(reader));
    return;
  }
  reader.byte();
  types.push(...reader.vector(() => readSubtype(reader)));
}

function readSubtype(reader: ByteReader): CoreType {
  const form = reader.byte();
  if (form === 0x50 || form === 0x4f) {
    reader.vector(() => reader.u32());
    return readComposite(reader, reader.byte());
  }
  return readComposite(reader, form);
}

function readComposite(reader: ByteReader, form: number): CoreType {
  switch (form) {
    case 0x60:
      return readFunctionType(reader);
    case 0x5f:
      reader.vector(() => readField(reader));
      return undefined;
    case 0x5e:
      readField(reader);
      return undefined;
    default:
      return reader.fail(`unknown form of type 0x${form.toString(16)}`);
  }
}

/** The parameters and results of a function type, after its form byte. */
export function readFunctionType(reader: ByteReader): CoreFunctionType {
  return { params: reader.vector(() => readValueType(reader)), results: reader.vector(() => readValueType(reader)) };
}

function readField(reader: ByteReader): void {
  const code = reader.peek();
  if (code === 0x78 || code === 0x77) reader.byte();
  else readValueType(reader);
  reader.byte();
}

/** Numbers and vectors, by their codes. */
export const numberTypes: Readonly<Record<number, WebAssembly.ValueKind>> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x7b: "v128",
};

/** A value type. References to functions are `anyfunc`, all other references `externref`: the host only passes them on. */
export function readValueType(reader: ByteReader): WebAssembly.ValueKind {
  const code = reader.byte();
  const number = numberTypes[code];
  if (number !== undefined) return number;
  if (code === 0x63 || code === 0x64) return readHeapType(reader);
  if (code === 0x70 || code === 0x73) return "anyfunc";
  if (code >= 0x65 && code <= 0x74) return "externref";
  return reader.fail(`unknown type 0x${code.toString(16)}`);
}

function readHeapType(reader: ByteReader): WebAssembly.ValueKind {
  const code = reader.s33();
  return code === -0x10 || code === -0x0d ? "anyfunc" : "externref";
}

function readLimits(reader: ByteReader): CoreLimits {
  const flags = reader.byte();
  if (flags > 0x0f) reader.fail(`unknown limits 0x${flags.toString(16)}`);
  const wide = (flags & 4) !== 0;
  const size = () => (wide ? Number(reader.u64()) : reader.u32());
  const min = size();
  const max = flags & 1 ? size() : undefined;
  if (flags & 8) reader.u32();
  return { min, max, shared: (flags & 2) !== 0, wide };
}

/** A memory's type. */
export function readMemoryType(reader: ByteReader): CoreLimits {
  return readLimits(reader);
}

/** A table's type, or a table with an initial value (whose expression is left unread). */
export function readTableType(reader: ByteReader): { element: WebAssembly.ValueKind; limits: CoreLimits } {
  const element = readValueType(reader);
  return { element, limits: readLimits(reader) };
}

/** What an import, or an export of a module type, is. */
export function readExtern(reader: ByteReader, types: readonly CoreType[]): CoreExtern {
  const kind = reader.byte();
  switch (kind) {
    case 0:
      return { kind: "function", type: functionAt(reader, types, reader.u32()) };
    case 1:
      return { kind: "table", ...readTableType(reader) };
    case 2:
      return { kind: "memory", limits: readMemoryType(reader) };
    case 3:
      return { kind: "global", value: readValueType(reader), mutable: reader.byte() === 1 };
    case 4:
      reader.byte();
      return { kind: "tag", type: functionAt(reader, types, reader.u32()) };
    default:
      return reader.fail(`unknown kind of import ${kind}`);
  }
}

/** The function type at an index. */
export function functionAt(reader: ByteReader, types: readonly CoreType[], index: number): CoreFunctionType {
  return types[index] ?? reader.fail(`type ${index} is not a function type`);
}
