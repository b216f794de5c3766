import type { ByteReader } from "../../binary/reader.ts";
import type { Canon, CanonOptions } from "./tree.ts";

/** What follows the code of a built-in: an index, options, or a flag. */
type Operand = "index" | "options" | "flag" | "result";

/** The built-ins of the async part (https://github.com/WebAssembly/component-model, Binary.md), by code. */
const builtins: Readonly<Record<number, readonly [name: string, ...operands: Operand[]]>> = {
  0x05: ["task.cancel"],
  0x06: ["subtask.cancel", "flag"],
  0x07: ["resource.drop async", "index"],
  0x08: ["backpressure.set"],
  0x09: ["task.return", "result", "options"],
  0x0a: ["context.get", "flag", "index"],
  0x0b: ["context.set", "flag", "index"],
  0x0c: ["thread.yield", "flag"],
  0x0d: ["subtask.drop"],
  0x0e: ["stream.new", "index"],
  0x0f: ["stream.read", "index", "options"],
  0x10: ["stream.write", "index", "options"],
  0x11: ["stream.cancel-read", "index", "flag"],
  0x12: ["stream.cancel-write", "index", "flag"],
  0x13: ["stream.drop-readable", "index"],
  0x14: ["stream.drop-writable", "index"],
  0x15: ["future.new", "index"],
  0x16: ["future.read", "index", "options"],
  0x17: ["future.write", "index", "options"],
  0x18: ["future.cancel-read", "index", "flag"],
  0x19: ["future.cancel-write", "index", "flag"],
  0x1a: ["future.drop-readable", "index"],
  0x1b: ["future.drop-writable", "index"],
  0x1c: ["error-context.new", "options"],
  0x1d: ["error-context.debug-message", "options"],
  0x1e: ["error-context.drop"],
  0x1f: ["waitable-set.new"],
  0x20: ["waitable-set.wait", "flag", "index"],
  0x21: ["waitable-set.poll", "flag", "index"],
  0x22: ["waitable-set.drop"],
  0x23: ["waitable.join"],
  0x24: ["backpressure.inc"],
  0x25: ["backpressure.dec"],
  0x26: ["thread.index"],
  0x27: ["thread.new-indirect", "index", "index"],
  0x28: ["thread.resume-later"],
  0x29: ["thread.suspend", "flag"],
  0x2a: ["thread.suspend-then-resume", "flag"],
  0x2b: ["thread.yield-then-resume", "flag"],
  0x2c: ["thread.suspend-then-promote", "flag"],
  0x2d: ["thread.yield-then-promote", "flag"],
  0x40: ["thread.spawn-ref", "flag", "index"],
  0x41: ["thread.spawn-indirect", "flag", "index", "index"],
  0x42: ["thread.available-parallelism", "flag"],
};

const encodings = ["utf8", "utf16", "latin1+utf16"] as const;
const resourceKinds = { 0x02: "resource.new", 0x03: "resource.drop", 0x04: "resource.rep" } as const;

/** Reads one canonical definition. `use` reads a value type. */
export function readCanon(reader: ByteReader, use: () => unknown): Canon {
  const code = reader.byte();
  switch (code) {
    case 0x00: {
      expectFunctionSort(reader);
      return { kind: "lift", core: reader.u32(), options: readOptions(reader), type: reader.u32() };
    }
    case 0x01:
      expectFunctionSort(reader);
      return { kind: "lower", function: reader.u32(), options: readOptions(reader) };
    case 0x02:
    case 0x03:
    case 0x04:
      return { kind: resourceKinds[code], resource: reader.u32() };
    default: {
      const [name, ...operands] = builtins[code] ?? [];
      if (name === undefined) return reader.fail(`unknown canonical function 0x${code.toString(16)}`);
      for (const operand of operands) skipOperand(reader, operand, use);
      return { kind: "builtin", name };
    }
  }
}

function expectFunctionSort(reader: ByteReader): void {
  const sort = reader.byte();
  if (sort !== 0) reader.fail(`a canonical function of sort ${sort}`);
}

function skipOperand(reader: ByteReader, operand: Operand, use: () => unknown): void {
  switch (operand) {
    case "index":
      reader.u32();
      return;
    case "flag":
      reader.byte();
      return;
    case "options":
      readOptions(reader);
      return;
    case "result":
      if (reader.byte() === 0) use();
      else reader.vector(() => [reader.name(), use()]);
  }
}

function readOptions(reader: ByteReader): CanonOptions {
  let encoding: CanonOptions["encoding"] = "utf8";
  const indices: (number | undefined)[] = [];
  let isAsync = false;
  const seen = new Set<number>();
  reader.vector(() => {
    const code = reader.byte();
    const option = code <= 2 ? 0 : code;
    if (seen.has(option)) reader.fail(`option ${code} of a canonical function is a second of its sort`);
    seen.add(option);
    if (code <= 2) encoding = encodings[code] ?? encoding;
    else if (code === 6) isAsync = true;
    // memory, realloc, post-return, callback; then what newer encodings add for GC values.
    else if (code <= 5 || code === 7 || code === 8) indices[code] = reader.u32();
    else if (code !== 9) reader.fail(`unknown option ${code} of a canonical function`);
  });
  const [, , , memory, realloc, postReturn, , callback] = indices;
  return { encoding, memory, realloc, postReturn, isAsync, callback };
}
