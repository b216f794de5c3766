import { expect, test } from "vitest";
import type { PoolSpec } from "../../../src/registry/placement.ts";
import { pools } from "../../../src/runtime/pools/index.ts";
import type { PoolSample, SlotController } from "../../../src/runtime/pools/pool.ts";

function spec(type: PoolSpec["type"], minSlots: number, maxSlots: number): PoolSpec {
  return { type, minSlots, maxSlots, queueLength: Infinity, onFull: "wait", workerClass: undefined, state: "fresh" };
}

function adaptive(maxSlots: number): SlotController {
  const controller = pools.adaptive.adapt?.(spec("adaptive", 1, maxSlots));
  if (controller === undefined) throw new Error("the adaptive pool has no controller");
  return controller;
}

/** Feeds ticks in which each slot finishes `rate` calls, and answers the sizes. */
function simulate(controller: SlotController, ticks: number, load: (slots: number) => Partial<PoolSample>): number[] {
  const sizes: number[] = [];
  let slots = 1;
  for (let tick = 0; tick < ticks; tick += 1) {
    slots = controller.tick({ slots, busy: slots, waiting: 10, finished: 0, ...load(slots) });
    sizes.push(slots);
  }
  return sizes;
}

test("an inline pool has no slots, lazy and static have all at once, adaptive starts small", () => {
  expect(pools.inline.slotsAtStart(spec("inline", 0, 8))).toBeUndefined();
  expect(pools.lazy.slotsAtStart(spec("lazy", 0, 8))).toBe(8);
  expect(pools.static.slotsAtStart(spec("static", 8, 8))).toBe(8);
  expect(pools.adaptive.slotsAtStart(spec("adaptive", 1, 8))).toBe(1);
});

test("a busy adaptive pool grows while growth brings more calls through, up to its maximum", () => {
  const sizes = simulate(adaptive(8), 200, (slots) => ({ finished: slots * 100 }));
  expect(sizes.at(-1)).toBe(8);
});

test("growth that brings nothing is undone", () => {
  const sizes = simulate(adaptive(8), 60, () => ({ finished: 100, waiting: 50 }));
  expect(Math.max(...sizes)).toBeGreaterThan(1);
  expect(sizes.at(-1)).toBeLessThanOrEqual(3);
});

test("a quiet adaptive pool gives its slots up one by one, down to its minimum", () => {
  const controller = adaptive(8);
  let slots = 4;
  const sizes: number[] = [];
  for (let tick = 0; tick < 40; tick += 1) {
    slots = controller.tick({ slots, busy: 0, waiting: 0, finished: 0 });
    sizes.push(slots);
  }
  expect(sizes[6]).toBe(4);
  expect(sizes[7]).toBe(3);
  expect(sizes.at(-1)).toBe(1);
});
