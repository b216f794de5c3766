import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog, type Log } from "../../../../src/core/log.ts";
import { clearCache, measureCache, readCached, writeCached } from "../../../../src/engine/wasm/component/jco/cache.ts";
import { ToolError } from "../../../../src/engine/wasm/component/jco/tool.ts";
import { Toolchain, toolchain } from "../../../../src/engine/wasm/component/jco/toolchain.ts";
import { linkComponent } from "../../../../src/engine/wasm/component/link.ts";
import { prepareComponent } from "../../../../src/engine/wasm/component/prepare.ts";
import { guest } from "./support.ts";

let cacheDir = "";
let warnings: string[] = [];
const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };

beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "weft-cache-"));
  warnings = [];
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));
afterAll(() => toolchain[Symbol.asyncDispose]());

async function addWithCache(): Promise<unknown> {
  const program = await prepareComponent(guest("wat/component.wasm"), {
    name: "test:add",
    method: "add",
    engine: "jco",
    cacheDir,
    log,
  });
  return await (await linkComponent(program).instantiate({})).call([20, 22]);
}

function cachedFile(): string {
  const [only, ...others] = readdirSync(join(cacheDir, "components"));
  expect(others).toEqual([]);
  return join(cacheDir, "components", only ?? "");
}

describe("the disk cache", () => {
  test("the second preparation does not transpile", async () => {
    expect(await addWithCache()).toBe(42);
    const before = readFileSync(cachedFile());
    await toolchain[Symbol.asyncDispose]();
    expect(await addWithCache()).toBe(42);
    expect(readFileSync(cachedFile())).toEqual(before);
    expect((await measureCache(cacheDir)).files).toBe(1);
  });

  test.each([
    ["cut short", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ["emptied", () => Buffer.alloc(0)],
    [
      "with a flipped bit",
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)]),
    ],
    ["replaced by text", () => Buffer.from("nonsense\n[[]]\n")],
  ])("a file that was %s is made again, with one warning", async (_, damage) => {
    await addWithCache();
    const whole = readFileSync(cachedFile());
    writeFileSync(cachedFile(), damage(whole));
    expect(await addWithCache()).toBe(42);
    expect(warnings).toHaveLength(1);
    expect(readFileSync(cachedFile())).toEqual(whole);
    await addWithCache();
    expect(warnings).toHaveLength(1);
  });

  test("fifty preparations at once leave one whole file", async () => {
    expect(await Promise.all(Array.from({ length: 50 }, addWithCache))).toEqual(Array.from({ length: 50 }, () => 42));
    cachedFile();
    expect(warnings).toEqual([]);
  });

  test("writers of one key at the same time do not disturb each other", async () => {
    const files = { "component.js": Buffer.alloc(100_000, "x"), "empty.wasm": new Uint8Array() };
    await Promise.all(Array.from({ length: 20 }, () => writeCached({ cacheDir, key: "k", files, log })));
    const read = await readCached(cacheDir, "k", log);
    expect(Object.entries(read ?? {}).map(([name, bytes]) => [name, bytes.length])).toEqual([
      ["component.js", 100_000],
      ["empty.wasm", 0],
    ]);
    cachedFile();
  });

  test("a folder that cannot be written to costs a warning, not the call", async () => {
    writeFileSync(join(cacheDir, "components"), "a file where a folder should be");
    await chmod(cacheDir, 0o500);
    expect(await addWithCache()).toBe(42);
    expect(warnings).toEqual(["the component cache cannot be written"]);
    await chmod(cacheDir, 0o700);
  });

  test("clearing says how much there was", async () => {
    await addWithCache();
    const { files, bytes } = await clearCache(cacheDir);
    expect(files).toBe(1);
    expect(bytes).toBeGreaterThan(10_000);
    expect(await measureCache(cacheDir)).toEqual({ files: 0, bytes: 0 });
    expect(await clearCache(cacheDir)).toEqual({ files: 0, bytes: 0 });
  });
});

describe("the transpiler's thread", () => {
  test("a failure does not spoil what comes after it", async () => {
    await using tools = new Toolchain();
    const good = { kind: "transpile", bytes: guest("wat/component.wasm"), suspending: undefined } as const;
    const bad = { ...good, bytes: guest("wat/answer.wasm") };
    const results = await Promise.allSettled([
      tools.run(good),
      tools.run(bad),
      tools.run(good),
      tools.run(bad),
      tools.run(good),
    ]);
    expect(results.map((result) => result.status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(
      results.flatMap((result) => (result.status === "rejected" ? [result.reason instanceof ToolError] : [])),
    ).toEqual([true, true]);
  });

  test("it works again after it was disposed", async () => {
    const tools = new Toolchain();
    const task = { kind: "parse", text: "(component)" } as const;
    await tools.run(task);
    await tools[Symbol.asyncDispose]();
    expect(Object.keys(await tools.run(task))).toEqual(["module.wasm"]);
    await tools[Symbol.asyncDispose]();
  });
});
