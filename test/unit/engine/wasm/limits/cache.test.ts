import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog, type Log } from "../../../../../src/core/log.ts";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { linkCore } from "../../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../../src/engine/wasm/core/prepare.ts";
import { leastCached } from "../../../../../src/engine/wasm/limits/cache.ts";
import type { WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import { failureOf } from "../support.ts";

let cacheDir = "";
let warnings: string[] = [];
const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };

beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "weft-modules-"));
  warnings = [];
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

/** A module that is large enough to be kept, and grows its memory. */
const text = `(module (memory 2) (data (i32.const 0) "${"x".repeat(leastCached)}")
  (func (export "f") (param i32) (result i32) (if (i32.eq (memory.grow (local.get 0)) (i32.const -1)) (then unreachable)) (memory.size)))`;
const bytes = await assemble(text, "test:large");

function call(pages: number, limits: WasmLimits = { memoryBytes: 4 * 65_536 }): unknown {
  const program = prepareCore(bytes, { name: "test:large", method: "f", limits, cache: { cacheDir, log } });
  const instance = linkCore(structuredClone(program)).instantiate({});
  return instance instanceof Promise ? undefined : instance.call([pages]);
}

function kept(): string[] {
  return readdirSync(join(cacheDir, "modules")).map((name) => join(cacheDir, "modules", name));
}

test("a rewritten module is kept, and does the same when it is read", async () => {
  expect(call(1)).toBe(3);
  const [file = "", ...others] = kept();
  expect(others).toEqual([]);
  const before = readFileSync(file);
  expect(call(2)).toBe(4);
  expect((await failureOf(() => call(3))).code).toBe("MEMORY_EXCEEDED");
  expect(readFileSync(file)).toEqual(before);
  expect(warnings).toEqual([]);
});

test("what another limit makes of it is another file", () => {
  void call(1);
  void call(1, { memoryBytes: 5 * 65_536 });
  void call(1, { memoryBytes: 4 * 65_536, fuel: 1_000 });
  void call(1, { memoryBytes: 4 * 65_536, fuel: 2_000 });
  void call(1, { memoryBytes: 4 * 65_536, stackBytes: 2_000 });
  void call(1, { memoryBytes: 4 * 65_536, exactMemory: true });
  expect(kept()).toHaveLength(5);
});

test.each([
  ["cut short", (whole: Buffer) => whole.subarray(0, whole.length / 2)],
  ["emptied", () => Buffer.alloc(0)],
  ["with a flipped bit", (whole: Buffer) => Buffer.concat([whole.subarray(0, -1), Buffer.of((whole.at(-1) ?? 0) ^ 1)])],
  ["replaced by text", () => Buffer.from("nonsense\n[[]]\n")],
])("a file that was %s is made again, with one warning", (_, damage) => {
  void call(1);
  const [file = ""] = kept();
  writeFileSync(file, damage(readFileSync(file)));
  expect(call(1)).toBe(3);
  expect(warnings).toEqual(["a damaged file in the module cache is made again"]);
  expect(call(1)).toBe(3);
  expect(warnings).toHaveLength(1);
});

test("writers of one module at the same time leave one whole file", async () => {
  const prepare = new URL("../../../../../src/engine/wasm/core/prepare.ts", import.meta.url).href;
  const code = `
    const { workerData: { bytes, cacheDir, prepare } } = require("node:worker_threads");
    const log = { warn: (message) => { throw new Error(message); } };
    import(prepare).then(({ prepareCore }) => {
      for (let i = 0; i < 5; i++) prepareCore(bytes, { name: "t", method: "f", limits: { memoryBytes: 65536 * (3 + i) }, cache: { cacheDir, log } });
    });`;
  const workers = Array.from(
    { length: 4 },
    () => new Worker(code, { eval: true, workerData: { bytes, cacheDir, prepare } }),
  );
  const ends = await Promise.all(
    workers.map((worker) => new Promise((end) => worker.once("exit", end).once("error", end))),
  );
  expect(ends).toEqual([0, 0, 0, 0]);
  expect(kept()).toHaveLength(5);
  expect(call(1)).toBe(3);
});

test("a folder that cannot be written to costs a warning, not the module", async () => {
  writeFileSync(join(cacheDir, "modules"), "a file where a folder should be");
  await chmod(cacheDir, 0o500);
  expect(call(1)).toBe(3);
  expect(warnings).toEqual(["the module cache cannot be written"]);
  await chmod(cacheDir, 0o700);
});

test("a small module is rewritten each time", async () => {
  const small = await assemble('(module (func (export "f")))', "test:small");
  prepareCore(small, { name: "test:small", method: "f", cache: { cacheDir, log } });
  expect(readdirSync(cacheDir)).toEqual([]);
});
