import { expect, test } from "vitest";
import { monotonicMs } from "../../../src/core/clock.ts";
import { allocateKillCells, KillCell } from "../../../src/runtime/kill-cells.ts";
import { allocateOverrun, findOverruns, RunningGuests } from "../../../src/runtime/overrun.ts";
import { allocateMemoryCounts } from "../../../src/engine/wasm/limits/memory-pool.ts";
import { allocateProcesses } from "../../../src/runtime/process/cells.ts";
import type { SharedTables } from "../../../src/runtime/protocol.ts";
import { allocateSlots, growSlots, SlotTable } from "../../../src/runtime/slots.ts";

function tables(isolates: number): SharedTables {
  const epoch = monotonicMs();
  const [slots, overrun] = [allocateSlots(isolates), allocateOverrun(isolates)];
  return {
    isolates,
    epoch,
    luaEngine: "patched",
    slots,
    overrun,
    kills: allocateKillCells(isolates),
    processes: allocateProcesses(),
    memories: allocateMemoryCounts(isolates),
  };
}

test("slots are spread over the isolates that may run an entry", () => {
  const shared = tables(4);
  const slots = new SlotTable(shared);
  growSlots(shared, 2);
  slots.setCapacity(1, 5, [1, 3]);
  expect([0, 1, 2, 3].map((isolate) => slots.capacity(1, isolate))).toEqual([0, 3, 0, 2]);
  expect([0, 1, 2, 3].map((isolate) => slots.capacity(0, isolate))).toEqual([0, 0, 0, 0]);
});

test("a slot is taken until there is none left, and taken again once given back", () => {
  const shared = tables(1);
  growSlots(shared, 1);
  const slots = new SlotTable(shared);
  slots.setCapacity(0, 2, [0]);
  expect([slots.acquire(0, 0), slots.acquire(0, 0), slots.acquire(0, 0)]).toEqual([true, true, false]);
  expect(slots.release(0, 0)).toBe(false);
  slots.setWaiting(0, 1);
  expect(slots.release(0, 0)).toBe(true);
  expect(slots.finished(0)).toBe(2);
  expect(slots.acquire(0, 0)).toBe(true);
});

test("any isolate with a free slot will do, the least loaded first", () => {
  const shared = tables(3);
  growSlots(shared, 1);
  const slots = new SlotTable(shared);
  slots.setCapacity(0, 6, [0, 1, 2]);
  expect(slots.acquireAny(0, [0, 1, 2], (isolate) => [9, 1, 5][isolate] ?? 0)).toBe(1);
  slots.acquire(0, 1);
  expect(slots.acquireAny(0, [0, 1, 2], (isolate) => [9, 1, 5][isolate] ?? 0)).toBe(2);
  slots.clearIsolate(1, 1);
  expect(slots.used(0, 1)).toBe(0);
});

test("views made before the table grew see the new rows", () => {
  const shared = tables(2);
  const slots = new SlotTable(shared);
  growSlots(shared, 1_000);
  slots.setCapacity(999, 1, [0]);
  expect(slots.acquire(999, 0)).toBe(true);
});

test("the tightest deadline of nested guests is the one that counts, until its guest leaves", () => {
  const shared = tables(2);
  const running = new RunningGuests(shared, { isolate: 1, guarded: false });
  const now = monotonicMs();
  const outer = running.enter(now + 60_000, 7, 1);
  const inner = running.enter(now - 100, 7, 2);
  expect(findOverruns(shared, 20)).toEqual([{ isolate: 1, root: 7, index: 2 }]);
  running.leave(inner);
  expect(findOverruns(shared, 20)).toEqual([]);
  running.leave(outer);
  expect(findOverruns(shared, 20)).toEqual([]);
});

test("a guest that waits counts only while no guest runs, and only well past its deadline", () => {
  const shared = tables(1);
  const running = new RunningGuests(shared, { isolate: 0, guarded: false });
  const now = monotonicMs();
  const late = running.enter(now - 100, 7, 1);
  running.wait(late);
  expect(findOverruns(shared, 20)).toEqual([]);
  const later = running.enter(now - 2_000, 8, 2);
  running.wait(later);
  expect(findOverruns(shared, 20)).toEqual([{ isolate: 0, root: 8, index: 2 }]);
  const unbounded = running.enter(Infinity, 9, 3);
  expect(findOverruns(shared, 20)).toEqual([]);
  running.leave(unbounded);
  running.leave(later);
  expect(findOverruns(shared, 20)).toEqual([]);
});

test.each([24.8, 25, 49.7, 100])("deadlines are told from one another after %d days, too", (days) => {
  const shared = { ...tables(1), epoch: monotonicMs() - days * 86_400_000 };
  const running = new RunningGuests(shared, { isolate: 0, guarded: false });
  for (const ahead of [60_000, 1e9, 1e12]) {
    const far = running.enter(monotonicMs() + ahead, 7, 1);
    expect(findOverruns(shared, 20)).toEqual([]);
    running.leave(far);
  }
  running.enter(monotonicMs() - 100, 7, 1);
  expect(findOverruns(shared, 20)).toHaveLength(1);
  const cell = new KillCell(shared, 0);
  expect(cell.isWatched()).toBe(false);
  expect(cell.asks).toBe(true);
  cell.sayWatched();
  expect(cell.isWatched()).toBe(true);
  const call = cell.numberCall(1e12) ?? 0;
  cell.enter(call);
  expect(cell.call?.number).toBe(call);
  expect(cell.call?.leftMs).toBeGreaterThan(1e6);
  expect(cell.numberCall(5)).toBe(undefined);
  expect(cell.leave(call)).toBe(true);
  cell.enter(cell.numberCall(-5) ?? 0);
  expect(cell.call?.leftMs).toBeLessThanOrEqual(0);
  expect(cell.order(cell.call?.number ?? 0)).toBe(true);
  expect(cell.call).toBe(undefined);
});

test("where the thread has a guard, a running guest has time to be cut by it", () => {
  const shared = tables(1);
  const running = new RunningGuests(shared, { isolate: 0, guarded: true });
  const now = monotonicMs();
  const cutSoon = running.enter(now - 100, 7, 1);
  expect(findOverruns(shared, 20)).toEqual([]);
  running.leave(cutSoon);
  running.enter(now - 2_000, 8, 2);
  expect(findOverruns(shared, 20)).toEqual([{ isolate: 0, root: 8, index: 2 }]);
});

test("how long calls hold a thread is followed, and forgotten when the entry is another one", () => {
  const shared = tables(2);
  growSlots(shared, 2);
  const slots = new SlotTable(shared);
  expect(slots.micros(1)).toBeUndefined();
  slots.noteMicros(1, 8_000);
  expect(slots.micros(1)).toBe(8_000);
  for (let calls = 0; calls < 100; calls += 1) slots.noteMicros(1, 0.2);
  expect(slots.micros(1)).toBeLessThan(20);
  expect(slots.micros(0)).toBeUndefined();
  slots.forgetMicros(1);
  expect(slots.micros(1)).toBeUndefined();
});
