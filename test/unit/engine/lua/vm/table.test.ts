import { describe, expect, test } from "vitest";
import { printed, SlicedThread } from "./support/lua.seam.ts";

/** Programs and what they print; the same as PUC Lua 5.3.6 prints. */
const asInLua53: readonly (readonly [program: string, shown: string])[] = [
  ["local t = {1, 2, 3} table.insert(t, 2, 'x') print(table.concat(t, ' '))", "1 x 2 3"],
  ["local t = {} table.insert(t, 'a') table.insert(t, 1, 'b') print(t[1], t[2], #t)", "b a 2"],
  ["print(pcall(table.insert, {}, 3, 1))", "false bad argument #2 to 'table.insert' (position out of bounds)"],
  ["print(pcall(table.insert, {}, 1, 2, 3))", "false wrong number of arguments to 'insert'"],
  ["local t = {1, 2, 3} print(table.remove(t, 1), table.remove(t), #t, t[1])", "1 3 1 2"],
  ["print(table.remove({}), table.remove({}, 0), #{})", "nil nil 0"],
  ["print(pcall(table.remove, {1}, 5))", "false bad argument #1 to 'table.remove' (position out of bounds)"],
  ["print(table.concat(table.move({1, 2, 3}, 1, 3, 2), ','))", "1,1,2,3"],
  ["print(table.concat(table.move({1, 2, 3}, 2, 3, 1), ','))", "2,3,3"],
  [
    "print(pcall(table.move, {}, 1, math.maxinteger, 2))",
    "false bad argument #4 to 'table.move' (destination wrap around)",
  ],
  [
    "print(pcall(table.move, {}, -1, math.maxinteger, 2))",
    "false bad argument #3 to 'table.move' (too many elements to move)",
  ],
  ["print(table.unpack({1, 2, 3}, 2), table.unpack({}, math.maxinteger, math.maxinteger))", "2 nil"],
  ["print(pcall(table.unpack, {}, 1, 1e8))", "false too many results to unpack"],
  ["local t = {3, 1, 2.5, -7} table.sort(t) print(table.concat(t, ' '))", "-7 1 2.5 3"],
  ["local t = {'b', 'a', 'B'} table.sort(t, function(a, b) return a > b end) print(table.concat(t))", "baB"],
  ["print(pcall(table.sort, {{}, {}}))", "false attempt to compare two table values"],
  ["print(pcall(table.concat, {1, {}, 3}))", "false invalid value (table) at index 2 in table for 'concat'"],
  [
    "local p = setmetatable({}, {__index = function(_, k) return k * 10 end, __len = function() return 3 end}) print(table.concat(p, ' '), table.unpack(p))",
    "10 20 30 10 20 30",
  ],
];

test.each(asInLua53)("%s", (program, shown) => {
  expect(printed(program).join("\n")).toBe(shown);
});

test("a comparison that makes no sense ends all the same", () => {
  expect(
    printed("local t = {} for i = 1, 100 do t[i] = i end table.sort(t, function() return true end) print(#t)"),
  ).toEqual(["100"]);
});

describe("long work of one library call", () => {
  const calls = [
    "local t = {} for i = 1, 50000 do t[i] = i % 7 end table.sort(t)",
    "local t = {} for i = 1, 50000 do t[i] = i end table.concat(t, ', ')",
    "table.move({}, 1, 300000, 2)",
    "table.insert(setmetatable({}, { __len = function() return 200000 end }), 1, 1)",
    "('a'):rep(30):find(('a?'):rep(30) .. ('a'):rep(31))",
    "('x'):rep(3000):match('.-.-.-.-b')",
    "('x'):rep(300000):find('x-b')",
    "('x'):rep(300000):gsub('.', 'y')",
    "('('):rep(100000):find('%b()')",
    "local s = ('x'):rep(1e6) for i = 1, 50 do local _ = s .. i == s .. i + 1 end",
    "('x'):rep(1e6):upper():lower():reverse()",
    "string.format('%q', ('x'):rep(1e5))",
    "string.pack('c100000', 'x')",
    "select('#', table.unpack({}, 1, 100000))",
  ];

  test.each(calls)("costs fuel: %s", (source) => {
    const thread = new SlicedThread(source, 1_000, () => ({ raise: "enough" }));
    expect(thread.resume()).toBe("enough");
  });

  test.each(calls.slice(0, 8))("stops between steps: %s", (source) => {
    const thread = new SlicedThread(source, 1_000, () => "yield");
    expect(thread.resume()).toBe("yielded");
    expect(thread.turns).toBeLessThan(4);
  });

  test.each([
    ["string.rep('x', 1 << 40)", "resulting string too large"],
    ["string.pack('c2147483647', 'x')", "resulting string too large"],
    ["string.format('%99999999d', 1)", "invalid format (width or precision too long)"],
    ["table.unpack({}, 1, 1 << 40)", "too many results to unpack"],
    ["string.char(table.unpack({}, 1, 1e7))", "too many results to unpack"],
  ])("is refused where no one could bear it: %s", (source, message) => {
    expect(printed(`print(select(2, pcall(function() return ${source} end)))`)[0]).toContain(message);
  });
});
