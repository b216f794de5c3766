import { expect, test } from "vitest";
import { Rows } from "../../../../src/runtime/control/rows.ts";
import { allocateSlots, SlotTable } from "../../../../src/runtime/slots.ts";

function tables() {
  const shared = { isolates: 1, slots: allocateSlots(1) };
  const slots = new SlotTable(shared);
  return { rows: new Rows(shared, slots), slots };
}

test("an entry keeps its number, also when it was removed and comes back", () => {
  const { rows } = tables();
  expect([rows.of("a:x"), rows.of("a:y"), rows.of("a:x")]).toEqual([0, 1, 0]);
  rows.release("a:x");
  rows.release("a:z");
  expect([rows.of("a:z"), rows.of("a:x")]).toEqual([2, 0]);
});

test("entries that come and go with ever new names use the same numbers again", () => {
  const { rows } = tables();
  for (let i = 0; i < 100_000; i += 1) {
    rows.of(`a:e${i}`);
    rows.release(`a:e${i}`);
  }
  expect(rows.count).toBeLessThan(1_000);
});

test("the number of a removed entry is not used while a call of it holds a slot", () => {
  const { rows, slots } = tables();
  const row = rows.of("a:busy");
  slots.setCapacity(row, 1, [0]);
  expect(slots.acquire(row, 0)).toBe(true);
  rows.release("a:busy");
  const given = new Set<number>();
  const makeAndRemove = (name: string): void => {
    for (let i = 0; i < 1_000; i += 1) {
      given.add(rows.of(`a:${name}${i}`));
      rows.release(`a:${name}${i}`);
    }
  };
  makeAndRemove("one");
  expect(given.has(row)).toBe(false);
  slots.release(row, 0);
  makeAndRemove("two");
  expect(given.has(row)).toBe(true);
});
