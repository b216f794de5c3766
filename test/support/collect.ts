import { queryObjects, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc: unknown = runInNewContext("gc");

/** Collects garbage until what waited for a turn of the event loop is gone, too. */
export async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (typeof gc === "function") gc();
  }
}

/** How many objects of a class this thread holds. Takes a second: it goes through the whole heap. */
export async function countObjects(constructor: Function): Promise<number> {
  await collectGarbage();
  return queryObjects(constructor, { format: "count" });
}

/** How many of the objects are still held by somebody. */
export async function countHeld(references: readonly WeakRef<object>[]): Promise<number> {
  await collectGarbage();
  return references.filter((reference) => reference.deref() !== undefined).length;
}
