import { WeftError } from "../../../core/errors.ts";
import { formatFunction } from "../../../wit/format.ts";
import type { WitFunction } from "../../../wit/types.ts";
import { needsOf, shapeOf } from "../canonical/layout.ts";
import type { CoreInfo } from "../inspect/core.ts";
import type { CoreAbi, CoreFunctionType } from "../program.ts";

/** An export that is to be called by a signature. */
interface Checked {
  readonly name: string;
  readonly method: string;
  readonly type: CoreFunctionType;
  readonly abi: CoreAbi;
  readonly info: CoreInfo;
}

/** A core function type as text: `(i32, i32) -> i32`. */
export function formatCoreType(type: CoreFunctionType): string {
  const results = type.results.length === 1 ? String(type.results[0]) : `(${type.results.join(", ")})`;
  return `(${type.params.join(", ")}) -> ${results}`;
}

/** @throws WeftError `SIGNATURE_MISMATCH` that shows what the signature needs and what the module has. */
export function checkSignature(signature: WitFunction, checked: Checked): void {
  const { name, method, type } = checked;
  const shape = shapeOf(signature);
  const text = formatFunction(signature);
  const fail = (message: string): never => {
    throw new WeftError("SIGNATURE_MISMATCH", `${name}: ${message}`, { details: { method, signature: text } });
  };
  if (!same(shape.params, type.params) || !same(shape.results, type.results)) {
    const wanted = formatCoreType(shape);
    fail(`"${method}" has the WebAssembly type ${formatCoreType(type)}, but ${text} needs ${wanted}`);
  }
  const needs = needsOf(signature);
  const memory = checked.info.memories[0];
  if (needs.memory && memory === undefined) fail(`${text} passes values through memory, but the module has none`);
  if (needs.memory && checked.abi.memory === undefined && !importsMemory(checked.info)) {
    fail(`${text} passes values through memory, but the module exports none`);
  }
  if (needs.memory && memory?.wide === true) fail("signatures over a 64-bit memory are not supported");
  if (needs.allocator && checked.abi.realloc === undefined) {
    fail(`${text} needs room in the guest, but the module exports no allocator: cabi_realloc, allocate or alloc`);
  }
}

/** @throws WeftError `SIGNATURE_MISMATCH` when an export takes or gives what only a signature could describe. */
export function checkPlain(type: CoreFunctionType, { name, method }: { name: string; method: string }): void {
  const odd = [...type.params, ...type.results].find((kind) => !["i32", "i64", "f32", "f64"].includes(kind));
  if (odd === undefined) return;
  const message = `${name}: "${method}" has the type ${formatCoreType(type)}; a value of type ${odd} cannot be passed from outside`;
  throw new WeftError("SIGNATURE_MISMATCH", message, { details: { method } });
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function importsMemory(info: CoreInfo): boolean {
  return info.imports.some((item) => item.extern.kind === "memory");
}
