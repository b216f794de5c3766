import { describe, expect, test } from "vitest";
import { printed, SlicedThread } from "./support/lua.seam.ts";

/** Programs and what they print; the same as PUC Lua 5.3.6 prints. */
const asInLua53: readonly (readonly [name: string, program: string, shown: readonly string[]])[] = [
  [
    "pcall returns results and errors of every type",
    `print(pcall(function(...) return ... end, 1, nil, 3)) print(pcall(error)) print(pcall(error, nil)) print(pcall(error, "m", 0))
    print(select(2, pcall(error, { code = 5 })).code) print(pcall(pcall)) print(pcall(pcall, error, "x")) print(pcall(function() error("m", 2) end))`,
    [
      "true 1 nil 3",
      "false nil",
      "false nil",
      "false m",
      "5",
      "false bad argument #1 to 'pcall' (value expected)",
      "true false x",
      "false m",
    ],
  ],
  [
    "xpcall's handler sees the error, and errors in it are told",
    `print(xpcall(function() error("m", 0) end, function(e) return "<" .. e .. ">" end)) print(xpcall(function(a) return a end, print, 4))
    print((xpcall(error, function() error("again") end)))`,
    ["false <m>", "true 4", "false"],
  ],
  [
    "pcall nests without end, and recursion without end is an error",
    `local function nest(n) if n == 0 then return "deep" end local ok, r = pcall(nest, n - 1) return r end
    print(coroutine.wrap(function() return nest(180) end)())
    local function endless() return 1 + endless() end local ok, e = pcall(endless) print(ok, e:match("stack overflow"))`,
    ["deep", "false stack overflow"],
  ],
  [
    "yields pass pcall, xpcall, metamethods and iterators",
    `local y = coroutine.yield
    local m = setmetatable({}, { __add = function(a, b) return y("add") end, __index = function(_, k) return y(k) end, __lt = function() return y("lt") end,
      __le = function() return y("le") end, __eq = function() return y("eq") end, __concat = function() return y("concat") end, __len = function() return y("len") end,
      __newindex = function(_, k, v) y("set" .. k) end, __call = function(_, x) return y("call" .. x) end })
    local n = setmetatable({}, getmetatable(m))
    local co = coroutine.wrap(function()
      local r = { pcall(y, "pcall") } r[#r + 1] = select(2, pcall(function() local x = y("inner") error(x, 0) end))
      r[#r + 1] = select(2, xpcall(y, print, "xpcall")) r[#r + 1] = m + 1 r[#r + 1] = m.key r[#r + 1] = tostring(m < n) r[#r + 1] = tostring(m <= n) r[#r + 1] = tostring(m == n)
      r[#r + 1] = m .. "x" .. "y" r[#r + 1] = #m m.k = 1 r[#r + 1] = m(5)
      for v in function() return y("iterator") end do r[#r + 1] = v if v == "13" then break end end
      if m < n then r[#r + 1] = "then" end
      r[1] = tostring(r[1]) return table.concat(r, " ") end)
    local out, i = co(), 0 while out do if #out > 20 then print(out) break end print(out) i = i + 1 out = co(tostring(i)) end`,
    [
      "pcall",
      "inner",
      "xpcall",
      "add",
      "key",
      "lt",
      "le",
      "eq",
      "concat",
      "len",
      "setk",
      "call5",
      "iterator",
      "lt",
      "true 1 2 3 4 5 true true true 9 10 12 13 then",
    ],
  ],
  [
    "coroutines tell their status and refuse what they cannot do",
    `local co co = coroutine.create(function(a) print(a, coroutine.status(co), coroutine.isyieldable()) local b = coroutine.yield(a + 1) print(b) error("end", 0) end)
    print(coroutine.status(co), coroutine.resume(co, 1)) print(coroutine.status(co), coroutine.resume(co, "b")) print(coroutine.status(co), coroutine.resume(co))
    print(pcall(coroutine.wrap(function() error({ 1 }) end))) print(select("#", coroutine.resume(coroutine.create(function() return 1, nil, nil end))))
    print(pcall(coroutine.yield)) print(coroutine.resume(coroutine.create(function() tostring(setmetatable({}, { __tostring = coroutine.yield })) end)))`.replace(
      "print(pcall(coroutine.wrap(function() error({ 1 }) end)))",
      "print(type(select(2, pcall(coroutine.wrap(function() error({ 1 }) end)))))",
    ),
    [
      "1 running true",
      "suspended true 2",
      "b",
      "suspended false end",
      "dead false cannot resume dead coroutine",
      "table",
      "4",
      "false attempt to yield from outside a coroutine",
      "false attempt to yield across a C-call boundary",
    ],
  ],
  [
    "a hook keeps counting after errors that were caught in a coroutine",
    `local co = coroutine.create(function() for i = 1, 3 do pcall(error) end while true do end end)
    debug.sethook(co, function() error("out of budget", 0) end, "", 1000) print(coroutine.resume(co))
    local co2 = coroutine.create(function() xpcall(error, function() end) while true do end end)
    debug.sethook(co2, function() error("out of budget", 0) end, "", 1000) print(coroutine.resume(co2))`,
    ["false out of budget", "false out of budget"],
  ],
  [
    "hooks see calls, lines and returns",
    `local seen = {} local function f() return 1 end
    debug.sethook(function(e, l) seen[#seen + 1] = e .. (l or "") end, "crl")
    f()
    debug.sethook() print(table.concat(seen, " "))`,
    ["return line3 call line1 return line4 call"],
  ],
  [
    "debug information names functions and lines",
    `local function named() return debug.getinfo(1, "nSl") end local i = named() print(i.name, i.currentline, i.short_src, i.linedefined)
    print((debug.traceback("m"):gsub("\\n.*", ""))) local function up() error("here", 2) end local function caller()
    up() end print(pcall(caller))`,
    ["named 1 test 1", "m", "false test:3: here"],
  ],
];

test.each(asInLua53)("%s", (_, program, shown) => {
  expect(printed(program).map((line) => line.replace("JS-call", "C-call"))).toEqual(shown);
});

test("pcall nests more than a thousand deep, by tail calls too, and errors climb through all of it", () => {
  const program = `local function deep(n) if n == 0 then error("bottom", 0) end local ok, e = pcall(deep, n - 1) error(e, 0) end
    local function tail(n) if n == 0 then return coroutine.yield("up") end return pcall(tail, n - 1) end
    print(coroutine.wrap(function() return pcall(deep, 1500) end)())
    local co = coroutine.wrap(function() return tail(1500) end) print(co(), select("#", co("down")))`;
  expect(printed(program)).toEqual(["false bottom", "up 1501"]);
});

test("bytecode is neither made nor loaded", () => {
  expect(printed(`print(pcall(string.dump, function() end))`)).toEqual(["false unable to dump given function"]);
  const [refusal] = printed(String.raw`print(load("\x1bLua"))`);
  expect(refusal).toMatch(/attempt to load a binary chunk/);
  expect(printed(String.raw`print(load("\x1bLua", "x", "b"))`)[0]).toMatch(/^nil .*attempt to load a .* chunk/);
});

describe("a program that spins", () => {
  const loops = [
    ["while", "while true do end"],
    ["repeat", "repeat until false"],
    ["goto", "::again:: goto again"],
    ["a loop over integers", "for i = 1, math.huge do end"],
    ["a loop over floats", "for i = 1.0, math.huge do end"],
    ["a loop over large integers", "for i = math.maxinteger, math.mininteger, -1 do end"],
    ["an iterator", "for _ in function() return 1 end do end"],
    ["tail calls", "local function f() return f() end f()"],
    ["tail calls with varargs", "local function f(...) return f(...) end f(1, 2, 3)"],
    [
      "calls with varargs",
      "local function r(...) return ... end local function f(n) if n > 0 then return (f(n - 1, r(r(1, 2)))) end end while true do f(100) end",
    ],
    ["a loop inside pcall", "while true do pcall(function() while true do end end) end"],
  ] as const;

  test.each(loops)("is stopped and goes on where it was: %s", (_, source) => {
    const thread = new SlicedThread(source, 100, () => "yield");
    for (let i = 0; i < 20; i++) expect(thread.resume()).toBe("yielded");
    expect(thread.turns).toBe(20);
  });

  test.each(loops)("ends by an error that no pcall holds: %s", (_, source) => {
    const thread = new SlicedThread(`while true do pcall(function() ${source} end) end`, 100, (turn) =>
      turn > 3 ? { raise: "killed" } : "continue",
    );
    expect(thread.resume()).toMatch(/killed/);
  });

  test("stops inside a callback of sort and gsub, and where a metamethod runs", () => {
    const spin = "for i = 1, 1000 do end";
    const source = `local t = { 3, 1, 2 } table.sort(t, function(a, b) ${spin} return a < b end)
      local s = ("abc"):gsub(".", function(c) ${spin} return c .. t[1] end)
      return s .. setmetatable({}, { __index = function() ${spin} return "!" end }).x`;
    const thread = new SlicedThread(source, 100, () => "yield");
    let answer = thread.resume();
    while (answer === "yielded") answer = thread.resume();
    expect(answer).toBe("a1b1c1!");
    expect(thread.turns).toBeGreaterThan(50);
  });

  test("inside __tostring is asked, but goes on until it may stop", () => {
    const source = `tostring(setmetatable({}, { __tostring = function() for i = 1, 5000 do end return "" end })) while true do end`;
    const thread = new SlicedThread(source, 100, () => "yield");
    expect(thread.resume()).toBe("yielded");
    expect(thread.turns).toBeGreaterThan(10);
  });

  test("calculates the same as in one go", () => {
    const source = `local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
      local function sum(...) local s = 0 for _, v in ipairs({ ... }) do s = s + v end return s end
      local s = "" for i = 1, 12 do s = s .. fib(i) .. "," .. sum(i, sum(i, i), select(2, pcall(sum, i, 1))) .. ";" end return s`;
    const whole = new SlicedThread(source, 1_000_000, () => "continue").resume();
    const sliced = new SlicedThread(source, 1, () => "yield");
    let answer = sliced.resume();
    while (answer === "yielded") answer = sliced.resume();
    expect(answer).toBe(whole);
    expect(sliced.turns).toBeGreaterThan(500);
  });
});
