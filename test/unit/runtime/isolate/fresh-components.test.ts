import { afterAll, afterEach, describe, expect, test } from "vitest";
import { rootContext } from "../../../../src/core/context.ts";
import type { Value } from "../../../../src/core/values.ts";
import { toolchain } from "../../../../src/engine/wasm/component/jco/toolchain.ts";
import type { Placement } from "../../../../src/registry/placement.ts";
import type { ControlPlane } from "../../../../src/runtime/control/control.ts";
import { startControl } from "../../../support/control.ts";
import { componentPlacement, pool } from "../../../support/placements.ts";

let control: ControlPlane | undefined;
afterEach(() => control?.[Symbol.asyncDispose]());
afterAll(() => toolchain[Symbol.asyncDispose]());

async function start(isolates: number, overrides: Partial<Placement> = {}): Promise<void> {
  control = await startControl(isolates);
  control.place(
    await componentPlacement("t:spy", spy, "spy", {
      imports: ["wasi:clocks", "wasi:poll", "wasi:random"],
      ...overrides,
    }),
  );
}

async function call(told: number): Promise<Value> {
  if (control === undefined) throw new Error("nothing runs");
  return await control.dispatcher.call({ id: "t:spy", args: [told], checked: false, context: rootContext() });
}

const [plainly, keepingAHandle, waiting, askingAtOnce, failing, drawing] = [0, 1, 2, 3, 4, 5];

/**
 * Gives how often it was called, by a global, by its memory, and by the number of its next handle: 111 is never before.
 * It asks hosts on the way, with and without a wait, and may keep a handle or fail; or it gives a random number.
 */
const spy = `(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $outer)) (export "pollable" (type $p (eq $outer)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
  (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $draw (canon lower (func $random "get-random-u64")))
  (core func $drop (canon resource.drop $pollable))
  (core module $m
    (import "" "block" (func $block (param i32)))
    (import "" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "" "draw" (func $draw (result i64)))
    (import "" "drop" (func $drop (param i32)))
    (memory 1)
    (global $calls (mut i32) (i32.const 0))
    (func (export "spy") (param $told i32) (result i32) (local $handle i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (local.set $handle
        (call $subscribe (select (i64.const 1000000) (i64.const 0) (i32.eq (local.get $told) (i32.const ${waiting})))))
      (if (i32.or (i32.eq (local.get $told) (i32.const ${waiting})) (i32.eq (local.get $told) (i32.const ${askingAtOnce})))
        (then (call $block (local.get $handle))))
      (if (i32.eq (local.get $told) (i32.const ${failing})) (then unreachable))
      (if (i32.ne (local.get $told) (i32.const ${keepingAHandle})) (then (call $drop (local.get $handle))))
      (if (i32.eq (local.get $told) (i32.const ${drawing}))
        (then (return (i32.and (i32.wrap_i64 (call $draw)) (i32.const 0xffff)))))
      (i32.add (i32.mul (global.get $calls) (i32.const 100))
        (i32.add (i32.mul (i32.load (i32.const 8)) (i32.const 10)) (local.get $handle)))))
  (core instance $i (instantiate $m (with "" (instance
    (export "block" (func $block)) (export "subscribe" (func $subscribe)) (export "draw" (func $draw))
    (export "drop" (func $drop))))))
  (func (export "spy") (param "told" u32) (result u32) (canon lift (core func $i "spy"))))`;

describe.each([0, 1])("with %i isolates, every call of a component that may wait finds it unused", (isolates) => {
  test("whatever came before it, one by one or at once, waiting or not, failed or not", async () => {
    await start(isolates);
    const manners = [plainly, waiting, askingAtOnce, keepingAHandle];
    for (let round = 0; round < 20; round += 1) {
      expect(await call(manners[round % manners.length] ?? plainly)).toBe(111);
      if (round % 5 === 0) await expect(call(failing)).rejects.toMatchObject({ code: "TRAP_UNREACHABLE" });
      const many = Array.from({ length: 12 }, (_, index) => call(manners[index % manners.length] ?? plainly));
      expect(await Promise.all(many)).toEqual(many.map(() => 111));
    }
  });

  test("and its hosts, too: random numbers that begin somewhere begin there again", async () => {
    await start(isolates, { wasi: { args: [], cwd: "/", env: {}, mounts: [], randomSeed: 7n } });
    const first = await call(drawing);
    for (let round = 0; round < 10; round += 1) {
      expect(await call(waiting)).toBe(111);
      expect(await Promise.all([call(drawing), call(drawing)])).toEqual([first, first]);
    }
  });

  test("also when it has a deadline", async () => {
    await start(isolates, { limits: { executionMs: 60_000 } });
    for (let round = 0; round < 20; round += 1) {
      expect(await Promise.all([call(waiting), call(askingAtOnce), call(plainly)])).toEqual([111, 111, 111]);
    }
  });
});

test("the component above would tell, if it were called twice", async () => {
  await start(1, { pool: pool({ state: "kept" }) });
  expect([await call(plainly), await call(keepingAHandle), await call(waiting)]).toEqual([111, 221, 332]);
});
