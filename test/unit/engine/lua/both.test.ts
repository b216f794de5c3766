import { readdirSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { usually } from "./support/run.ts";
import { unlikeStock, withoutStock } from "./support/unlike-stock.ts";

// The tests of the engine once more, on stock fengari (`lua.engine: stock`). What differs is listed with its reason.
usually("stock");

const reasons = new Map(unlikeStock.flatMap(({ reason, tests }) => tests.map((name) => [name, reason] as const)));
const skipped = new Set<string>();
const files = [
  "engine",
  "environment",
  "isolation",
  "modules",
  "objects",
  "os",
  "prototypes",
  "types",
  "values",
  "yields",
] as const;

beforeEach(({ task, skip }) => {
  const reason = reasons.get(task.name);
  if (reason === undefined) return;
  skipped.add(task.name);
  skip(reason);
});

for (const file of files) await import(`./${file}.test.ts`);

test("every file of the engine's tests runs on stock fengari, or is listed with its reason", () => {
  const here = readdirSync(import.meta.dirname).flatMap((name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? []);
  expect([...files, ...Object.keys(withoutStock)].toSorted()).toEqual(here.toSorted());
});

test("every test that is listed as unlike stock fengari is there", () => {
  expect([...reasons.keys()].filter((name) => !skipped.has(name))).toEqual([]);
});
