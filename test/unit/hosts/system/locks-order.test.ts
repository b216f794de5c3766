import { expect, test } from "vitest";
import { Locks } from "../../../../src/hosts/system/locks.ts";

/** Claims of locks, and what each of them was told, in the order of the telling. */
function claims() {
  const locks = new Locks();
  const told: string[] = [];
  const claim = (who: string, waitMs?: number) =>
    locks.claim("x", waitMs, (granted) => told.push(`${who} ${granted === true ? "has it" : "gave up"}`));
  return { locks, told, claim };
}

/** Grants are told a little later. */
const soon = () => new Promise((resolve) => setImmediate(resolve));

test("whoever waits longest is next", async () => {
  const { told, claim } = claims();
  const [first, second] = [claim("first"), claim("second"), claim("third")];
  await soon();
  expect(told).toEqual(["first has it"]);
  first[Symbol.dispose]();
  await soon();
  second[Symbol.dispose]();
  await soon();
  expect(told).toEqual(["first has it", "second has it", "third has it"]);
});

test("whoever left while waiting is passed over, and to leave twice takes nothing from others", async () => {
  const { told, claim } = claims();
  const [first, second] = [claim("first"), claim("second"), claim("third")];
  second[Symbol.dispose]();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await soon();
  expect(told).toEqual(["first has it", "third has it"]);
});

test("whoever waits no longer than a time is told when it is over, and does not get the lock later", async () => {
  const { told, claim } = claims();
  const first = claim("first");
  claim("hasty", 0);
  await expect.poll(() => told).toEqual(["first has it", "hasty gave up"]);
  first[Symbol.dispose]();
  claim("last");
  await soon();
  expect(told).toEqual(["first has it", "hasty gave up", "last has it"]);
});

test("when all is over nobody is told any more", async () => {
  const { locks, told, claim } = claims();
  claim("first");
  await soon();
  claim("second", 1);
  locks.clear();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(told).toEqual(["first has it"]);
});
