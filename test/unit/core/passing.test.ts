import * as fc from "fast-check";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { PassingMap, PassingSet } from "../../../src/core/passing.ts";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

async function scavenge(): Promise<void> {
  // What is weakly held lives until the end of its turn.
  await turn();
  if (typeof collect === "function") collect({ type: "minor" });
}

/** How many of 500 values, each deleted as the second after it came, outlive scavenges once the map has grown old. */
async function survivors(
  map: Pick<Map<number, object>, "set" | "delete"> | PassingMap<number, object>,
): Promise<number> {
  const seen: WeakRef<object>[] = [];
  map.set(-1, {});
  for (let times = 0; times < 4; times += 1) await scavenge();
  const pass = (from: number): void => {
    for (let number = from; number < from + 500; number += 1) {
      const value = { number };
      seen.push(new WeakRef(value));
      map.set(number, value);
      map.delete(number - 2);
    }
  };
  pass(0);
  map.delete(498);
  map.delete(499);
  for (let times = 0; times < 4; times += 1) await scavenge();
  return seen.filter((each) => each.deref() !== undefined).length;
}

test("what has passed through does not outlive a scavenge, however old the map is", async () => {
  // A trail is made of tables; only what was in the last of them when it was made anew may stay for a while.
  expect(await survivors(new PassingMap())).toBeLessThan(60);
  // If this fails, V8 leaves no trail any more, and a Map does as well.
  expect(await survivors(new Map())).toBeGreaterThan(200);
});

const changes = fc.array(fc.tuple(fc.boolean(), fc.nat(20)), { maxLength: 500 });

test("a passing map holds what a map holds, in the same order", () => {
  fc.assert(
    fc.property(changes, (steps) => {
      const [map, passing] = [new Map<number, number>(), new PassingMap<number, number>()];
      for (const [index, [isSet, key]] of steps.entries()) {
        if (isSet) {
          map.set(key, index);
          passing.set(key, index);
        } else expect(passing.delete(key)).toBe(map.delete(key));
        expect(passing.get(key)).toBe(map.get(key));
        expect(passing.has(key)).toBe(map.has(key));
        expect(passing.size).toBe(map.size);
      }
      expect([...passing]).toEqual([...map]);
      expect([...passing.keys()]).toEqual([...map.keys()]);
      expect([...passing.values()]).toEqual([...map.values()]);
      passing.clear();
      expect(passing.size).toBe(0);
    }),
  );
});

test("members that are deleted while a set is gone through are not met any more", () => {
  const set = new PassingSet<number>();
  for (let member = 0; member < 100; member += 1) set.add(member);
  const met: number[] = [];
  for (const member of set) {
    met.push(member);
    for (let next = member; next < member + 10; next += 1) set.delete(next);
  }
  expect(met).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
});
