import { afterEach, beforeEach, expect, test } from "vitest";
import { canceled } from "../../../../src/core/cancellation.ts";
import { rootContext } from "../../../../src/core/context.ts";
import type { Value } from "../../../../src/core/values.ts";
import type { ControlPlane } from "../../../../src/runtime/control/control.ts";
import { startControl } from "../../../support/control.ts";
import { luaPlacement, pool, watPlacement } from "../../../support/placements.ts";

let control: ControlPlane | undefined;
beforeEach(start);
afterEach(() => control?.[Symbol.asyncDispose]());

async function call(id: string, ...args: readonly Value[]): Promise<Value> {
  if (control === undefined) throw new Error("nothing runs");
  return await control.dispatcher.call({ id, args, checked: false, context: rootContext() });
}

/** Counts to `n`, but without end to the last number; and writes to its memory first, which must be zero. */
const count = `(module
  (memory (export "memory") 1)
  (func (export "count") (param $n i32) (result i32)
    (local $i i32)
    (if (i32.load (i32.const 64)) (then unreachable))
    (i32.store (i32.const 64) (i32.const 7))
    (block $done
      (br_if $done (i32.eqz (local.get $n)))
      (loop $next
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.ne (local.get $i) (local.get $n)))
        (br_if $next (i32.eq (local.get $i) (i32.const -1)))))
    (local.get $i)))`;
const countWit = "count: func(n: u32) -> u32;";

/** Spins before the wait that makes it a guest that may suspend. */
const spinThenNap = `(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 1)
  (func (export "spin") (loop (br 0)) (drop (call $yield))))`;

/** Asks its host so many times, each of which is answered at once, and then spins; or asks without end. */
const asks = `(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $ask (drop (call $poll (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
  (func (export "spin") (param $times i32)
    (loop $next
      (call $ask)
      (br_if $next (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (loop $spin (br $spin)))
  (func (export "forever") (loop $next (call $ask) (br $next))))`;

/** So many rounds of one spinner of each sort among its neighbours: each is cut together with its turn. */
const rounds = 6;

const limits = { executionMs: 45 };
const cut = { code: "CALL_TIMEOUT", message: expect.stringContaining("45 ms") };
const endless = 0xffff_ffff;

async function start(): Promise<void> {
  control = await startControl(1);
  const many = { type: "static", maxSlots: 64 } as const;
  const placements = [
    await watPlacement("t:fresh", count, countWit, { limits, pool: pool(many) }),
    await watPlacement("t:kept", count.replace("unreachable", ""), countWit, {
      limits,
      // A slot that a cut call kept would be missed by the next one.
      pool: pool({ type: "static", maxSlots: 1, state: "kept" }),
    }),
    await watPlacement("t:long", count, countWit, { limits: { executionMs: 600_000 }, pool: pool(many) }),
    await watPlacement("t:busy", count, countWit, { pool: pool(many) }),
    await watPlacement("t:naps", spinThenNap, "spin: func();", { limits }),
    await watPlacement("t:asks", asks, "spin: func(times: u32);", { limits, pool: pool(many) }),
    await watPlacement("t:forever", asks, "forever: func();", { limits, pool: pool(many) }),
    luaPlacement(
      "t:sleep",
      `local time = require("time") return function(ms) time.sleep(ms * time.MILLISECOND) return ms end`,
      ["time"],
    ),
    luaPlacement(
      "t:twice",
      `local funcs = require("funcs")
      return function(n)
        local first, err = funcs.call("t:fresh", n)
        return { first = first, kind = err and err:kind(), second = (funcs.call("t:long", 5)) }
      end`,
      ["funcs"],
    ),
  ];
  for (const placement of placements) control.place(placement);
}

test("guests are cut with the whole turn that they hold, and all other calls of that turn are answered", async () => {
  // From now on the isolate is watched. The sleeper would end with it.
  expect(await call("t:long", 1)).toBe(1);
  const asleep = call("t:sleep", 2_000);
  for (let round = 0; round < rounds; round += 1) {
    const good = (): Promise<Value>[] => Array.from({ length: 5 }, (_, index) => call("t:long", index + 1));
    const before = good();
    const spinner = call(round % 2 === 0 ? "t:fresh" : "t:kept", endless);
    const between = good();
    const napping = call("t:naps");
    const asking = Promise.allSettled([call("t:asks", 1_000), call("t:forever")]);
    // Comes to its end somewhere near its limit, before or after.
    const close = call("t:fresh", Math.ceil(1e7 * 30 ** Math.random())).catch((error: unknown) => error);
    const nested = call("t:twice", endless);
    const after = good();
    await expect(spinner).rejects.toMatchObject(cut);
    await expect(napping).rejects.toMatchObject(cut);
    for (const each of await asking) expect(each).toMatchObject({ status: "rejected", reason: cut });
    if (typeof (await close) !== "number") expect(await close).toMatchObject(cut);
    expect(await nested).toMatchObject({ kind: "Timeout", second: 5 });
    for (const each of [before, between, after]) expect(await Promise.all(each)).toEqual([1, 2, 3, 4, 5]);
  }
  expect(await asleep).toBe(2_000);
});

test("a control plane that was busy for long cuts what is overdue, and ends nobody's isolate for it", async () => {
  expect(await call("t:long", 1)).toBe(1);
  const asleep = call("t:sleep", 1_000);
  for (let round = 0; round < 2; round += 1) {
    const spinning = expect(call("t:fresh", endless)).rejects.toMatchObject(cut);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const end = performance.now() + 1_300;
    while (performance.now() < end);
    await spinning;
    expect(await call("t:long", 2)).toBe(2);
  }
  expect(await asleep).toBe(1_000);
});

test("however many guests spin without end, a neighbour waits for one of them at a time", async () => {
  expect(await call("t:long", 1)).toBe(1);
  const spin = async (): Promise<void> => await expect(call("t:fresh", endless)).rejects.toMatchObject(cut);
  // From now on the isolate knows who spins.
  await spin();
  const ended = { count: 0 };
  const spins = Array.from({ length: 5 }, async () => {
    for (let time = 0; time < 4; time += 1) {
      await spin();
      ended.count += 1;
    }
  });
  const waitedFor: number[] = [];
  while (ended.count < 20) {
    const before = ended.count;
    expect(await call("t:long", 3)).toBe(3);
    waitedFor.push(ended.count - before);
  }
  await Promise.all(spins);
  // One may end just before the call arrives.
  expect(Math.max(...waitedFor)).toBeLessThanOrEqual(2);
});

test("however many guests compute for long, a neighbour waits for one of them at a time", async () => {
  const long = 1e8;
  expect(await call("t:long", 1)).toBe(1);
  // From now on the isolate knows who is slow.
  for (let time = 0; time < 2; time += 1) expect(await call("t:busy", long)).toBe(long);
  const ended = { count: 0 };
  const busy = Array.from({ length: 5 }, async () => {
    for (let time = 0; time < 2; time += 1) {
      expect(await call("t:busy", long)).toBe(long);
      ended.count += 1;
    }
  });
  const waitedFor: number[] = [];
  while (ended.count < 10) {
    const before = ended.count;
    expect(await call("t:long", 3)).toBe(3);
    waitedFor.push(ended.count - before);
  }
  await Promise.all(busy);
  expect(Math.max(...waitedFor)).toBeLessThanOrEqual(2);
});

test("calls of an entry that was cut are answered one by one, and a new version of it starts afresh", async () => {
  const cutOff = expect(call("t:fresh", endless)).rejects.toMatchObject(cut);
  await cutOff;
  const mixed = Array.from({ length: 30 }, (_, index) => call("t:fresh", index % 10 === 9 ? endless : index));
  for (const [index, result] of mixed.entries()) {
    if (index % 10 === 9) await expect(result).rejects.toMatchObject(cut);
    else expect(await result).toBe(index);
  }
  control?.place(await watPlacement("t:fresh", count, countWit, { limits }));
  expect(await Promise.all([call("t:fresh", 1), call("t:fresh", 2)])).toEqual([1, 2]);
});

test("a call that is cancelled while it waits behind guests that spin gives its slot back", async () => {
  await expect(call("t:kept", endless)).rejects.toMatchObject(cut);
  const root = rootContext();
  const { cancellation } = root;
  const start = (n: number): Promise<Value> | Value | undefined =>
    control?.dispatcher.call({ id: "t:kept", args: [n], checked: false, context: root });
  const first = expect(call("t:fresh", endless)).rejects.toMatchObject(cut);
  const taken = expect(start(endless)).rejects.toMatchObject({ code: "CALL_CANCELED" });
  cancellation.cancel(canceled("nobody wants it"));
  await taken;
  await first;
  // The only slot of its pool is free.
  expect(await call("t:kept", 4)).toBe(4);
});
