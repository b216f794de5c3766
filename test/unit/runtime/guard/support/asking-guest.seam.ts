// Seam for WebAssembly's own API: an instance made by hand.
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import type { WasmRealm } from "../../../../../src/engine/wasm/program.ts";

/** What the guest's host answers to its question number `count`. */
export type Ask = (count: number) => unknown;

const text = `(module
  (import "host" "ask" (func $ask (param i32) (result i32)))
  (func (export "run") (param $times i32) (result i32)
    (local $count i32) (local $sum i32) (local $answer i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $count) (local.get $times)))
        (local.set $answer (call $ask (local.get $count)))
        (if (i32.eq (local.get $answer) (i32.const -1)) (then (loop $spin (br $spin))))
        (local.set $sum (i32.add (local.get $sum) (local.get $answer)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $next)))
    (local.get $sum)))`;

/** Instantiates the guest in a realm. */
export async function guestThatAsks(realm: WasmRealm, ask: Ask): Promise<(times: number) => Promise<unknown>> {
  const run = await askingGuest(realm, ask);
  return async (times) => await run(times);
}

/** The same, as it is: a promise only where the guest waits. */
export async function askingGuest(realm: WasmRealm, ask: Ask): Promise<(times: number) => unknown> {
  const module = new WebAssembly.Module(await assemble(text, "asks.wat"));
  const { exports } = new realm.Instance(module, { host: { ask: new realm.Suspending(ask) } });
  return realm.promising(exports["run"] as () => unknown);
}
