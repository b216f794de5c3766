import { afterEach, describe, expect, test } from "vitest";
import { Cancellation, canceled } from "../../../src/core/cancellation.ts";
import { rootContext } from "../../../src/core/context.ts";
import { WeftError } from "../../../src/core/errors.ts";
import type { Value } from "../../../src/core/values.ts";
import type { Placement } from "../../../src/registry/placement.ts";
import type { ControlPlane } from "../../../src/runtime/control/control.ts";
import { startControl } from "../../support/control.ts";
import { luaPlacement, pool, watPlacement } from "../../support/placements.ts";

const add = `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;
const addWit = "add: func(a: s32, b: s32) -> s32;";
const spin = `(module (func (export "spin") (loop br 0)))`;
const spinWit = "spin: func();";
const sleeper = `
  local time = require("time")
  return function(ms) time.sleep(ms * time.MILLISECOND) return ms end`;

const running: ControlPlane[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((control) => control[Symbol.asyncDispose]()));
});

async function start(isolates: number, placements: readonly Placement[]): Promise<ControlPlane> {
  const control = await startControl(isolates);
  running.push(control);
  for (const placement of placements) control.place(placement);
  return control;
}

async function call(control: ControlPlane, id: string, ...args: readonly Value[]): Promise<Value> {
  return await control.dispatcher.call({ id, args, checked: false, context: rootContext() });
}

describe.each([0, 1, 2])("with %i isolates", (isolates) => {
  test("functions of every sort call each other", async () => {
    const control = await start(isolates, [
      await watPlacement("t:add", add, addWit),
      luaPlacement(
        "t:sum",
        `
        local funcs = require("funcs")
        return function(n)
          local sum = 0
          for i = 1, n do sum = funcs.call("t:add", sum, i) end
          return sum
        end`,
        ["funcs"],
      ),
      luaPlacement("t:outer", `return function(n) return (require("funcs").call("t:sum", n)) end`, ["funcs"]),
    ]);
    expect(await call(control, "t:add", 20, 22)).toBe(42);
    expect(await call(control, "t:outer", 100)).toBe(5050);
  });

  test("many calls at once overlap while they wait", async () => {
    const control = await start(isolates, [luaPlacement("t:sleep", sleeper, ["time"])]);
    await call(control, "t:sleep", 1);
    const started = performance.now();
    const results = await Promise.all(Array.from({ length: 50 }, () => call(control, "t:sleep", 100)));
    expect(results).toEqual(Array.from({ length: 50 }, () => 100));
    // One after the other they would take five seconds.
    expect(performance.now() - started).toBeLessThan(2_500);
  });
});

test("calls beyond the slots of a pool wait their turn, on whatever isolate", async () => {
  const control = await start(2, [
    luaPlacement("t:sleep", sleeper, ["time"], { pool: pool({ type: "static", maxSlots: 3 }) }),
  ]);
  const results = await Promise.all(Array.from({ length: 12 }, (_, index) => call(control, "t:sleep", 5 + index)));
  expect(results).toHaveLength(12);
});

test("a full pool that refuses says so at once", async () => {
  const control = await start(1, [
    luaPlacement("t:sleep", sleeper, ["time"], {
      pool: pool({ type: "static", maxSlots: 1, queueLength: 1, onFull: "reject" }),
    }),
  ]);
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => call(control, "t:sleep", 50)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(refused.map(({ reason }) => reason)).toEqual([
    expect.objectContaining({ code: "POOL_FULL", kind: "RateLimited", retryable: true }),
    expect.objectContaining({ code: "POOL_FULL" }),
  ]);
});

test("a call that waits for a slot can be cancelled", async () => {
  const control = await start(1, [
    luaPlacement("t:sleep", sleeper, ["time"], { pool: pool({ type: "static", maxSlots: 1 }) }),
  ]);
  const first = call(control, "t:sleep", 200);
  const cancellation = new Cancellation();
  const second = control.dispatcher.call({
    id: "t:sleep",
    args: [1],
    checked: false,
    context: rootContext({ cancellation }),
  });
  cancellation.cancel(canceled());
  await expect(second).rejects.toMatchObject({ code: "CALL_CANCELED" });
  expect(await first).toBe(200);
});

test("an inline function may call itself, and one that never stops calling is told", async () => {
  const control = await start(1, [
    luaPlacement(
      "t:down",
      `
      return function(n)
        if n == 0 then return "done" end
        local value, err = require("funcs").call("t:down", n - 1)
        return value, err
      end`,
      ["funcs"],
      { pool: pool({ type: "inline" }) },
    ),
  ]);
  expect(await call(control, "t:down", 30)).toBe("done");
  await expect(call(control, "t:down", 100_000)).rejects.toMatchObject({ code: "CALL_DEPTH" });
});

/** Sleeps 20 ms through preview 1, then spins: the wait makes it go on outside of any call into the guest. */
const napThenSpin = `(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "spin")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 20000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
    (loop (br 0))))`;

describe("a guest that spins", () => {
  test("after it waited is stopped too", async () => {
    const control = await start(1, [
      await watPlacement("t:nap", napThenSpin, spinWit, { limits: { executionMs: 100 } }),
      await watPlacement("t:add", add, addWit),
    ]);
    await expect(call(control, "t:nap")).rejects.toMatchObject({
      code: "CALL_TIMEOUT",
      message: expect.stringContaining("t:nap"),
    });
    expect(await call(control, "t:add", 1, 2)).toBe(3);
  });

  test("is stopped at its limit, and its isolate goes on", async () => {
    const control = await start(1, [
      await watPlacement("t:spin", spin, spinWit, { limits: { executionMs: 50 } }),
      await watPlacement("t:add", add, addWit),
    ]);
    await expect(call(control, "t:spin")).rejects.toMatchObject({ code: "CALL_TIMEOUT", kind: "Timeout" });
    expect(await call(control, "t:add", 1, 2)).toBe(3);
  });

  test("harms nobody else on its isolate, waiting or yet to begin", async () => {
    const control = await start(1, [
      await watPlacement("t:spin", spin, spinWit, { limits: { executionMs: 50 } }),
      await watPlacement("t:nap", napThenSpin, spinWit, { limits: { executionMs: 100 } }),
      luaPlacement("t:sleep", sleeper, ["time"]),
      await watPlacement("t:add", add, addWit),
    ]);
    const asleep = call(control, "t:sleep", 300);
    await call(control, "t:add", 1, 1);
    const spinning = [call(control, "t:spin"), call(control, "t:nap"), call(control, "t:nap")];
    const notBegun = call(control, "t:add", 2, 2);
    for (const each of spinning) await expect(each).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
    expect(await notBegun).toBe(4);
    expect(await asleep).toBe(300);
  });

  test("is stopped in its time after thousands of calls whose time has not come, and its isolate goes on", async () => {
    const limits = { executionMs: 600_000 };
    const control = await start(1, [
      await watPlacement("t:spin", spin, spinWit, { limits: { executionMs: 100 } }),
      await watPlacement("t:add", add, addWit, { limits }),
      luaPlacement("t:sleep", sleeper, ["time"]),
      luaPlacement(
        "t:flood",
        `local funcs = require("funcs")
        return function(n) for i = 1, n do funcs.call("t:add", i, 1) end return n end`,
        ["funcs"],
      ),
    ]);
    expect(await call(control, "t:flood", 10_100)).toBe(10_100);
    const asleep = call(control, "t:sleep", 400);
    for (let round = 0; round < 3; round += 1) {
      await expect(call(control, "t:spin")).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
      expect(await call(control, "t:add", round, 1)).toBe(round + 1);
    }
    expect(await asleep).toBe(400);
  });

  test("is stopped when its caller gives up, deadline or not", async () => {
    const control = await start(1, [
      await watPlacement("t:spin", spin, spinWit),
      await watPlacement("t:add", add, addWit),
    ]);
    await call(control, "t:add", 1, 1);
    const cancellation = new Cancellation();
    const spinning = control.dispatcher.call({
      id: "t:spin",
      args: [],
      checked: false,
      context: rootContext({ cancellation }),
    });
    setTimeout(() => cancellation.cancel(canceled()), 20);
    await expect(spinning).rejects.toMatchObject({ code: "CALL_CANCELED" });
    expect(await call(control, "t:add", 2, 3)).toBe(5);
  });

  test("taken back while its isolate is only starting, it holds the isolate no longer than another one", async () => {
    const control = await start(1, [
      await watPlacement("t:spin", spin, spinWit),
      await watPlacement("t:add", add, addWit),
    ]);
    const cancellation = new Cancellation();
    const spinning = control.dispatcher.call({
      id: "t:spin",
      args: [],
      checked: false,
      context: rootContext({ cancellation }),
    });
    cancellation.cancel(canceled());
    await expect(spinning).rejects.toMatchObject({ code: "CALL_CANCELED" });
    for (;;) {
      const sum = await call(control, "t:add", 1, 2).catch((error: unknown) => error);
      if (sum === 3) return;
      expect(sum).toMatchObject({ code: "ISOLATE_LOST" });
    }
  });

  test.each([1, 2])("inside another function's call fails that call alone, on %i isolates", async (isolates) => {
    const control = await start(isolates, [
      await watPlacement("t:spin", spin, spinWit, { limits: { executionMs: 50 } }),
      luaPlacement(
        "t:outer",
        `return function()
          local _, err = require("funcs").call("t:spin")
          return { kind = err:kind(), message = err:message() }
        end`,
        ["funcs"],
      ),
    ]);
    expect(await call(control, "t:outer")).toEqual({ kind: "Timeout", message: expect.stringContaining("t:spin") });
  });

  test("is stopped without isolates, too", async () => {
    const control = await start(0, [await watPlacement("t:spin", spin, spinWit, { limits: { executionMs: 50 } })]);
    await expect(call(control, "t:spin")).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
  });

  test("inside of its caller's time limit ends with its caller", async () => {
    const control = await start(1, [
      await watPlacement("t:spin", spin, spinWit),
      luaPlacement("t:outer", `return function() while true do require("funcs").call("t:spin") end end`, ["funcs"], {
        limits: { executionMs: 50 },
      }),
      await watPlacement("t:add", add, addWit),
    ]);
    await expect(call(control, "t:outer")).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
    expect(await call(control, "t:add", 2, 2)).toBe(4);
  });

  test("in a start function is stopped before its first call", async () => {
    const control = await start(1, [
      await watPlacement("t:born", `(module (func $s (loop br 0)) (start $s) (func (export "spin")))`, spinWit, {
        limits: { executionMs: 50 },
      }),
      await watPlacement("t:add", add, addWit),
    ]);
    await expect(call(control, "t:born")).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
    expect(await call(control, "t:add", 2, 2)).toBe(4);
  });
});

describe("a process that spins", () => {
  const sleeping = luaPlacement("t:sleep", sleeper, ["time"]);
  const spinning = async (id: string, source: string): Promise<Placement> =>
    await watPlacement(id, source, spinWit, { role: "process", kind: "process.wasm" });

  test.each([
    ["at once", spin],
    ["after a wait", napThenSpin],
  ])("is ended %s, and its isolate goes on", async (_when, source) => {
    const control = await start(1, [
      await spinning("t:spin", source),
      sleeping,
      await watPlacement("t:add", add, addWit),
    ]);
    control.processes.hosts.add("t:host", { type: "pool", maxProcesses: 10 });
    await call(control, "t:add", 1, 1);
    const asleep = call(control, "t:sleep", 1_000);
    const pid = control.processes.spawn({
      id: "t:spin",
      host: "t:host",
      args: [],
      context: rootContext(),
      monitor: false,
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    control.processes.terminate(pid);
    expect(await call(control, "t:add", 2, 3)).toBe(5);
    expect(await asleep).toBe(1_000);
    expect(control.processes.running).toEqual([]);
  });

  test("may be ended again and again, many at a time, and every wait of its neighbours ends well", async () => {
    const control = await start(2, [await spinning("t:spin", spin), await spinning("t:nap", napThenSpin), sleeping]);
    control.processes.hosts.add("t:host", { type: "pool", maxProcesses: 1_000 });
    const asleep = Array.from({ length: 20 }, () => call(control, "t:sleep", 1_500));
    for (let round = 0; round < 20; round += 1) {
      const pids = ["t:spin", "t:nap", "t:spin"].map((id) =>
        control.processes.spawn({ id, host: "t:host", args: [], context: rootContext(), monitor: false }),
      );
      await new Promise((resolve) => setTimeout(resolve, round % 7));
      for (const pid of pids) control.processes.terminate(pid);
    }
    expect(await Promise.all(asleep)).toEqual(asleep.map(() => 1_500));
    expect(await call(control, "t:sleep", 1)).toBe(1);
  });
});

describe("time", () => {
  test("a caller's timeout ends a callee that waits", async () => {
    const control = await start(1, [luaPlacement("t:sleep", sleeper, ["time"])]);
    const started = performance.now();
    await expect(
      control.dispatcher.call({
        id: "t:sleep",
        args: [10_000],
        checked: false,
        context: rootContext(),
        overrides: { timeoutMs: 50 },
      }),
    ).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("an entry's own limit ends it, and a callee never outlives its caller", async () => {
    const control = await start(1, [
      luaPlacement("t:sleep", sleeper, ["time"]),
      luaPlacement(
        "t:outer",
        `return function() local v, err = require("funcs").call("t:sleep", 10000) return v, err end`,
        ["funcs"],
        {
          limits: { executionMs: 60 },
        },
      ),
    ]);
    await expect(call(control, "t:outer")).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
  });
});

test("retries go on until it works, or until an error that cannot be mended", async () => {
  const control = await start(1, [
    luaPlacement(
      "t:never",
      `return function() error(errors.new({ kind = errors.UNAVAILABLE, message = "down", retryable = true })) end`,
      [],
    ),
    luaPlacement(
      "t:invalid",
      `return function() error(errors.new({ kind = errors.INVALID, message = "no", retryable = true })) end`,
      [],
    ),
  ]);
  const retried = (id: string) =>
    control.dispatcher.call({
      id,
      args: [],
      checked: false,
      context: rootContext(),
      overrides: { retry: { max_attempts: 3, initial_delay: 1 } },
    });
  await expect(retried("t:never")).rejects.toMatchObject({ kind: "Unavailable", message: "down" });
  await expect(retried("t:invalid")).rejects.toMatchObject({ kind: "Invalid" });
});

test("a worker class has threads of its own, so its spinning guest harms nobody else", async () => {
  const own = pool({ type: "static", maxSlots: 2, workerClass: { name: "heavy", workers: 1 } });
  const control = await start(1, [
    await watPlacement("t:spin", spin, spinWit, { limits: { executionMs: 80 }, pool: own }),
    luaPlacement("t:sleep", sleeper, ["time"]),
  ]);
  const asleep = call(control, "t:sleep", 300);
  await expect(call(control, "t:spin")).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
  expect(await asleep).toBe(300);
});

describe("processes", () => {
  const waiter = luaPlacement("t:proc", sleeper, ["time"], { role: "process" });

  test("run to their end on a host, and tell who watches", async () => {
    const control = await start(2, [
      waiter,
      luaPlacement(
        "t:watch",
        `
        return function()
          local pid, err = process.spawn_monitored("t:proc", "t:host", 5)
          if err then return nil, err end
          local event = process.events():receive()
          return { kind = event.kind, same = event.from == pid, value = event.result.value }
        end`,
        ["process"],
      ),
    ]);
    control.processes.hosts.add("t:host", { type: "pool", maxProcesses: 10 });
    expect(await call(control, "t:watch")).toEqual({ kind: "pid.exit", same: true, value: 5 });
    expect(control.processes.running).toEqual([]);
  });

  test("can be terminated, and need a host that exists", async () => {
    const control = await start(1, [waiter]);
    control.processes.hosts.add("t:host", { type: "pool", maxProcesses: 1 });
    const spawn = { id: "t:proc", args: [60_000], context: rootContext(), monitor: false };
    const pid = control.processes.spawn({ ...spawn, host: "t:host" });
    expect(() => control.processes.spawn({ ...spawn, host: "t:host" })).toThrow(
      expect.objectContaining({ code: "HOST_BUSY" }),
    );
    expect(() => control.processes.spawn({ ...spawn, host: "t:none" })).toThrow(
      expect.objectContaining({ code: "HOST_NOT_FOUND" }),
    );
    control.processes.terminate(pid);
    await expect.poll(() => control.processes.running).toEqual([]);
    expect(() => control.processes.terminate(pid)).toThrow(expect.objectContaining({ code: "PROCESS_NOT_FOUND" }));
  });
});

test("entries that failed, are unknown, or are no functions say so", async () => {
  const control = await start(1, [
    await watPlacement("t:add", add, addWit),
    luaPlacement("t:proc", sleeper, [], { role: "process", kind: "process.lua" }),
  ]);
  control.placeFailed("t:broken", new WeftError("ENTRY_FAILED", "t:broken did not load: why"));
  await expect(call(control, "t:broken")).rejects.toMatchObject({
    code: "ENTRY_FAILED",
    message: "t:broken did not load: why",
  });
  await expect(call(control, "t:ad")).rejects.toMatchObject({
    code: "ENTRY_NOT_FOUND",
    message: expect.stringContaining("t:add"),
  });
  await expect(call(control, "t:proc")).rejects.toMatchObject({ code: "NOT_CALLABLE" });
  await expect(call(control, "add")).rejects.toMatchObject({ code: "INVALID_ID" });
});

test("an entry can be replaced while calls to it are in flight", async () => {
  const control = await start(1, [
    luaPlacement("t:f", `local time = require("time") return function() time.sleep("30ms") return "old" end`, ["time"]),
  ]);
  const old = call(control, "t:f");
  await new Promise((resolve) => setTimeout(resolve, 5));
  control.place(luaPlacement("t:f", `return function() return "new" end`, []));
  expect(await call(control, "t:f")).toBe("new");
  expect(await old).toBe("old");
});
