import { AssertionError } from "node:assert";
import { describe, expect, test } from "vitest";
import { monotonicMs } from "../../../../src/core/clock.ts";
import { ScopeCut, threadGuard } from "../../../../src/runtime/isolate/guard/guard.ts";
import { PendingTimeouts } from "../../../../src/runtime/isolate/guard/pending.ts";
import { allocateKillCells, KillCell } from "../../../../src/runtime/kill-cells.ts";

const guard = threadGuard();

function spin(): never {
  for (;;);
}

/** A cell of an isolate that nobody looks at. */
function killCell(): KillCell {
  const shared = { kills: allocateKillCells(1), epoch: monotonicMs() };
  return new KillCell(shared, 0);
}

describe("a scope", () => {
  test("gives what its work gives, and throws what it throws", () => {
    const thrown = new Error("mine");
    expect(guard.run(() => 7, 1_000)).toBe(7);
    expect(guard.run(() => undefined, 1_000)).toBe(undefined);
    expect(() =>
      guard.run(() => {
        throw thrown;
      }, 1_000),
    ).toThrow(thrown);
  });

  test("is cut when its time is over: neither catch nor finally runs inside", () => {
    let seen = "";
    const work = (): void => {
      try {
        spin();
      } catch {
        seen += "caught";
      } finally {
        seen += "finally";
      }
    };
    expect(() => guard.run(work, 20)).toThrow(ScopeCut);
    expect(seen).toBe("");
    expect(guard.run(() => "the thread goes on", 20)).toBe("the thread goes on");
  });

  test.each([
    ["a wait on shared memory", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)],
    ["a pattern that backtracks", () => /^(a+)+$/.test(`${"a".repeat(40)}!`)],
    ["a loop of calls into the library", () => Array.from({ length: 1e9 }, (_, index) => index)],
  ])("cuts %s", (_name, work: () => unknown) => {
    expect(() => guard.run(work, 20)).toThrow(ScopeCut);
  });

  test("inside another is cut alone, if its time is over first", () => {
    const outer = guard.run(() => {
      try {
        return guard.run(spin, 20);
      } catch (cut) {
        return cut;
      }
    }, 5_000);
    expect(outer).toBeInstanceOf(ScopeCut);
    expect(() => guard.run(() => guard.run(spin, 5_000), 20)).toThrow(ScopeCut);
    expect(guard.run(() => guard.run(() => 1, 1_000), 1_000)).toBe(1);
  });

  test("that was cut has what it shared put right", () => {
    let repairs = 0;
    const repair = guard.afterCut(() => (repairs += 1));
    guard.run(() => 1, 1_000);
    expect(repairs).toBe(0);
    expect(() => guard.run(spin, 10)).toThrow(ScopeCut);
    repair[Symbol.dispose]();
    expect(() => guard.run(spin, 10)).toThrow(ScopeCut);
    expect(repairs).toBe(1);
  });

  test("is cut hundreds of times without harm, whatever the moment", () => {
    let cuts = 0;
    for (let round = 0; round < 300; round += 1) {
      const end = performance.now() + Math.random() * 2;
      try {
        guard.run(() => {
          while (performance.now() < end);
        }, 1);
      } catch (cut) {
        expect(cut).toBeInstanceOf(ScopeCut);
        cuts += 1;
      }
    }
    expect(cuts).toBeGreaterThan(0);
    expect(guard.run(() => 1, 1_000)).toBe(1);
  });
});

test("no scope begins inside of one that an order cuts, which would hit it in place of the other", () => {
  const killable = { cell: killCell(), process: 1 };
  for (const ms of [Infinity, 5_000]) {
    expect(() => guard.runKillable(() => guard.run(() => 1, 1_000), ms, killable)).toThrow(AssertionError);
    expect(guard.runKillable(() => 1, ms, killable)).toBe(1);
    // One that is left by a cut counts no more.
    expect(() => guard.run(() => guard.runKillable(spin, 5_000, killable), 20)).toThrow(ScopeCut);
    expect(guard.run(() => 1, 1_000)).toBe(1);
  }
});

test("time-outs that have not come due are counted, and forgotten when they have", async () => {
  const pending = new PendingTimeouts();
  for (let index = 0; index < 100; index += 1) pending.add(1);
  pending.add(60_000);
  expect(pending.count).toBe(101);
  await expect.poll(() => pending.count, { timeout: 5_000 }).toBe(1);
});

describe("work that steps out of its scope", () => {
  /** The control plane looks at the cell, and this thread is its isolate. */
  function watched(): KillCell {
    const cell = new KillCell({ kills: allocateKillCells(1), epoch: monotonicMs() }, 0);
    guard.watchedBy(cell);
    cell.sayWatched();
    return cell;
  }

  test("needs a scope that ends by order, or none", () => {
    expect(guard.mayStepOut).toBe(true);
    expect(guard.stepOut(() => 7)).toBe(7);
    expect(guard.run(() => guard.mayStepOut, 5_000)).toBe(false);
  });

  test("is not to be cut until it is back", () => {
    const cell = watched();
    const seen = guard.run(() => {
      const before = cell.call;
      const out = guard.mayStepOut && guard.stepOut(() => cell.call ?? "nothing to cut");
      return { before, out, after: cell.call };
    }, 5_000);
    expect(seen.out).toBe("nothing to cut");
    expect(seen.before?.number).toBeLessThan(-1);
    expect(seen.after?.number).toBe(seen.before?.number);
    expect(cell.call).toBe(undefined);
  });

  test("comes back to its own deadline, whatever ran meanwhile, and whatever was thrown", () => {
    const cell = watched();
    const after = guard.run(() => {
      expect(() =>
        guard.stepOut(() => {
          expect(guard.run(() => guard.mayStepOut, 100_000)).toBe(false);
          throw new Error("a host's own");
        }),
      ).toThrow("a host's own");
      return cell.call;
    }, 5_000);
    expect(after?.leftMs).toBeLessThanOrEqual(5_000);
    expect(after?.leftMs).toBeGreaterThan(0);
  });
});
