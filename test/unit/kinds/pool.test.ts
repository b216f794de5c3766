import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { poolSchema, resolvePool, type PoolFields } from "../../../src/kinds/shared/pool.ts";
import { brief, entryOf, problemsOf } from "./support/entry.ts";

const rows: readonly (readonly [what: string, pool: PoolFields | undefined, expected: object])[] = [
  ["nothing", undefined, { type: "lazy", maxSlots: 100, queueLength: Infinity }],
  ["an empty pool", {}, { type: "lazy", maxSlots: 100, queueLength: Infinity }],
  ["max_size alone", { max_size: 3 }, { type: "lazy", maxSlots: 3 }],
  ["workers and size", { workers: 4, size: 2 }, { type: "static", minSlots: 4, maxSlots: 4, queueLength: 256 }],
  ["workers, size and buffer", { workers: 2, size: 2, buffer: 5 }, { type: "static", maxSlots: 2, queueLength: 5 }],
  ["size alone", { size: 4 }, { type: "inline", minSlots: 0 }],
  ["inline", { type: "inline", max_size: 4 }, { type: "inline", queueLength: Infinity }],
  ["lazy", { type: "lazy" }, { type: "lazy", maxSlots: 16, queueLength: Infinity }],
  ["lazy with max_size", { type: "lazy", max_size: 2 }, { type: "lazy", maxSlots: 2 }],
  ["static", { type: "static" }, { type: "static", maxSlots: 8, queueLength: 512 }],
  ["static with size", { type: "static", size: 3 }, { type: "static", maxSlots: 3, queueLength: 192 }],
  [
    "static, workers before size",
    { type: "static", size: 3, workers: 5 },
    { type: "static", maxSlots: 5, queueLength: 320 },
  ],
  ["adaptive", { type: "adaptive", buffer: 1 }, { type: "adaptive", minSlots: 1, maxSlots: 16, queueLength: 1024 }],
  ["adaptive, warm", { type: "adaptive", max_size: 4, warm_start: 2 }, { minSlots: 2, maxSlots: 4, queueLength: 256 }],
  ["adaptive, too warm", { type: "adaptive", max_size: 4, warm_start: 9 }, { minSlots: 4, maxSlots: 4 }],
  ["zeros", { size: 0, workers: 0, buffer: 0, max_size: 0 }, { type: "lazy", maxSlots: 100 }],
  ["a refusing lazy pool", { on_full: "reject", max_size: 2 }, { onFull: "reject", queueLength: 0 }],
  [
    "a refusing static pool",
    { type: "static", size: 1, on_full: "reject", buffer: 2 },
    { onFull: "reject", queueLength: 2 },
  ],
  ["kept instances", { state: "kept" }, { state: "kept", onFull: "wait" }],
  [
    "a worker class",
    { worker_class: "cpu", workers: 2, type: "lazy" },
    { type: "static", maxSlots: 2, workerClass: { name: "cpu", workers: 2 } },
  ],
  [
    "a worker class with more slots",
    { worker_class: "cpu", workers: 2, size: 6 },
    { maxSlots: 6, workerClass: { name: "cpu", workers: 2 } },
  ],
];

test.each(rows)("%s", (_, pool, expected) => {
  if (pool !== undefined) expect(poolSchema.parse(pool)).toEqual(pool);
  expect(resolvePool(pool)).toMatchObject(expected);
});

test("a worker class has as many threads as the machine, up to four", () => {
  const workers = Math.min(availableParallelism(), 4);
  expect(resolvePool({ worker_class: "cpu" }).workerClass).toEqual({ name: "cpu", workers });
});

const wrong: readonly (readonly [what: string, pool: object, expected: readonly string[]])[] = [
  ["a negative number", { size: -1 }, ["invalid-field at pool.size"]],
  [
    "every negative number at once",
    { size: -1, workers: -1, buffer: -1, max_size: -1 },
    ["size", "workers", "buffer", "max_size"].map((name) => `invalid-field at pool.${name}`),
  ],
  ["a text for a number", { size: "4" }, ["invalid-field at pool.size"]],
  ["a fraction", { max_size: 1.5 }, ["invalid-field at pool.max_size"]],
  ["an unknown type", { type: "statik" }, ["invalid-field at pool.type"]],
  ["workers without size", { workers: 2 }, ["invalid-field at pool.workers"]],
  ["workers without size, inline", { type: "inline", workers: 2 }, ["invalid-field at pool.workers"]],
  ["an unknown field", { sise: 2 }, ["unknown-field at key pool.sise"]],
  ["an unknown answer to a full pool", { on_full: "drop" }, ["invalid-field at pool.on_full"]],
];

test.each(wrong)("%s is reported where it stands", (_, pool, expected) => {
  const entry = entryOf("function.wat", { source: "(module)", method: "f", pool: { ...pool } });
  expect(problemsOf(entry).map(brief)).toEqual(expected);
});

test("a misspelt type gets the nearest one", () => {
  const entry = entryOf("function.wat", { source: "(module)", method: "f", pool: { type: "statik" } });
  expect(problemsOf(entry)[0]?.hint).toContain("static");
});
