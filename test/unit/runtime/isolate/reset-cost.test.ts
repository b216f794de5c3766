import { describe, expect, test } from "vitest";
import { ResetCost } from "../../../../src/runtime/isolate/programs/reset-cost.ts";

const megabyte = 1024 * 1024;

function after(cost: ResetCost, calls: number, ms: number): boolean {
  for (let call = 0; call < calls; call += 1) cost.noteCall(ms);
  return cost.marks;
}

describe("whether instances mark what they write to", () => {
  test("depends on what a call takes, where memory is small", () => {
    expect(after(new ResetCost(megabyte), 1_000, 2)).toBe(false);
    const cost = new ResetCost(megabyte);
    expect(cost.marks).toBe(false);
    expect(after(cost, 15, 0.01)).toBe(false);
    expect(after(cost, 1, 0.01)).toBe(true);
    expect(after(new ResetCost(65_536), 1_000, 0.01)).toBe(false);
  });

  test("is not changed by a few calls that took long", () => {
    const cost = new ResetCost(megabyte);
    after(cost, 16, 0.01);
    for (let round = 0; round < 100; round += 1) {
      after(cost, 12, 0.01);
      expect(after(cost, 4, 50)).toBe(true);
    }
  });

  test("changes with the calls, and less often each time", () => {
    const cost = new ResetCost(megabyte);
    const changes: number[] = [];
    let marks = cost.marks;
    for (let call = 0; call < 10_000; call += 1) {
      // What is best now is wrong as soon as it is done.
      cost.noteCall(cost.marks ? 5 : 0.001);
      if (cost.marks === marks) continue;
      changes.push(call);
      marks = cost.marks;
    }
    expect(changes.length).toBeLessThan(10);
    const pauses = changes.map((call, index) => call - (changes[index - 1] ?? 0));
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  });

  test("is a matter of course where memory is large, unless calls take long again and again", () => {
    const cost = new ResetCost(10 * megabyte);
    expect(cost.marks).toBe(true);
    expect(after(cost, 100, 50)).toBe(true);
    expect(after(cost, 100, 0.5)).toBe(true);
    expect(after(cost, 200, 50)).toBe(false);
  });
});
