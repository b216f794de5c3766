import { describe, expect, test } from "vitest";
import { program, testEngine } from "./support/run.ts";

describe("globals", () => {
  test.each(
    "load loadstring dofile loadfile collectgarbage debug io utf8 rawlen package.loadlib string.dump os.execute os.exit os.getenv os.remove".split(
      " ",
    ),
  )("%s is not there", (name) => {
    const [library, field] = name.split(".");
    const source = field === undefined ? `return ${name} == nil` : `return ${library} == nil or ${name} == nil`;
    expect(testEngine().run(source)).toBe(true);
  });

  test("those of Lua 5.1 are there", () => {
    const source =
      "return { unpack({1, 2}) == 1, math.pow(2, 10), math.log10(1000), math.ldexp(0.5, 3), (math.frexp(8)), table.unpack({7}) }";
    expect(testEngine().run(source)).toEqual([true, 1024, expect.closeTo(3), 4, 0.5, 7]);
  });

  test("os tells the time and nothing else", () => {
    const { run } = testEngine();
    expect(run("return os.time({year = 2040, month = 1, day = 1, hour = 0}) > 2200000000")).toBe(true);
    expect(run("return os.date('!%Y-%m-%d %H:%M:%S', 0)")).toBe("1970-01-01 00:00:00");
    expect(run("return os.date('!*t', 86400).day")).toBe(2);
    expect(run("return os.platform")).toBe("wippy");
    expect(run("return os.difftime(5, 3) + (os.clock() >= 0 and 1 or 0)")).toBe(3);
  });

  test("metatables of strings and globals are closed", async () => {
    const { run, fail } = testEngine();
    expect(run("return getmetatable('') == false and getmetatable(_G) == false")).toBe(true);
    expect((await fail("setmetatable(_G, {})")).message).toMatch(/protected metatable/);
  });

  test("shared tables refuse changes, so no task can reach another", async () => {
    const { run, fail } = testEngine();
    expect((await fail("string.upper = nil")).message).toMatch(/read-only/);
    expect((await fail("rawset(string, 'x', 1)")).message).toMatch(/read-only/);
    expect((await fail("errors.new = nil")).message).toMatch(/read-only/);
    expect((await fail("table.insert(math, 1)")).message).toMatch(/read-only/);
    expect((await fail("setmetatable(coroutine, {})")).message).toMatch(/protected metatable/);
    expect(run("string = { upper = 5 } rawset(_G, 'x', 1) return { string.upper, x, ('a'):upper() }")).toEqual([
      5,
      1,
      "A",
    ]);
    expect(run("local n = 0 for k in pairs(math) do n = n + 1 end return n > 20")).toBe(true);
  });

  test("print reaches the host", () => {
    const { run, log } = testEngine();
    expect(run("print('a', 1, nil, errors.new('e'))")).toBeNull();
    expect(log).toEqual(["a\t1\tnil\te"]);
  });

  test("string functions take error objects", () => {
    const { run } = testEngine();
    expect(run("local e = errors.new('key not found') return string.find(e, 'not found') and string.upper(e)")).toBe(
      "KEY NOT FOUND",
    );
    expect(run("return 'oops: ' .. errors.new('x') .. '!'")).toBe("oops: x!");
  });
});

describe("require", () => {
  const util = program(
    "local M = {} loads = (loads or 0) + 1 function M.loads() return loads end M.twice = function(x) return 2 * x end return M",
    {
      name: "lib:util",
    },
  );

  test("knows what every program has", () => {
    expect(testEngine().run("return require('coroutine') == coroutine and require('errors') == errors")).toBe(true);
  });

  test("gives a declared module", () => {
    expect(testEngine().run("return require('host').now(3) + host.now(4)")).toBe(7);
  });

  test("gives an import, loaded once a task and kept from its globals", () => {
    const main = program(
      "local u = require('u') return function(x) return { u.twice(x), require('u').loads(), loads == nil, u == require('u') } end",
      { imports: { u: "lib:util" } },
    );
    const { run } = testEngine([util]);
    expect(run(main, [4])).toEqual([8, 1, true, true]);
    expect(run(main, [4])).toEqual([8, 1, true, true]);
  });

  test("binds an import's alias as a global", () => {
    expect(
      testEngine([util]).run(program("return function(x) return u.twice(x) end", { imports: { u: "lib:util" } }), [5]),
    ).toBe(10);
  });

  test("lets a library wait while it loads", async () => {
    const slow = program("local v = host.later(9) return { v = v }", { name: "lib:slow" });
    expect(
      await testEngine([slow]).run(
        program("return function() return require('s').v end", { imports: { s: "lib:slow" } }),
      ),
    ).toBe(9);
  });

  test("says how to declare what is not", async () => {
    const module = { name: "json", always: false, table: {} };
    const { fail } = testEngine([], [module]);
    expect((await fail("require('json')")).message).toContain(
      'module "json" is not declared: add "- json" under "modules:" of app:main',
    );
    expect((await fail("require('jsno')")).message).toContain('did you mean "json"?');
    expect((await fail("return json.x")).message).toMatch(/attempt to index a nil value/);
  });

  test("finds cycles and missing libraries", async () => {
    const a = program("return require('b')", { name: "lib:a", imports: { b: "lib:b" } });
    const b = program("return require('a')", { name: "lib:b", imports: { a: "lib:a" } });
    const main = program("return function() return require('a') end", { imports: { a: "lib:a", gone: "lib:gone" } });
    expect((await testEngine([a, b]).fail(main)).message).toContain("imports form a cycle");
    expect((await testEngine().fail(program("require('gone')", { imports: { gone: "lib:gone" } }))).code).toBe(
      "ENTRY_NOT_FOUND",
    );
  });
});
