import { describe, expect, test } from "vitest";
import { Cancellation, canceled } from "../../../../src/core/cancellation.ts";
import { monotonicMs } from "../../../../src/core/clock.ts";
import { openLua } from "../../../../src/engine/lua/state/fengari.seam.ts";
import { testEngine } from "./support/run.ts";

const lua = openLua();

describe.runIf(lua.isPatched)("a program that spins", () => {
  const loops = [
    ["a loop", "while true do end"],
    ["a loop that protects itself", "while true do pcall(function() while true do end end) end"],
    ["a loop in a coroutine", "coroutine.wrap(function() while true do end end)()"],
    [
      "a loop in a caught coroutine",
      "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    ],
    ["a loop in a callback of a library function", "table.sort({ 1, 2, 3 }, function() while true do end end)"],
    ["recursion without end", "local function f() return f() end f()"],
  ] as const;

  test.each(loops)("ends at its deadline: %s", async (_, source) => {
    expect((await testEngine().fail(source, [], { deadline: monotonicMs() + 60 })).code).toBe("CALL_TIMEOUT");
  });

  test("lets its neighbours run, and can be cancelled", async () => {
    const { run } = testEngine();
    const cancellation = new Cancellation();
    const spinning = Promise.resolve(run("while true do end", [], { cancellation }));
    expect(await run("for i = 1, 3 do host.sleep(1) end return 'neighbour'")).toBe("neighbour");
    cancellation.cancel(canceled("enough"));
    await expect(spinning).rejects.toMatchObject({ message: "enough" });
  });

  test("goes on where it was when it gets its next turn", async () => {
    const { run } = testEngine();
    const count = "local x = 0 for i = 1, 3000000 do x = x + 1 end return x";
    expect(await run(count)).toBe(3_000_000);
    expect(await run(`return coroutine.wrap(function() ${count} end)()`)).toBe(3_000_000);
    expect(await run(`local co = coroutine.wrap(function() coroutine.yield(1) ${count} end) co() return co()`)).toBe(
      3_000_000,
    );
  });

  test.each([
    ["loops", "while true do end"],
    ["makes tables", "local t while true do t = { t and 1 } end"],
    ["grows a table", "local t = {} while true do if #t > 1000000 then t = {} end t[#t + 1] = { 1 } end"],
    ["makes strings", "while true do local s = ('x'):rep(10000):upper() .. 'y' end"],
    ["makes very long strings", "while true do local s = ('x'):rep(50000000) end"],
    ["matches a pattern that backtracks", "return (('a'):rep(40)):find(('a?'):rep(40) .. ('a'):rep(40) .. 'b')"],
    [
      "sorts",
      "local t = {} for i = 1, 20000 do t[i] = i * 7919 % 20011 end while true do table.sort(t, function(a, b) return a > b end) table.sort(t) end",
    ],
    [
      "joins and formats",
      "local t = {} for i = 1, 5000 do t[i] = i end while true do local s = ('%s'):format(table.concat(t, ',')) end",
    ],
    ["replaces", "local s = ('abc'):rep(5000) while true do local r = s:gsub('%w', '%0%0') end"],
    ["resumes coroutines", "while true do coroutine.wrap(function() coroutine.yield() end)() end"],
    ["catches errors", "while true do pcall(error, {}) end"],
  ])("gives way to its neighbours when it %s", async (_, source) => {
    const { run } = testEngine();
    const cancellation = new Cancellation();
    const spinning = Promise.resolve(run(source, [], { cancellation })).catch((error: unknown) => error);
    // Each sleep ends only if the event loop comes round, which a script that keeps its turn does not let it.
    expect(await run("for i = 1, 3 do host.sleep(0) end return 'neighbour'")).toBe("neighbour");
    cancellation.cancel(canceled("enough"));
    expect(await spinning).toMatchObject({ message: "enough" });
  });
});
