import { expect, test } from "vitest";
import { Packing } from "../../../../src/runtime/control/packing.ts";

test("quick calls that begin together go to one isolate, until it has enough to do", () => {
  const packing = new Packing();
  expect(packing.take(10)).toBeUndefined();
  packing.begin(3, 10);
  const taken = Array.from({ length: 40 }, () => packing.take(10));
  expect(taken.filter((isolate) => isolate === 3)).toHaveLength(24);
  expect(taken.at(-1)).toBeUndefined();
});

test("calls that take long, or of which nothing is known, are spread", () => {
  const packing = new Packing();
  packing.begin(1, 10_000);
  expect(packing.take(10_000)).toBeUndefined();
  packing.begin(1, undefined);
  expect(packing.take(undefined)).toBeUndefined();
  packing.begin(1, 10);
  expect(packing.take(undefined)).toBeUndefined();
  expect(packing.take(10_000)).toBeUndefined();
});

test("what begins later begins anew", async () => {
  const packing = new Packing();
  packing.begin(2, 1);
  expect(packing.take(1)).toBe(2);
  await Promise.resolve();
  expect(packing.take(1)).toBeUndefined();
});
