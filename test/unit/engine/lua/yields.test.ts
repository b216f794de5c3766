import { describe, expect, test } from "vitest";
import { program, testEngine } from "./support/run.ts";

/** Metamethods and what calls them, on an object `o` whose every metamethod waits. */
const operators = [
  ["__index", "o.x"],
  ["__newindex", "(function() o.x = 1 return seen end)()"],
  ["__call", "o()"],
  ["__add", "o + 1"],
  ["__sub", "1 - o"],
  ["__mul", "o * o"],
  ["__div", "o / 1"],
  ["__mod", "o % 1"],
  ["__pow", "o ^ 1"],
  ["__idiv", "o // 1"],
  ["__band", "o & 1"],
  ["__bor", "o | 1"],
  ["__bxor", "o ~ 1"],
  ["__shl", "o << 1"],
  ["__shr", "o >> 1"],
  ["__unm", "-o"],
  ["__bnot", "~o"],
  ["__len", "#o"],
  ["__concat", "'a' .. 'b' .. o .. 'c'"],
] as const;

const comparisons = [
  ["__eq", "o == other"],
  ["__lt", "o < other"],
  ["__le", "o <= other"],
] as const;

const object = (event: string, value: string): string =>
  `local seen local meta = {} meta.${event} = function() seen = host.later(${value}) return seen end
   local o, other = setmetatable({}, meta), setmetatable({}, meta)`;

describe("a wait passes through", () => {
  test.each(operators)("the metamethod %s", async (event, expression) => {
    const source = `${object(event, "'waited'")} local v = ${expression} return v`;
    expect(await testEngine().run(source)).toBe(event === "__concat" ? "abwaited" : "waited");
  });

  test.each(comparisons)("the metamethod %s, whichever way it decides", async (event, expression) => {
    for (const decision of [true, false]) {
      const source = `${object(event, String(decision))} if ${expression} then return 'yes' else return 'no' end`;
      expect(await testEngine().run(source)).toBe(decision ? "yes" : "no");
    }
  });

  test.each([
    ["a tail call", "return host.later(7)"],
    [
      "extra arguments, which stay",
      "return (function(...) host.later(1) return select('#', ...) + (...) end)(4, 5, 6)",
    ],
    ["a method", "local o = { f = function(self, x) return host.later(x) + self.y end, y = 3 } return o:f(4)"],
    [
      "captured variables of each turn of a loop",
      "local s = 0 for i = 1, 3 do local f = function() return i end host.later(1) s = s + f() end return s + 1",
    ],
    ["goto", "local n = 0; ::again:: n = n + host.later(1) if n < 7 then goto again end return n"],
    ["xpcall", "return select(2, xpcall(function(x) return host.later(x) end, print, 7))"],
    [
      "an error behind it in xpcall",
      "return select(2, xpcall(function() host.later(1) error('e', 0) end, function(e) return e == 'e' and 7 end))",
    ],
    [
      "pcall in pcall, errors before and after",
      "local a = pcall(function() error('x') end) local b, c = pcall(pcall, function() host.later(1) error('y') end) return (not a and b and not c) and 7",
    ],
    ["a host function under pcall itself", "return select(2, pcall(host.later, 7))"],
    [
      "an index chain of two objects",
      "local a = setmetatable({}, { __index = function(_, k) return host.later(k) end }) return setmetatable({}, { __index = a })[7]",
    ],
    [
      "an iterator with a state and pcall around it",
      "local s = 0 local ok = pcall(function() for i, v in function(t, i) i = host.later(i + 1) if t[i] then return i, t[i] end end, { 3, 4 }, 0 do s = s + v end end) return ok and s",
    ],
    [
      "five coroutines, each with pcall",
      "local function deep(n) if n == 0 then return host.later(7) end return select(2, pcall(coroutine.wrap(function() return deep(n - 1) end))) end return deep(5)",
    ],
    [
      "coroutines that yield to each other in between",
      "local inner = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(host.later(i)) end end) local outer = coroutine.wrap(function() while true do coroutine.yield(inner() + host.later(1)) end end) return outer() + outer() + outer() - 2",
    ],
  ])("%s", async (_, source) => {
    expect(await testEngine().run(source)).toBe(7);
  });

  test("require, from inside a coroutine under pcall", async () => {
    const library = program("host.later(1) return { seven = host.later(7) }", { name: "app:lib" });
    const main = program(
      "return function() local ok, lib = pcall(coroutine.wrap(function() return require('lib') end)) return ok and lib.seven end",
      { imports: { lib: "app:lib" } },
    );
    expect(await testEngine([library]).run(main)).toBe(7);
  });
});

describe("where nothing can wait", () => {
  const places = [
    ["__tostring", "return tostring(setmetatable({}, { __tostring = function() return F('x') end }))"],
    [
      "__pairs",
      "for k in pairs(setmetatable({}, { __pairs = function() F('x') return next, {} end })) do end return 'x'",
    ],
    ["the handler of xpcall", "return select(2, xpcall(error, function() return F('x') end))"],
  ] as const;

  test.each(places)("%s takes callees that answer at once", async (_, source) => {
    expect(await testEngine().run(source.replace("F", "host.now"))).toBe("x");
  });

  test.each(places.slice(0, 2))("%s refuses others, in words", async (_, source) => {
    const { message } = await testEngine().fail(source.replace("F", "host.later"));
    expect(message).toContain("host.later cannot wait here: it is called from inside __tostring, or another library");
  });

  test("the handler of xpcall that waits is an error of the handler", async () => {
    const source = "local ok, e = xpcall(error, function() return host.later('x') end) return { ok, tostring(e) }";
    expect(await testEngine().run(source)).toEqual([false, "error in error handling"]);
  });
});
