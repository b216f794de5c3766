import { afterEach, describe, expect, test } from "vitest";
import { rootContext } from "../../../../src/core/context.ts";
import type { Value } from "../../../../src/core/values.ts";
import type { Placement } from "../../../../src/registry/placement.ts";
import type { ControlPlane } from "../../../../src/runtime/control/control.ts";
import { startControl } from "../../../support/control.ts";
import { pool, watPlacement } from "../../../support/placements.ts";

let control: ControlPlane | undefined;
afterEach(() => control?.[Symbol.asyncDispose]());

async function start(isolates: number, placement: Placement): Promise<void> {
  control = await startControl(isolates);
  control.place(placement);
}

async function call(...args: readonly Value[]): Promise<Value> {
  if (control === undefined) throw new Error("nothing runs");
  return await control.dispatcher.call({ id: "t:spy", args, checked: false, context: rootContext() });
}

/** Counts its calls in a global and in memory, and fails when it is told to. */
const counting = `(module
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "spy") (param $fail i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
    (if (local.get $fail) (then unreachable))
    (i32.add (i32.mul (global.get $calls) (i32.const 10)) (i32.load (i32.const 8)))))`;

/** The same with memory enough for its writes to be marked, and calls that are long when they are told to be. */
const large = counting
  .replace('(memory (export "memory") 1)', '(memory (export "memory") 64)')
  .replace(
    "(if (local.get $fail) (then unreachable))",
    `(memory.fill (i32.const 100000) (i32.const 1) (i32.const 50000))
    (if (i32.load8_u (i32.const 4000000)) (then (return (i32.const -1))))
    (i32.store8 (i32.const 4000000) (i32.const 1))
    (if (i32.eq (local.get $fail) (i32.const 1)) (then unreachable))
    (if (i32.eq (local.get $fail) (i32.const 2)) (then (loop $more
      (br_if $more (i32.lt_u (local.tee $turns (i32.add (local.get $turns) (i32.const 1))) (i32.const 5000000))))))`,
  )
  .replace("(result i32)", "(result i32) (local $turns i32)");

/** Closes its standard output when it is told to: a host that kept what it knows of an instance would refuse that the second time. */
const closing = `(module
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "spy") (param $close i32) (result i32)
    (if (result i32) (local.get $close) (then (call $close (i32.const 1))) (else (i32.const 0)))))`;

/** Draws a number from where its entry's random numbers begin. */
const drawing = `(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "spy") (param i32) (result i32)
    (drop (call $random (i32.const 16) (i32.const 4)))
    (i32.and (i32.load (i32.const 16)) (i32.const 0x7fffffff))))`;

const wit = "spy: func(told: u32) -> u32;";

describe.each([0, 1])("with %i isolates, every call finds an instance that nobody has used", (isolates) => {
  test("whatever came before it, one by one or at once, failed or not", async () => {
    await start(isolates, await watPlacement("t:spy", counting, wit));
    for (let round = 0; round < 20; round += 1) {
      expect(await call(0)).toBe(11);
      if (round % 5 === 0) await expect(call(1)).rejects.toMatchObject({ code: "TRAP_UNREACHABLE" });
      expect(await Promise.all(Array.from({ length: 12 }, () => call(0)))).toEqual(
        Array.from({ length: 12 }, () => 11),
      );
    }
  });

  test("also where what it writes to is marked, which depends on what calls take", async () => {
    await start(isolates, await watPlacement("t:spy", large, wit));
    for (const [calls, told] of [
      [40, 0],
      [150, 2],
      [20, 0],
    ] as const) {
      for (let round = 0; round < calls; round += 1) {
        expect(await call(told)).toBe(11);
        if (round % 50 === 0) await expect(call(1)).rejects.toMatchObject({ code: "TRAP_UNREACHABLE" });
      }
      expect(await Promise.all(Array.from({ length: 12 }, () => call(0)))).toEqual(
        Array.from({ length: 12 }, () => 11),
      );
    }
  });

  test("also where it is its host that remembers", async () => {
    await start(isolates, await watPlacement("t:spy", closing, wit));
    for (let round = 0; round < 20; round += 1) {
      expect(await call(round % 3 === 0 ? 1 : 0)).toBe(0);
      expect(await Promise.all([call(0), call(1), call(1), call(0)])).toEqual([0, 0, 0, 0]);
    }
  });

  test("also where random numbers begin somewhere, which is the same for each call then", async () => {
    const wasi = { args: [], cwd: "/", env: {}, mounts: [], randomSeed: 7n };
    await start(isolates, await watPlacement("t:spy", drawing, wit, { wasi }));
    const first = await call(0);
    for (let round = 0; round < 10; round += 1) {
      expect(await Promise.all([call(0), call(0), call(0)])).toEqual([first, first, first]);
    }
  });
});

test("the guests above would tell, if they were called twice", async () => {
  await start(1, await watPlacement("t:spy", counting, wit, { pool: pool({ state: "kept" }) }));
  expect([await call(0), await call(0)]).toEqual([11, 22]);
  control?.place(await watPlacement("t:spy", closing, wit, { pool: pool({ state: "kept" }) }));
  expect([await call(1), await call(1)]).toEqual([0, 8]);
});
