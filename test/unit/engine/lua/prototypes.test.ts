import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { Prototypes } from "../../../../src/engine/lua/prototypes.ts";
import type { LuaFunction } from "../../../../src/engine/lua/module.ts";
import { openLua } from "../../../../src/engine/lua/state/fengari.seam.ts";
import { collectGarbage, countHeld } from "../../../support/collect.ts";
import { program, testEngine, type TestHost } from "./support/run.ts";

const source = "local function inner()\n  error('broken')\nend\nreturn { a = inner, b = function() return inner end }";

test("a source is compiled once, also when its entry was forgotten and comes again", () => {
  const prototypes = new Prototypes(openLua());
  const first = prototypes.of(program(source));
  expect(prototypes.of(program(source, { method: "b" }))).toBe(first);
  expect(prototypes.of(program(`${source} `))).not.toBe(first);
});

test("entries with the same source share code and keep their names in messages and stacks", async () => {
  const { fail } = testEngine();
  for (const name of ["app:one", "app:two", "app:one"] as const) {
    const error = await fail(program(source, { name, method: "a" }));
    expect(error.message).toBe(`${name}:2: broken`);
    expect(error.guestStack).toBe(`${name}:2`);
  }
});

test("entries that share code share no globals and no variables", () => {
  const { run } = testEngine();
  const counter = "local n = 0 return function() n = n + 1 total = (total or 0) + n return total end";
  for (const name of ["app:one", "app:two", "app:one"] as const) expect(run(program(counter, { name }))).toBe(1);
});

test("a source that does not parse is said of each entry that has it, where it stands there", async () => {
  const { fail } = testEngine();
  const broken = "return 1 +";
  expect((await fail(program(broken, { name: "app:one", file: "one.lua" }))).message).toMatch(/^app:one .* one.lua:1/);
  expect((await fail(program(broken, { name: "app:two", firstLine: 7 }))).message).toMatch(/^app:two .*main.lua:7/);
});

test("sources that nobody has used for long are compiled anew", () => {
  const prototypes = new Prototypes(openLua());
  const first = prototypes.of(program("return 0"));
  const second = prototypes.of(program("return 1"));
  for (let i = 2; i < 500; i += 1) prototypes.of(program(`return ${i}`));
  expect(prototypes.of(program("return 0"))).toBe(first);
  prototypes.of(program("return 500"));
  expect(prototypes.of(program("return 1"))).not.toBe(second);
});

test("long sources are kept as long as there are not too many characters of them", () => {
  const prototypes = new Prototypes(openLua());
  const long = (name: string): string => `return 0 --${name}${" ".repeat(900_000)}`;
  const first = prototypes.of(program(long("one")));
  prototypes.of(program(long("two")));
  expect(prototypes.of(program(long("one")))).toBe(first);
  const second = prototypes.of(program(long("two")));
  prototypes.of(program(long("three")));
  expect(prototypes.of(program(long("two")))).toBe(second);
  expect(prototypes.of(program(long("one")))).not.toBe(first);
});

test("code that is kept keeps nothing of a run that has ended", async () => {
  const seen: WeakRef<object>[] = [];
  const watch: LuaFunction<TestHost> = (call) => {
    const { value } = call.raw(1);
    if (typeof value === "object" && value !== null) seen.push(new WeakRef(value));
  };
  const { run } = testEngine([], [{ name: "watcher", always: true, table: { watch } }]);
  const captured = `
    local data = { 1, 2 }
    watcher.watch(data)
    local function use() return function() return #data end end
    return use()()`;
  expect(run(captured)).toBe(2);
  expect(seen).toHaveLength(1);
  expect(await countHeld(seen)).toBe(0);
});

test("whole numbers of sources are not remembered", async () => {
  const { run } = testEngine();
  const numbers = (from: number): string => `return { ${Array.from({ length: 2_000 }, (_, i) => from + i).join()} }`;
  const made = new Prototypes(openLua());
  made.of(program("return 0"));
  await collectGarbage();
  const before = getHeapStatistics().used_heap_size;
  for (let i = 1; i <= 60; i += 1) new Prototypes(openLua()).of(program(numbers(i * 10_000)));
  await collectGarbage();
  expect(getHeapStatistics().used_heap_size - before).toBeLessThan(6_000_000);
  expect(run("local t = { 7, 7, 7.0, '7' } return t[1] + t[3]")).toBe(14);
});

test("long names of fields that come from outside are not remembered", async () => {
  const { run } = testEngine();
  const held = (): number => getHeapStatistics().used_heap_size + process.memoryUsage().arrayBuffers;
  expect(await run("return 0")).toBe(0);
  await collectGarbage();
  const before = held();
  for (let i = 0; i < 200; i += 1) await run("return 0", [{ [`${i}${"x".repeat(200_000)}`]: i }]);
  await collectGarbage();
  expect(held() - before).toBeLessThan(15_000_000);
});
