import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findCycles, orderByNeeds, type Needs } from "../../../src/registry/order.ts";

function needs(pairs: Readonly<Record<string, readonly string[]>>): Needs {
  return new Map(Object.entries(pairs).map(([id, targets]) => [id, new Set(targets)]));
}

test("levels follow needs, and ids inside a level", () => {
  expect(orderByNeeds(needs({ d: ["b"], c: ["a", "nowhere"], b: ["a"], a: ["a"] }))).toEqual([
    ["a"],
    ["b", "c"],
    ["d"],
  ]);
});

test("a circle and what needs it come last", () => {
  const circle = needs({ x: ["y"], y: ["x"], z: ["x"], a: [] });
  expect(orderByNeeds(circle)).toEqual([["a"], ["x", "y", "z"]]);
  expect(findCycles(circle)).toEqual([["x", "y", "x"]]);
});

test("every circle is found, an entry that needs itself too", () => {
  expect(findCycles(needs({ a: ["a"], b: ["c"], c: ["d"], d: ["b", "e"], e: [] }))).toEqual([
    ["a", "a"],
    ["b", "c", "d", "b"],
  ]);
});

test("a chain longer than the stack is deep is followed", () => {
  const length = 50_000;
  const chain = new Map(Array.from({ length }, (_, index) => [`${index}`, new Set([`${(index + 1) % length}`])]));
  expect(findCycles(chain)[0]).toHaveLength(length + 1);
  chain.set(`${length - 1}`, new Set());
  expect(findCycles(chain)).toEqual([]);
  expect(orderByNeeds(chain)).toHaveLength(length);
});

test("for any needs, each id comes once and after all it needs, and circles are found exactly when some remain", () => {
  const ids = ["a", "b", "c", "d", "e", "f"];
  const any = fc.record(Object.fromEntries(ids.map((id) => [id, fc.subarray(ids, { maxLength: 2 })])));
  fc.assert(
    fc.property(any, (pairs) => {
      const wanted = needs(pairs);
      const levels = orderByNeeds(wanted);
      expect(levels.flat().toSorted()).toEqual(ids);
      const levelOf = new Map(levels.flatMap((level, index) => level.map((id) => [id, index])));
      const isOrdered = ids.every((id) =>
        [...(wanted.get(id) ?? [])].every((target) => (levelOf.get(target) ?? 0) < (levelOf.get(id) ?? 0)),
      );
      const cycles = findCycles(wanted);
      expect(cycles.length === 0).toBe(isOrdered);
      for (const cycle of cycles) {
        expect(cycle.at(-1)).toBe(cycle[0]);
        cycle.slice(1).forEach((id, index) => expect(wanted.get(cycle[index] ?? "")).toContain(id));
      }
    }),
  );
});
