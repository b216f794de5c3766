import { describe, expect, test } from "vitest";
import { monotonicNs, timerAfter, timerAt } from "../../../../src/hosts/clocks/clocks.ts";
import { preview1Clocks } from "../../../../src/hosts/clocks/p1.ts";
import { bindHosts } from "../../../../src/hosts/index.ts";
import { imported } from "../support/imports.seam.ts";
import { instance } from "../support/instance.ts";

const { imports } = bindHosts(
  instance(),
  ["wasi:clocks"],
  [{ interface: "wasi:clocks/wall-clock" }, { interface: "wasi:clocks/monotonic-clock" }],
);
const wall = (func: string) => imported(imports, "wasi:clocks/wall-clock", func);
const monotonic = (func: string) => imported(imports, "wasi:clocks/monotonic-clock", func);

describe("the clocks of components", () => {
  test("tell the time of day and their resolution", () => {
    const { seconds, nanoseconds } = wall("now")();
    expect(Math.abs(Number(seconds) * 1000 + nanoseconds / 1e6 - Date.now())).toBeLessThan(10_000);
    expect(wall("resolution")()).toEqual({ seconds: 0n, nanoseconds: 1_000_000 });
    expect(monotonic("resolution")()).toBe(1n);
  });

  test("never go back when monotonic", () => {
    const first = monotonic("now")();
    expect(monotonic("now")() >= first).toBe(true);
  });

  test("give pollables that are ready when their time has come", async () => {
    expect(monotonic("subscribeInstant")(0n).ready()).toBe(true);
    expect(monotonic("subscribeDuration")(0n).ready()).toBe(true);
    const before = monotonic("now")();
    const pollable = monotonic("subscribeDuration")(2_000_000n);
    await pollable.block();
    expect(monotonic("now")() - before >= 2_000_000n).toBe(true);
    const later = monotonic("subscribeInstant")(monotonic("now")() + 1_000_000n);
    await later.block();
    expect(later.ready()).toBe(true);
  });
});

describe("a timer", () => {
  test("far away is not ready, however far", () => {
    for (const timer of [timerAfter(2n ** 64n - 1n), timerAt(2n ** 64n - 1n), timerAfter(3_000_000_000_000_000n)]) {
      expect(timer.isReady()).toBe(false);
      let woken = false;
      timer.onReady(() => void (woken = true))[Symbol.dispose]();
      expect(woken).toBe(false);
    }
  });

  test("wakes only once its instant has passed", async () => {
    const at = monotonicNs() + 1_500_000n;
    await new Promise<void>((resolve) => void timerAt(at).onReady(resolve));
    expect(monotonicNs() >= at).toBe(true);
  });
});

describe("the clocks of preview 1", () => {
  test("are the time of day and a monotonic one, and no others", () => {
    expect(Math.abs(Number(preview1Clocks.now(0)) / 1e6 - Date.now())).toBeLessThan(10_000);
    expect(preview1Clocks.now(1)).toBeGreaterThan(0n);
    expect(preview1Clocks.now(2)).toBeUndefined();
    expect(preview1Clocks.resolution(0)).toBe(1_000_000n);
    expect(preview1Clocks.timer(9, 0n, false)).toBeUndefined();
  });

  test("have timers for a time of day that has passed or is to come", () => {
    const now = preview1Clocks.now(0) ?? 0n;
    expect(preview1Clocks.timer(0, now - 1n, true)?.isReady()).toBe(true);
    expect(preview1Clocks.timer(0, now + 60_000_000_000n, true)?.isReady()).toBe(false);
    expect(preview1Clocks.timer(1, 60_000_000_000n, false)?.isReady()).toBe(false);
  });
});
