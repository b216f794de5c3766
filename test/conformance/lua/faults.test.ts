import { describe, expect, test } from "vitest";
import { monotonicMs } from "../../../src/core/clock.ts";
import { results } from "../../../src/engine/lua/call.ts";
import type { LuaModule } from "../../../src/engine/lua/module.ts";
import { testEngine, type TestHost } from "../../unit/engine/lua/support/run.ts";
import { run as runBare } from "./interpreters.seam.ts";

/** What the bare patched interpreter prints of expressions. */
function printed(expressions: string): string {
  return runBare("patched", [{ name: "=fault", source: `print(${expressions})` }]).join("\n");
}

/** What a program's function returns, in the engine. */
const returned = (source: string) => testEngine().run(source);

describe("faults of stock fengari 0.1.5 that the patched interpreter has not", () => {
  test("different strings were the same key, and the same constant", () => {
    expect(printed(String.raw`"\x01\x23" == "\x12\x03", ({["\x01\x23"] = 1})["\x12\x03"]`)).toBe("false\tnil");
  });

  test("control characters came after letters", () => {
    expect(printed(String.raw`"\n" < "a", "\1" < "\31", "\15" < "\16"`)).toBe("true\ttrue\ttrue");
  });

  test("a caught error in a coroutine switched off every budget", async () => {
    const { fail } = testEngine();
    const source = "return coroutine.wrap(function() pcall(error) while true do end end)()";
    const error = await fail(source, [], { deadline: monotonicMs() + 50 });
    expect(error.code).toBe("CALL_TIMEOUT");
  });

  test("a loop around pcall swallowed the error of the budget", async () => {
    const { fail } = testEngine();
    const source = "while true do pcall(function() while true do end end) end";
    const error = await fail(source, [], { deadline: monotonicMs() + 50 });
    expect(error.code).toBe("CALL_TIMEOUT");
  });

  test("integers wrapped at 32 bits", () => {
    expect(printed("5 * 1000 * 1000 * 1000, 0xffffffff, 1 << 40, math.maxinteger")).toBe(
      "5000000000\t4294967295\t1099511627776\t9223372036854775807",
    );
    expect(printed("tonumber('ffffffff', 16), ~'5', math.type(math.random(1, 3000000000))")).toBe(
      "4294967295\t-6\tinteger",
    );
  });

  test("numbers read as JavaScript writes them", () => {
    expect(printed("1/0, -1/0, 0/0, 1e15, 2^53, 1e100")).toBe(
      "inf\t-inf\tnan\t1000000000000000\t9007199254740992\t1e+100",
    );
  });

  test("formats followed JavaScript", () => {
    expect(printed("('%g %g'):format(1e20, 0.1), ('%e'):format(12345.678), ('%.14g'):format(2^53)")).toBe(
      "1e+20 0.1\t1.234568e+04\t9.007199254741e+15",
    );
    expect(printed("('%.0f'):format(1e21), ('%f'):format(1e22)")).toBe(
      "1000000000000000000000\t10000000000000000000000.000000",
    );
  });

  test("time ended in 2038, and dates in UTC began with an exclamation mark", () => {
    expect(returned("return os.time({year = 2040, month = 1, day = 2}) > 2^31")).toBe(true);
    expect(returned("return os.date('!%Y-%m-%d', 86400 * 365)")).toBe("1971-01-01");
  });

  test("collectgarbage was there, and raised", () => {
    expect(returned("return type(collectgarbage)")).toBe("nil");
  });

  test("a loop to the largest integer never ended", () => {
    const source = "local n = 0 for i = math.maxinteger - 2, math.maxinteger do n = n + 1 end print(n)";
    expect(runBare("patched", [{ name: "=fault", source }])).toEqual(["3"]);
  });

  test("what JavaScript threw left pcall without a message", () => {
    expect(returned("local ok, e = pcall(host.bug) return not ok and tostring(e)")).toContain("a bug of the host");
  });

  test("a host function had room for 20 values", () => {
    const many: LuaModule<TestHost> = {
      name: "many",
      always: true,
      table: { values: () => results(...Array.from({ length: 500 }, (_, i) => i + 1)) },
    };
    expect(testEngine([], [many]).run("return select('#', many.values()) + select(500, many.values())")).toBe(1_000);
  });

  test("bytecode was made and loaded, which can be forged", () => {
    expect(printed("pcall(string.dump, print)")).toMatch(/^false/);
    expect(printed(String.raw`load("\27LuaS", "=b", "b")`)).toMatch(/^nil\t/);
    expect(returned("return type(load) .. type(string.dump)")).toBe("nilnil");
  });

  test("one script could poison the methods of every string", () => {
    expect(returned("return (pcall(function() getmetatable('').__index = print end))")).toBe(false);
    expect(returned("return (pcall(function() string.len = print end))")).toBe(false);
    expect(returned("return (pcall(rawset, string, 'len', print))")).toBe(false);
  });

  test("string.rep reached for gigabytes", () => {
    expect(printed("pcall(string.rep, 'x', 3 << 30)")).toMatch(/^false/);
    expect(printed("pcall(function() local s = 'x' for _ = 1, 40 do s = s .. s end end)")).toMatch(/^false/);
  });

  test("a pattern could take minutes that nothing interrupted", async () => {
    const { fail } = testEngine();
    const source = "return (('a'):rep(40)):find(('a?'):rep(40) .. ('a'):rep(40))";
    expect((await fail(source, [], { deadline: monotonicMs() + 50 })).code).toBe("CALL_TIMEOUT");
  });

  test("ten thousand open brackets ended in an error of JavaScript", () => {
    expect(runBare("patched", [{ name: "=fault", source: `print(load(("("):rep(10000)))` }])[0]).toMatch(/^nil\t/);
  });

  test("recursion without end took a second and 100 MB", () => {
    const source = "local function f() return 1 + f() end print(select(2, pcall(f)):match('stack overflow'))";
    expect(runBare("patched", [{ name: "=fault", source }])).toEqual(["stack overflow"]);
  });
});
