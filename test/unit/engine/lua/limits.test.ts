import { describe, expect, test } from "vitest";
import type { LuaUsage } from "../../../../src/engine/lua/state/account.ts";
import { openLua } from "../../../../src/engine/lua/state/fengari.seam.ts";
import { testEngine } from "./support/run.ts";

const megabyte = 1024 * 1024;
const limits = { memoryBytes: 8 * megabyte };

/** Programs that hold more and more. */
const hoarders = [
  ["items", "local t = {} for i = 1, 1e9 do t[i] = i end"],
  ["keys", "local t = {} for i = 1, 1e9 do t['k' .. i] = true end"],
  ["tables", "local t = {} for i = 1, 1e9 do t = { t } end"],
  ["functions", "local t = {} for i = 1, 1e9 do t[i] = function() return t, i end end"],
  ["strings", "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end"],
  ["a string", "local s = 'x' while true do s = s .. s end"],
  ["a string that grows bit by bit", "local s = '' while true do s = s .. 'some more ' end"],
  ["parts of long strings", "local t = {} for i = 1, 1e9 do t[i] = (('x'):rep(5e3) .. i):sub(-20) .. i end"],
  ["coroutines", "local t = {} for i = 1, 1e9 do t[i] = coroutine.create(print) end"],
  ["iterators over strings", "local t = {} for i = 1, 1e9 do t[i] = (('x'):rep(1e5) .. i):gmatch('.') end"],
  [
    "stacks",
    `local t = {} for i = 1, 1e9 do local co = coroutine.create(function()
      local function f(n) if n == 0 then coroutine.yield() end return 1 + f(n - 1) end f(1000) end)
      coroutine.resume(co) t[i] = co end`,
  ],
  ["globals", "for i = 1, 1e9 do _G['g' .. i] = {} end"],
  ["captures in a coroutine", "coroutine.wrap(function() local t = {} for i = 1, 1e9 do t[i] = {} end end)()"],
  ["a channel's values", "local c = channel.new(1000000) for i = 1, 1e9 do c:send(('x'):rep(10000) .. i) end"],
  ["table.insert", "local t = {} while true do table.insert(t, 1) end"],
  [
    "table.concat",
    "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1000) end local r = {} while true do r[#r + 1] = table.concat(t) end",
  ],
  ["string.format", "local r = {} while true do r[#r + 1] = ('%s%s'):format(('x'):rep(9999), #r) end"],
  ["gsub", "local r = {} while true do r[#r + 1] = (('x'):rep(10000)):gsub('x', 'yz') end"],
  [
    "a library's table",
    "local t = setmetatable({}, { __index = function(t, k) rawset(t, k, {}) return t[k] end }) for i = 1, 1e9 do local _ = t[i] end",
  ],
] as const;

describe.runIf(openLua().isPatched)("memory", () => {
  test.each(hoarders)("a task that hoards %s ends at its limit", async (_, source) => {
    const before = process.memoryUsage().heapUsed;
    const usage: LuaUsage[] = [];
    const error = await testEngine().fail(source, [], { limits, onUsage: (used) => usage.push(used) });
    expect(error.code).toBe("MEMORY_EXCEEDED");
    expect(usage[0]?.peakBytes).toBeGreaterThan(limits.memoryBytes);
    expect(usage[0]?.peakBytes).toBeLessThan(limits.memoryBytes * 3);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(400 * megabyte);
  });

  test.each(hoarders)("no protected call saves a task that hoards %s", async (_, source) => {
    const guarded = `while true do pcall(function() ${source} end) xpcall(function() ${source} end, function() end)
      coroutine.resume(coroutine.create(function() ${source} end)) end`;
    expect((await testEngine().fail(guarded, [], { limits })).code).toBe("MEMORY_EXCEEDED");
  });

  test.each([
    ["tables", "local t for i = 1, 300000 do t = { i, { i } } end return true"],
    ["strings", "local s for i = 1, 100000 do s = ('x'):rep(1000) .. i end return true"],
    ["functions", "local f for i = 1, 300000 do f = function() return i end end return true"],
    ["keys", "local t = {} for i = 1, 300000 do t['k' .. i] = i t['k' .. i] = nil end return true"],
    ["coroutines", "for i = 1, 30000 do coroutine.wrap(function() coroutine.yield(i) end)() end return true"],
  ])("a task that drops what it makes goes on: %s", async (_, source) => {
    expect(await testEngine().run(source, [], { limits })).toBe(true);
  });

  test("what others hold is not counted", async () => {
    const { run } = testEngine();
    const hog = Promise.resolve(
      run("local t = {} for i = 1, 50000 do t[i] = { i } end host.never()", [], { limits: {} }),
    );
    void hog.catch(() => undefined);
    const churn = "local t for i = 1, 200000 do t = { i } end host.sleep(1) return #t";
    expect(await Promise.all([run(churn, [], { limits }), run(churn, [], { limits })])).toEqual([1, 1]);
  });

  test("a task that hoards lets its neighbours run, and they go on", async () => {
    const { run, fail } = testEngine();
    const hoards = fail("local t = {} while true do for i = 1, 1000 do t[#t + 1] = {} end host.sleep(0) end", [], {
      limits: { memoryBytes: megabyte },
    });
    expect(await run("for i = 1, 3 do host.sleep(1) end return 'neighbour'")).toBe("neighbour");
    expect((await hoards).code).toBe("MEMORY_EXCEEDED");
    expect(await run("return 1 + 1")).toBe(2);
  });
});

describe.runIf(openLua().isPatched)("fuel", () => {
  const spend = "local n = 0 for i = 1, 1000 do n = n + 1 end return n";

  test.each([
    ["at its limit", 1_003, 1_000],
    ["above what it needs", 1_000_000, 1_000],
  ])("a program runs %s", async (_, fuel, result) => {
    expect(await testEngine().run(spend, [], { limits: { fuel } })).toBe(result);
  });

  test("a program that needs more fails", async () => {
    expect((await testEngine().fail(spend, [], { limits: { fuel: 900 } })).code).toBe("FUEL_EXHAUSTED");
  });

  test.each([
    "while true do pcall(function() while true do end end) end",
    "local function again() return xpcall(again, again) end again() while true do end",
    "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "table.sort({ 1, 2, 3 }, function() while true do end end)",
    "return setmetatable({}, { __index = function() while true do end end }).x",
    "while true do coroutine.spawn(function() while true do end end) end",
    "while true do string.rep('x', 100):find('x-y') end",
  ])("nothing escapes it: %s", async (source) => {
    const error = await testEngine().fail(source, [], { limits: { fuel: 100_000 } });
    expect(error.code).toBe("FUEL_EXHAUSTED");
  });

  test("what was used is told, and is the same each time", async () => {
    const { run } = testEngine();
    const used: number[] = [];
    for (let i = 0; i < 3; i++) await run(spend, [], { onUsage: ({ fuel }) => used.push(fuel) });
    expect(new Set(used).size).toBe(1);
    expect(used[0]).toBeGreaterThanOrEqual(1_000);
    expect(used[0]).toBeLessThan(1_010);
  });

  test("a task that waits between loops is told in full", async () => {
    const { run } = testEngine();
    let used = 0;
    await run("for i = 1, 100 do for j = 1, 1000 do end host.sleep(0) end", [], {
      onUsage: ({ fuel }) => (used = fuel),
    });
    expect(used).toBeGreaterThan(100_000);
    expect(used).toBeLessThan(101_000);
  });
});
