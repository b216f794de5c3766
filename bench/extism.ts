/** Extism, for comparison: a plug-in that gives its input back, and one that only exists. */
import { createPlugin, type Plugin, type PluginOutput } from "@extism/extism";
import { assemble } from "../src/engine/wasm/assemble.ts";

/** Copies its input to its output, eight bytes at a time as Extism's own kits do. `pages` is its memory. */
function echoWat(pages: number): string {
  return `(module
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "input_load_u64" (func $load_wide (param i64) (result i64)))
  (import "extism:host/env" "input_load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_wide (param i64 i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") ${pages})
  (func (export "noop") (result i32) (i32.const 0))
  (func (export "echo") (result i32)
    (local $n i64) (local $i i64) (local $to i64)
    (local.set $n (call $length))
    (local.set $to (call $alloc (local.get $n)))
    (block $done
      (loop $next
        (br_if $done (i64.gt_u (i64.add (local.get $i) (i64.const 8)) (local.get $n)))
        (call $store_wide (i64.add (local.get $to) (local.get $i)) (call $load_wide (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 8)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $i) (local.get $n)))
        (call $store (i64.add (local.get $to) (local.get $i)) (call $load (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $next)))
    (call $output (local.get $to) (local.get $n))
    (i32.const 0)))`;
}

/** Makes plug-ins of one compiled module. */
export async function extismPlugins(pages = 1): Promise<() => Promise<Plugin>> {
  const module = new WebAssembly.Module(await assemble(echoWat(pages), "extism"));
  return () => createPlugin({ wasm: [{ module }] });
}

/** Extism's blocks are counted up to 32,768 and not given back by themselves. */
const callsBeforeReset = 1_000;

/** Calls of a plug-in's `echo`, which is cleared now and then. */
export function extismEcho(plugin: Plugin): (input: string | Uint8Array) => Promise<PluginOutput> {
  let calls = 0;
  return async (input) => {
    calls += 1;
    if (calls % callsBeforeReset === 0) await plugin.reset();
    const output = await plugin.call("echo", input);
    if (output === null) throw new Error("the plug-in gave nothing");
    return output;
  };
}
