import { expect, test } from "vitest";
import { printed } from "./support/lua.seam.ts";

/** Programs and what they print; the same as PUC Lua 5.3.6 prints. */
const asInLua53: readonly (readonly [name: string, program: string, shown: readonly string[]])[] = [
  [
    "keys whose bytes look alike in hexadecimal stay apart",
    String.raw`local t = {} t["\x01\x23"] = "A" t["\x12\x03"] = "B" print(t["\x01\x23"], t["\x12\x03"], "\x01\x23" == "\x12\x03", #t)`,
    ["A B false 0"],
  ],
  [
    "strings are ordered by their bytes",
    String.raw`local t = { "b", "a", "\n", "\x0f", "\x10", "", "a\0", "\xff", "Z" } table.sort(t)
    for i, s in ipairs(t) do t[i] = ("%q"):format(s) end
    print(table.concat(t, " "), "\n" < "a", "\x0f" < "\x10", "a" < "b", "a\0" > "a", "" < "\0")`,
    ['"" "\\\n" "\\15" "\\16" "Z" "a" "a\\0" "b" "\u00ff" true true true true true'],
  ],
  [
    "strings hold any bytes and know their length",
    String.raw`local s = "\0\xff\u{20AC}" .. "x" print(#s, s:byte(1, -1)) print(s:rep(2):sub(-1), ("x"):rep(3, ","), s == "\0\xff\u{20AC}x")`,
    ["6 0 255 226 130 172 120", "x x,x,x true"],
  ],
  [
    "loops end at the limits of integers",
    `local n = 0 for i = math.mininteger, math.mininteger + 2 do n = n + 1 end
    for i = math.mininteger + 2, math.mininteger + 1, -1 do n = n + 10 end
    for i = 1, 0 do n = -1 end for i = 1, math.huge do if i > 5 then break end n = n + 100 end
    for i = 1, 0/0 do n = -1 end for i = 3, 1.5, -1 do n = n + 1000 end for i = 1, 3.9 do n = n + 10000 end
    print(n)`,
    ["32523"],
  ],
  [
    "loops count in the kind of number they begin with",
    `for i = 1.0, 2 do print(math.type(i)) end for i = 1, 2.5 do print(math.type(i), i) end
    for i = 9007199254740990, 9007199254740994, 2 do print(i) end`,
    ["float", "float", "integer 1", "integer 2", "9007199254740990", "9007199254740992", "9007199254740994"],
  ],
  [
    "a loop without a number says so",
    `print(pcall(function() for i = 1, {} do end end)) print(pcall(function() for i = "x", 2 do end end))`,
    ["false test:1: 'for' limit must be a number", "false test:1: 'for' initial value must be a number"],
  ],
  [
    "a table may lose entries while it is traversed",
    `local t = {} for i = 1, 50 do t["k" .. i] = i t[i] = i end
    local n = 0 for k in pairs(t) do n = n + 1 t[k] = nil end print(n, next(t))
    for i = 1, 100 do t["x" .. i] = i t["x" .. i] = nil end print(next(t)) t.y = 1 print(next(t))`,
    ["100 nil", "nil", "y 1"],
  ],
  [
    "arrays grow, shrink and take over what the hash part held",
    `local t = { [3] = "c", [2] = "b" } t[1] = "a" print(#t, t[3]) t[#t] = nil print(#t) t[2] = nil print(#t)
    local u = { 1, 2, nil, 4 } print(#u == 4 or #u == 2, select("#", table.unpack({ n = 3 }, 1, 3)))
    for i = 1, 5 do t[i] = i end table.remove(t, 1) table.insert(t, 2, "x") print(table.concat(t, ","))`,
    ["3 c", "2", "1", "true 3", "2,x,3,4,5"],
  ],
  [
    "table.concat joins strings and numbers between any bounds, through metamethods",
    `print(table.concat({ 1, "b", 2.5 }, ", "), table.concat({}), table.concat({ 1, 2, 3 }, "-", 2), table.concat({ 1, 2, 3 }, "-", 2, 2), table.concat({ 1 }, "x", 3) == "")
    print(table.concat(setmetatable({}, { __index = function(_, i) return "v" .. i end, __len = function() return 3 end }), " "))
    print(pcall(table.concat, { 1, {}, 3 })) print(pcall(table.concat, { 1 }, "", 1, 2))`,
    [
      "1, b, 2.5  2-3 2 true",
      "v1 v2 v3",
      "false invalid value (table) at index 2 in table for 'concat'",
      "false invalid value (nil) at index 2 in table for 'concat'",
    ],
  ],
  [
    "library functions refuse what is out of their range",
    `local M, m = math.maxinteger, math.mininteger print(pcall(string.char, 256)) print(string.char(72, 105), string.char() == "")
    print(pcall(table.unpack, {}, m, M)) print(pcall(table.move, { 1 }, 1, M, 2)) print(pcall(table.insert, {}, M, 1)) print(pcall(utf8.char, M))
    print(("abc"):sub(1, M), ("abc"):sub(m, -2), ("abc"):byte(M), select("#", select(M, 1, 2)), pcall(setmetatable, 1, {}))`,
    [
      "false bad argument #1 to 'string.char' (value out of range)",
      "Hi true",
      "false too many results to unpack",
      "false bad argument #4 to 'table.move' (destination wrap around)",
      "false bad argument #2 to 'table.insert' (position out of bounds)",
      "false bad argument #1 to 'utf8.char' (value out of range)",
      "abc ab nil 0 false bad argument #1 to 'setmetatable' (table expected, got number)",
    ],
  ],
  [
    "sources that do not compile say where and why",
    `for _, s in ipairs { "return 1 +", "x =", "goto nope", "for", "return 0x", "return 'abc", "local x = = 1", "break" } do print(select(2, load(s, "=c"))) end
    local n = 0 print(load(function() n = n + 1 return ({ "return ", "4", "2" })[n] end)())`,
    [
      "c:1: unexpected symbol near <eof>",
      "c:1: unexpected symbol near <eof>",
      "c:1: no visible label 'nope' for <goto> at line 1",
      "c:1: <name> expected near <eof>",
      "c:1: malformed number near '0x'",
      "c:1: unfinished string near <eof>",
      "c:1: unexpected symbol near '='",
      "c:1: <break> at line 1 not inside a loop",
      "42",
    ],
  ],
  [
    "wrong keys are refused",
    `print(pcall(function() local t = {} t[nil] = 1 end)) print(pcall(function() local t = {} t[0/0] = 1 end)) print(({})[nil], ({})[0/0])
    print(pcall(next, {}, "gone"))`,
    ["false test:1: table index is nil", "false test:1: table index is NaN", "nil nil", "false invalid key to 'next'"],
  ],
  [
    "metamethods answer for every operator",
    `local m = {} for _, n in ipairs { "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr", "bnot", "concat" } do m["__" .. n] = function() return n end end
    m.__len = function() return 7 end m.__eq = function() return true end m.__lt = function() return true end m.__le = function() return false end
    m.__call = function(_, a, b) return a, b end m.__index = function(_, k) return k end
    local a, b = setmetatable({}, m), setmetatable({}, m)
    print(a + 1, 1 - a, a * b, a / 1, a % 1, a ^ 1, -a, a // 1, a & 1, 1 | a, a ~ 1, a << 1, a >> 1, ~a, a .. "x", "x" .. a, 1 .. a)
    print(#a, a == b, a < b, a <= b, a > b, a ~= b, a(1, 2), a.field)`,
    [
      "add sub mul div mod pow unm idiv band bor bxor shl shr bnot concat concat concat",
      "7 true true false true false 1 field",
    ],
  ],
  [
    "a metamethod that comes late is found",
    `local m = {} local t = setmetatable({}, m) print(t.x) m.__index = { x = 1 } print(t.x) m.__index = nil print(t.x) rawset(m, "__index", { x = 2 }) print(t.x)`,
    ["nil", "1", "nil", "2"],
  ],
  [
    "errors of operators name what they met",
    `local t = {} print(pcall(function() return t.a.b end)) print(pcall(function() return 1 + t end)) print(pcall(function() return t < 1 end))
    print(pcall(function() return {} < {} end)) print(pcall(function() t.x.y() end)) print(pcall(function() return "a" + 1 end)) print(pcall(function() return 1.5 | 1 end))
    print(pcall(function() return 1 // 0 end)) print(pcall(function() return 1 % 0 end)) print(pcall(function() return #5 end)) print(pcall(function() return "a" | 1 end))`,
    [
      "false test:1: attempt to index a nil value (field 'a')",
      "false test:1: attempt to perform arithmetic on a table value (upvalue 't')",
      "false test:1: attempt to compare table with number",
      "false test:2: attempt to compare two table values",
      "false test:2: attempt to index a nil value (field 'x')",
      "false test:2: attempt to perform arithmetic on a string value",
      "false test:2: number has no integer representation",
      "false test:3: attempt to divide by zero",
      "false test:3: attempt to perform 'n%0'",
      "false test:3: attempt to get length of a number value",
      "false test:3: attempt to perform bitwise operation on a string value",
    ],
  ],
  [
    "closures capture a variable for each turn, and share it",
    `local f = {} for i = 1, 3 do local j = i f[#f + 1] = function() j = j + 1 return i, j end end
    print(f[1](), f[1]()) print(f[3]()) local a, b do local x = 1 a = function() x = x + 1 return x end b = function() return x end end a() print(a(), b())`,
    ["1 1 3", "3 4", "3 3"],
  ],
  [
    "arguments and results adjust",
    `local function va(...) local a, b = ... return select("#", ...), a, b, ... end print(va()) print(va(1)) print((va(1, 2, 3)))
    print(pcall(va, nil, nil)) local t = { va(1, 2) } print(#t, table.unpack({ 1, 2, 3 }, 2)) print((function(...) return ... end)(1, nil, 3))`,
    ["0 nil nil", "1 1 nil 1", "3", "true 2 nil nil nil nil", "5 2 3", "1 nil 3"],
  ],
  [
    "tail calls need no room",
    `local function count(n) if n == 0 then return "done" end return count(n - 1) end print(count(300000))`,
    ["done"],
  ],
  [
    "goto, repeat and nested breaks jump as written",
    `local s = "" for i = 1, 3 do for j = 1, 3 do if j == 2 then goto next end s = s .. i .. j .. " " ::next:: end end
    local i = 0 repeat local done = i >= 2 i = i + 1 until done print(s, i)`,
    ["11 13 21 23 31 33  3"],
  ],
  [
    "iterators may be host functions, Lua functions and tables that can be called",
    `for k, v in next, { 5 } do print(k, v) end for w in ("a b"):gmatch("%a") do print(w) end
    local n = 0 for a, b, c in function() n = n + 1 if n < 3 then return n, n * 2 end end do print(a, b, c) end
    for x in setmetatable({}, { __call = function(_, s, c) if not c then return "once" end end }) do print(x) end
    for k, v in pairs(setmetatable({}, { __pairs = function() return next, { p = 1 } end })) do print(k, v) end for a, b, c in pairs({ 9 }) do print(a, b, c) end`,
    ["1 5", "a", "b", "1 2 nil", "2 4 nil", "once", "p 1", "1 9 nil"],
  ],
];

test.each(asInLua53)("%s", (_, program, shown) => {
  expect(printed(program)).toEqual(shown);
});
