import { Buffer } from "node:buffer";
import type { CoreFunctionType, WasmRealm } from "../../program.ts";

const codes: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const modules = new Map<string, WebAssembly.Module>();

/** A guest's function that does nothing but call `target`, which may be suspending: only guests' functions can promise. */
export function forwarder(realm: WasmRealm, target: WebAssembly.ImportValue, type: CoreFunctionType): unknown {
  const key = `${type.params.join()}:${type.results.join()}`;
  let module = modules.get(key);
  if (module === undefined) modules.set(key, (module = new WebAssembly.Module(forwardingModule(type))));
  const { f } = new realm.Instance(module, { "": { f: target } }).exports;
  if (typeof f !== "function") throw new Error("the forwarding module lost its export");
  return f;
}

/** `(module (import "" "f" (func $t …)) (func (export "f") … local.get 0 … call $t))` in binary. */
function forwardingModule({ params, results }: CoreFunctionType): Uint8Array<ArrayBuffer> {
  const gets = params.flatMap((_, index) => [0x20, index]);
  const body = [0, ...gets, 0x10, 0, 0x0b];
  return Uint8Array.from([
    ...Buffer.from("\0asm\x01\0\0\0", "latin1"),
    ...section(1, [1, 0x60, ...types(params), ...types(results)]),
    ...section(2, [1, 0, 1, 0x66, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 1]),
    ...section(10, [1, body.length, ...body]),
  ]);
}

/** At most 17 of them, so that every length fits in a byte. */
function types(kinds: readonly WebAssembly.ValueKind[]): number[] {
  return [kinds.length, ...kinds.map((kind) => codes[kind] ?? 0)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, content.length, ...content];
}
