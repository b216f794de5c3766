import { expect, test } from "vitest";
import { printed, SlicedThread } from "./support/lua.seam.ts";

/** Programs and what they print; the same as PUC Lua 5.3.6 prints. */
const asInLua53: readonly (readonly [name: string, program: string, shown: readonly string[]])[] = [
  [
    "find answers where, with captures, from anywhere, plain or not",
    `print(("hello"):find("l"), ("hello"):find("xyz"), ("hello"):find(""), ("hello"):find("", 10), ("a.b"):find(".", 2, true), ("a+b"):find("+", 1, true))
    print(("hello"):find("(l)(l)"), ("hello"):find("l+", -2), ("key = v"):find("^(%w+)%s*=%s*(%w+)$")) print(("x"):find("^x", 2), ("a\\0b"):find("%z"), ("a\\0b"):find("\\0"))`,
    ["3 nil 1 nil 2 2 2", "3 4 1 7 key v", "nil 2 2 2"],
  ],
  [
    "classes, sets, ranges and their negations",
    `local all = "" for i = 0, 255 do all = all .. string.char(i) end
    for _, c in ipairs { "%a", "%c", "%d", "%g", "%l", "%p", "%s", "%u", "%w", "%x", "%A", "%D", "%S", "[%a_]", "[^%a_]", "[a-f0-9]", "[]]", "[^]]", "[a-]", "[-a]", "[%]]", ".", "[%w%-]", "[a-%%]", "%.", "[^%s,]" } do
      local n, sum = 0, 0 for m in all:gmatch(c) do n = n + 1 sum = (sum * 31 + m:byte()) % 1000003 end print(c, n, sum) end`,
    [
      "%a 52 176111",
      "%c 33 307563",
      "%d 10 329865",
      "%g 94 628050",
      "%l 26 791761",
      "%p 32 433553",
      "%s 6 236436",
      "%u 26 450953",
      "%w 62 79371",
      "%x 22 422963",
      "%A 204 386107",
      "%D 246 828130",
      "%S 250 638890",
      "[%a_] 53 559884",
      "[^%a_] 203 402881",
      "[a-f0-9] 16 39230",
      "[]] 1 93",
      "[^]] 255 647126",
      "[a-] 2 1492",
      "[-a] 2 1492",
      "[%]] 1 93",
      ". 256 940049",
      "[%w%-] 63 448861",
      "[a-%%] 1 93",
      "%. 1 46",
      "[^%s,] 249 307688",
    ],
  ],
  [
    "repetition is greedy, lazy or optional, and backtracks",
    `print(("<<a>>"):match("<(.-)>"), ("<<a>>"):match("<(.*)>"), ("aaab"):match("a*b"), ("b"):match("a+b"), ("ab"):match("a?b"), ("aXbX"):match("^(.-)X"), ("aXbX"):match("^(.*)X"))
    print(("foo.bar"):match("^(.-)%.(.*)$")) print(("  trim  "):match("^%s*(.-)%s*$") .. "|") print(("x"):rep(30):match("x-x-x-$") ~= nil)`,
    ["<a <a> aaab nil ab a aXb", "foo bar", "trim|", "true"],
  ],
  [
    "balance, frontier, positions and references back",
    `print(("f(a(b)c)d"):match("%b()"), ("THE (quick) fox"):find("%f[%a]%a+%f[%A]"), ("hello"):match("()ll()"), ([[x "a'b" y]]):match("([\\"'])(.-)%1"))
    print(("f(a(b"):match("%b()"), ("the"):gsub("%f[%w]%w", string.upper))`,
    ["(a(b)c) 1 3 \" a'b", "nil The 1"],
  ],
  [
    "gmatch goes on behind each match",
    `for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do print(k, v) end for w in ("one two"):gmatch("%a+") do print(w) end for p in ("abc"):gmatch("()") do print(p) end
    local t = {} for m in ("abc"):gmatch("%w*") do t[#t + 1] = "[" .. m .. "]" end print(table.concat(t)) t = {} for m in ("a,b,,c"):gmatch("([^,]*)") do t[#t + 1] = "[" .. m .. "]" end print(table.concat(t))`,
    ["a 1", "b 2", "one", "two", "1", "2", "3", "4", "[abc]", "[a][b][][c]"],
  ],
  [
    "gsub replaces by text, table and function",
    `print(("hello world"):gsub("o", "0"), ("hello world"):gsub("(%w+)", "<%1>"), ("abc"):gsub("%w", "%0%0"), ("abc"):gsub("", "-"), ("abc"):gsub("%w*", "x"))
    print(("$name is $age"):gsub("%$(%w+)", { name = "Lua", age = 30 }), ("$x"):gsub("%$(%w+)", {}), ("abc"):gsub("%w", function(c) if c == "b" then return false end return c:upper() end))
    print(("aaa"):gsub("a", "b", 2), ("aaa"):gsub("^a", "b"), ("a.b"):gsub("%.", "%%"), ("hello"):gsub("(l)(l)", "%2%1%0"), ("x"):gsub("x", 5), ("abc"):gsub("b", "", 0))`,
    ["hell0 w0rld <hello> <world> aabbcc -a-b-c- x 1", "Lua is 30 $x AbC 3", "bba baa a%b hellllo 5 abc 0"],
  ],
  [
    "malformed patterns are errors",
    `for _, p in ipairs { "[a", "%", "(", ")", "%1", "[a-", "%b", "%bx", "%f", "(()", "[]", "[^]", "a)" } do print(p, pcall(string.find, "aab", p)) end
    print(pcall(string.gsub, "a", "a", "%2")) print(pcall(string.gsub, "a", "a", "%x")) print(pcall(string.gsub, "a", "a", function() return {} end)) print(pcall(string.gsub, "a", "a")) print(pcall(string.rep))`,
    [
      "[a false malformed pattern (missing ']')",
      "% false malformed pattern (ends with '%')",
      "( false unfinished capture",
      ") true nil",
      "%1 false invalid capture index %1",
      "[a- false malformed pattern (missing ']')",
      "%b false malformed pattern (missing arguments to '%b')",
      "%bx false malformed pattern (missing arguments to '%b')",
      "%f false missing '[' after '%f' in pattern",
      "(() false unfinished capture",
      "[] false malformed pattern (missing ']')",
      "[^] false malformed pattern (missing ']')",
      "a) true nil",
      "false invalid capture index %2",
      "false invalid use of '%' in replacement string",
      "false invalid replacement value (a table)",
      "false bad argument #3 to 'string.gsub' (string/function/table expected)",
      "false bad argument #1 to 'string.rep' (string expected, got no value)",
    ],
  ],
];

test.each(asInLua53)("%s", (_, program, shown) => {
  expect(printed(program)).toEqual(shown);
});

test("a match that backtracks without end is ended as a loop is", () => {
  const bombs = [
    '("a?"):rep(28) .. ("a"):rep(28), ("a"):rep(28)',
    '".-.-.-.-.-.-b", ("a"):rep(2000)',
    '".-b", ("x"):rep(100000)',
  ];
  for (const bomb of bombs) {
    const source = `local p, s = ${bomb} while true do pcall(string.find, s, p) end`;
    expect(new SlicedThread(source, 1_000, (turn) => (turn > 5 ? { raise: "killed" } : "continue")).resume()).toMatch(
      /killed/,
    );
  }
});

test("strings end at 64 MB", () => {
  expect(printed(`print(#("x"):rep(64 * 1024 * 1024), pcall(string.rep, "x", 64 * 1024 * 1024 + 1))`)).toEqual([
    "67108864 false resulting string too large",
  ]);
  expect(printed(`local s = "x" print(pcall(function() while true do s = s .. s end end)) print(#s)`)).toEqual([
    "false test:1: string length overflow",
    "67108864",
  ]);
  expect(printed(`print(pcall(string.gsub, ("x"):rep(100000), "x", ("y"):rep(1000)))`)).toEqual([
    "false resulting string too large",
  ]);
});
