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
});
