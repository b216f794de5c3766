import { describe, expect, test } from "vitest";
import { openLua } from "../../../../src/engine/lua/state/fengari.seam.ts";
import { program, testEngine } from "./support/run.ts";

/** What a program tries on its way out. It returns what it reached; nothing is what it should reach. */
const ways: readonly (readonly [name: string, source: string])[] = [
  ["load", "return load"],
  ["loadstring", "return loadstring"],
  ["dofile and loadfile", "return dofile or loadfile"],
  ["collectgarbage", "return collectgarbage"],
  ["debug", "return debug or package and package.loaded and package.loaded.debug"],
  ["io", "return io"],
  ["package.loaded", "return package and package.loaded"],
  ["string.dump", "return string.dump or ('').dump"],
  [
    "os.execute and its kin",
    "return os.execute or os.exit or os.getenv or os.remove or os.rename or os.tmpname or os.setlocale",
  ],
  ["the metatable of strings", "return getmetatable('') or nil"],
  ["a new metatable for strings", "return pcall(setmetatable, '', {}) or nil"],
  ["string functions by assignment", "return pcall(function() string.upper = print end) or nil"],
  ["string functions through a method", "return pcall(function() (''):rep(1).upper = print end) or nil"],
  ["rawset on a library", "return pcall(rawset, string, 'upper', print) or nil"],
  ["rawset on a new name", "return pcall(rawset, table, 'mine', {}) or nil"],
  ["table.insert into a library", "return pcall(table.insert, math, 1) or nil"],
  ["table.remove from a library", "return pcall(table.remove, coroutine) or nil"],
  ["table.move into a library", "return pcall(table.move, { 1 }, 1, 1, 1, string) or nil"],
  ["table.sort of a library", "return pcall(table.sort, math) or nil"],
  ["a metatable on a library", "return pcall(setmetatable, math, { __index = function() return 1 end }) or nil"],
  ["the metatable of a library", "return getmetatable(math) or nil"],
  ["removing while walking a library", "return pcall(function() for k in pairs(math) do math[k] = nil end end) or nil"],
  ["clearing through next", "local k = next(os) return pcall(function() os[k] = nil end) or nil"],
  ["the metatable of globals", "return getmetatable(_G) or nil"],
  ["another metatable for globals", "return pcall(setmetatable, _G, {}) or nil"],
  ["the base behind globals", "return rawget(_G, 'string') or rawget(_G, 'print')"],
  ["_ENV's metatable", "return getmetatable(_ENV) or nil"],
  [
    "require of what is not declared",
    "return pcall(require, 'fs') or pcall(require, 'io') or pcall(require, 'debug') or nil",
  ],
  ["require of a file", "return pcall(require, '../../secret') or pcall(require, '/etc/passwd') or nil"],
  [
    "require of JavaScript",
    "return pcall(require, 'node:fs') or pcall(require, 'js') or pcall(require, 'fengari') or nil",
  ],
  [
    "JavaScript's prototypes",
    "return ({}).constructor or ({}).__proto__ or (''):rep(1).constructor or rawget({}, '__proto__')",
  ],
  [
    "prototypes of host objects",
    "local e = select(2, pcall(error, errors.new('x'))) return e.constructor or e.__proto__ or e.prototype",
  ],
  ["the metatable of error objects", "return getmetatable(errors.new('x')) or nil"],
  ["fields of error objects", "return pcall(function() errors.new('x').message = print end) or nil"],
  ["the metatable of channels", "return getmetatable(channel.new()) or nil"],
  ["the metatable of functions", "return getmetatable(print) or pcall(setmetatable, print, {}) or nil"],
  ["the metatable of coroutines", "return getmetatable(coroutine.create(print)) or nil"],
  ["a module's table", "return pcall(function() errors.new = nil end) or pcall(rawset, errors, 'new', 1) or nil"],
  [
    "finalizers",
    "setmetatable({}, { __gc = function() leaked = true end, __close = function() leaked = true end }) return leaked",
  ],
  ["a method of host objects on others", "return pcall(channel.new().send, errors.new('x'), 1) or nil"],
];

describe.runIf(openLua().isPatched)("a way out", () => {
  test.each(ways)("leads nowhere: %s", async (_, source) => {
    expect(await testEngine().run(source)).toBeNull();
  });

  test("the ways are as many as the issue asks for", () => {
    expect(ways.length).toBeGreaterThanOrEqual(30);
  });

  test("a refusal names the reason", async () => {
    const { fail } = testEngine();
    for (const source of ["string.x = 1", "rawset(string, 'x', 1)", "table.insert(math, 1)", "coroutine.wrap = nil"]) {
      expect((await fail(source)).message).toContain("this table is read-only");
    }
    expect((await fail("setmetatable(math, {})")).message).toMatch(/protected metatable|read-only/);
  });
});

/** What one task leaves behind, and where another one looks for it. */
const leaks: readonly (readonly [name: string, leave: string, look: string])[] = [
  ["globals", "smuggled = 'x'", "return smuggled"],
  ["_G", "_G.smuggled = 'x'", "return _G.smuggled"],
  ["_ENV", "_ENV = setmetatable({}, { __index = _ENV }) smuggled = 'x'", "return smuggled"],
  ["shadowed functions", "print = function() return 'x' end tostring = print", "return tostring(1) ~= '1' or nil"],
  ["rawset", "rawset(_G, 'smuggled', 'x')", "return rawget(_G, 'smuggled') or smuggled"],
  ["the random seed's state by type", "math.randomseed(1) math.smuggle = nil", "return math.smuggle"],
  ["coroutines", "smuggler = coroutine.create(function() coroutine.yield('x') end)", "return smuggler"],
  ["errors", "pcall(error, setmetatable({}, { __tostring = function() return 'x' end }))", "return smuggled"],
  ["string interning", "local k = ('smu'):rep(1) .. 'ggled' _G[k] = 1", "return _G['smuggled']"],
];

describe("what a task leaves behind", () => {
  test.each(leaks)("is not found by the next: %s", async (_, leave, look) => {
    const { run } = testEngine();
    await Promise.resolve(run(`pcall(function() ${leave} end)`));
    expect(await run(look)).toBeNull();
  });

  test("is not found by one that runs at the same time", async () => {
    const { run } = testEngine();
    const first = run("shared = 'mine' host.sleep(2) return shared");
    expect(await run("local before = shared shared = 'yours' return before")).toBeNull();
    expect(await first).toBe("mine");
  });

  test("variables of a program's chunk are each task's own", async () => {
    const { run } = testEngine();
    const counter = program("local n = 0 local function bump() n = n + 1 return n end return bump");
    expect([await run(counter), await run(counter), await run(counter)]).toEqual([1, 1, 1]);
  });

  test("a library's state is each task's own", async () => {
    const library = program("local M = { n = 0 } function M.bump() M.n = M.n + 1 return M.n end return M", {
      name: "app:lib",
    });
    const { run } = testEngine([library]);
    const user = program("return function() return require('lib').bump() end", { imports: { lib: "app:lib" } });
    expect([await run(user), await run(user)]).toEqual([1, 1]);
  });

  test("arguments and results are copies", async () => {
    const { run } = testEngine();
    const argument = { list: [1, 2] };
    await Promise.resolve(run("local t = ... t.list[1] = 'changed' t.more = 1", [argument]));
    expect(argument).toEqual({ list: [1, 2] });
  });
});

describe.runIf(openLua().isPatched)("nests that go too deep", () => {
  const deep: readonly (readonly [name: string, source: string])[] = [
    ["recursion", "local function f() return 1 + f() end return f()"],
    [
      "recursion through pcall",
      "local function f() return pcall(f) end local ok = f() local function g() return 1 + g() end return g()",
    ],
    [
      "recursion through metamethods",
      "local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k] end return t.x",
    ],
    ["recursion through gsub", "local function f(s) return (s:gsub('.', f)) end return f('x')"],
    ["recursion through sort", "local function f() table.sort({ 2, 1 }, f) end f() return 1 + nil"],
    [
      "recursion through tostring",
      "local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) return tostring(t)",
    ],
    ["coroutines in coroutines", "local function f() return coroutine.wrap(f)() end return f()"],
    [
      "an error in an error handler",
      "local function h() return h() + 1 end local ok, e = xpcall(error, h) error(e, 0)",
    ],
    [
      "concatenation by metamethods",
      "local t = setmetatable({}, {}) getmetatable(t).__concat = function(a, b) return a .. b end return t .. t",
    ],
    [
      "comparison by metamethods",
      "local m = {} m.__lt = function(a, b) return a < b end return setmetatable({}, m) < setmetatable({}, m)",
    ],
  ];

  test.each(deep)("end as errors of Lua: %s", async (_, source) => {
    const { fail, run } = testEngine();
    const error = await fail(source, [], { limits: { fuel: 5_000_000 } });
    expect(["STACK_OVERFLOW", "GUEST_ERROR"]).toContain(error.code);
    expect(error.message).not.toMatch(/RangeError|Maximum call stack/);
    expect(await run("return 'still here'")).toBe("still here");
  });

  test.each(deep)("can be caught, and the program goes on: %s", async (_, source) => {
    const caught = `local ok = pcall(function() ${source} end) return ok`;
    expect(await testEngine().run(caught, [], { limits: { fuel: 5_000_000 } })).toBe(false);
  });

  test("an overflow that nobody catches has its code and its place", async () => {
    const error = await testEngine().fail("local function f() return 1 + f() end return f()");
    expect(error.code).toBe("STACK_OVERFLOW");
    expect(error.message).toMatch(/app:main:1: stack overflow/);
  });

  test("the depth can be limited", async () => {
    const depth = "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(3000)";
    expect(await testEngine().run(depth)).toBe(3_000);
    expect((await testEngine().fail(depth, [], { limits: { stackBytes: 128 * 1024 } })).code).toBe("STACK_OVERFLOW");
  });

  test("a source with too many brackets does not parse", () => {
    const nested = program(`return function() return ${"(".repeat(100_000)}1${")".repeat(100_000)} end`);
    expect(() => testEngine().run(nested)).toThrow(/does not parse/);
  });

  test("the number of coroutines is limited", async () => {
    const source = "local t = {} for i = 1, 1e6 do t[i] = coroutine.create(print) end";
    const error = await testEngine().fail(source, [], { limits: { memoryBytes: 1024 * 1024 * 1024 } });
    expect(error.message).toContain("too many coroutines");
    expect(await testEngine().run("for i = 1, 120000 do coroutine.create(print) end return 1")).toBe(1);
  });
});
