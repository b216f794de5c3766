import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { checkLua } from "../../../../src/engine/lua/check.ts";
import { program, testEngine, type TestEngine } from "./support/run.ts";
import { stockPrinted } from "./vm/support/lua.seam.ts";

const sum = "5 * 1000 * 1000 * 1000";

const stockEngine = (): TestEngine & Disposable => held(testEngine([], [], "stock"));
const held = (made: TestEngine): TestEngine & Disposable => ({
  ...made,
  [Symbol.dispose]: () => made.engine[Symbol.dispose](),
});

describe("the untouched fengari behind the same seam", () => {
  test("runs programs, with its own integers of 32 bits", () => {
    using stock = stockEngine();
    expect(stock.run(`return ${sum}`)).toBe(705_032_704);
  });

  test("waits, raises, spawns and closes over what it waited for", async () => {
    using stock = stockEngine();
    expect(await stock.run("local a = host.later(20) return a + 1")).toBe(21);
    expect(await stock.run("return (select(2, pcall(function() host.later(1) error('e', 0) end)))")).toBe("e");
    expect(await stock.run("local co = coroutine.wrap(function() return host.later(7) end) return co()")).toBe(7);
    expect(await stock.run("return (tostring(errors.new('why')))")).toBe("why");
    expect(await stock.run("local t = {list = {1, 2, 'x'}, [true] = 1} return t.list")).toEqual([1, 2, "x"]);
  });

  test("takes turns with the patched one in a thread, never at the same time", () => {
    const stock = stockEngine();
    expect(() => testEngine()).toThrow("This thread runs the stock Lua interpreter, so it cannot run the patched one");
    stock[Symbol.dispose]();
    using patched = held(testEngine());
    expect(patched.run(`return ${sum}`)).toBe(5_000_000_000);
    expect(stockEngine).toThrow("This thread runs the patched Lua interpreter");
  });

  test("is the package itself, which the patched copy has left as it was", () => {
    using _ = stockEngine();
    expect(stockPrinted(createRequire(import.meta.url)("fengari"), sum)).toBe("705032704");
  });

  test("finds the mistakes in sources that the patched one finds", () => {
    const wrong = program("return 1 +");
    const found = checkLua(wrong);
    expect(found).toMatchObject([{ sort: "syntax", line: 1 }]);
    using _ = stockEngine();
    expect(checkLua(wrong)).toEqual(found);
  });
});
