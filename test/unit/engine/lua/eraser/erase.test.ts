import { describe, expect, test } from "vitest";
import { eraseTypes } from "../../../../../src/engine/lua/eraser/erase.ts";
import { openLua } from "../../../../../src/engine/lua/state/fengari.seam.ts";
import { LuaSyntaxError } from "../../../../../src/engine/lua/syntax-error.ts";

/** Annotated source, and what must be left of it when runs of blanks are one. */
const erased: readonly (readonly [annotated: string, plain: string])[] = [
  ["local x: number = 1", "local x = 1"],
  ["local a: string, b: {number} = f()", "local a , b = f()"],
  [
    "local function f(a: number, b?: string, ...: any): boolean return true end",
    "local function f(a , b , ... ) return true end",
  ],
  ["function M.f(self): (number, string?) end", "function M.f(self) end"],
  ["function M:f(): number, string end", "function M:f() end"],
  ["local function id<T: Named, U>(x: T): U return x end", "local function id (x ) return x end"],
  ["for i: number, v: {string} in ipairs(t) do end", "for i , v in ipairs(t) do end"],
  ["for i: integer = 1, 2 do end", "for i = 1, 2 do end"],
  ["local x = y as number + 1", "local x = y + 1"],
  ["local x = y :: any :: string", "local x = y "],
  ["local x = (y as {a: number}).a", "local x = (y ).a"],
  ["if n as number < 5 then end", "if n < 5 then end"],
  ["local x = y as Box<Box<number>>", "local x = y "],
  ["local m: Map<string, List<number>> = {}", "local m = {}"],
  ["local x = a!.b!:c()! + d![1]", "local x = a .b :c() + d [1]"],
  ["type Point = {x: number, y?: number}\nreturn 1", "return 1"],
  ["export type Id<T, U = string> = T | U & {[string]: T}[]", ""],
  ["type F = (a: number, ...string) -> (boolean, string)", ""],
  ["type G = fun(a: number): string | nil", ""],
  ["type R = readonly {id: number} | readonly Point", ""],
  ["type P = A.B.C[keyof(X)]?[]", ""],
  ["type L = \"a\" | 'b' | 1 | -2 | true | nil", ""],
  ["type C = A extends B ? C : D extends E? ? F : G", ""],
  ['type V = string @min_len(1) @pattern("[a-z)]+")', ""],
  ["type T = typeof(setmetatable({}, M))", ""],
  ["local function check(x): asserts x is string end", "local function check(x) end"],
  [
    "interface Shape: Named, Other\n  area: number\n  name?: string;\n  function scale(self, by: number): Shape\n  draw(c: Canvas)\nend",
    "",
  ],
  ["local cb: (number) -> () = nil", "local cb = nil"],
  ["local h: function = print", "local h = print"],
  ["local x: number? = nil", "local x = nil"],
  ["local t: {[string]: {a: (x: number) -> string}} = {}", "local t = {}"],
];

/** Sources without annotations, some of which look as if they had any. */
const plain: readonly string[] = [
  "local type, as, interface, readonly, export = type, 1, 2, 3, 4\nexport = as + interface\nreturn type(as), readonly",
  "local t = { as = 1, type = 2, fun = 3 }\nt.as = t.type\nreturn t.fun",
  "goto done\n::done:: do end",
  "local x = 1\n::top::\nif x < 3 then x = x + 1 goto top end return x",
  "local n = 0 ::again:: n = n + 1 if n < 3 then goto again end return n",
  "local function as(x) return x end\nlocal y = 1\nas(y)\nas{y}\nas'y'",
  "local interface = 1\ninterface = 2\nreturn interface",
  "local s = [==[ x: number ]==] .. 'a: b' --[[ local x: T ]] -- y: T\nreturn s",
  "return 0x1p4, 1e-3, .5, 3., 0xA.8, 1 // 2, ~1 ~ 2, 1 << 2 >> 1",
  "local s = 'a\\z\n   b\\'c'\nreturn s:upper():rep(2)",
  "return a.b:c'd', #x, -y ^ 2, not z",
  "while true do break end repeat local x = 1 until x == 1; ;",
];

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

const lua = openLua();

function compiles(source: string): void {
  lua.compile(source, "test");
}

describe("type annotations", () => {
  test.each(erased)("%s", (annotated, expected) => {
    const result = eraseTypes(annotated);
    expect(squeeze(result)).toBe(squeeze(expected));
    compiles(result);
  });

  test.each(erased)("leave everything else where it stood: %s", (annotated) => {
    const result = eraseTypes(annotated);
    expect(result).toHaveLength(annotated.length);
    for (let i = 0; i < result.length; i++) {
      const char = result[i];
      if (char !== " ") expect(char).toBe(annotated[i]);
      if (annotated[i] === "\n") expect(char).toBe("\n");
    }
  });

  test.each(plain)("are not seen where there are none: %s", (source) => {
    expect(eraseTypes(source)).toBe(source);
    compiles(source);
  });

  test("a first line for the shell is blanked", () => {
    expect(eraseTypes("#!/usr/bin/lua\nreturn 1")).toBe("              \nreturn 1");
  });
});

const broken: readonly (readonly [source: string, line: number, column: number | undefined, message: RegExp])[] = [
  ["local x: = 1", 1, 10, /type expected near '='/],
  ["local x = 1\nlocal y = = 2", 2, 11, /unexpected symbol near '='/],
  ["if x then\n  y()\n", 3, 1, /'end' expected \(to close 'if' at line 1\) near '<eof>'/],
  ["local t: {a: number\nlocal y = 1", 2, 1, /'}' expected \(to close '\{' at line 1\) near 'local'/],
  ["local s = 'abc\nreturn s", 1, 11, /unfinished string/],
  ["x = [[ abc", 1, 5, /unfinished long string/],
  ["return 1 2", 1, 10, /'end' expected near '2'|'<eof>' expected near '2'/],
  ["local x = 1 $ 2", 1, 13, /unexpected symbol near '\$'/],
  ["f(\n1, 2\nreturn", 3, 1, /'\)' expected \(to close '\(' at line 1\) near 'return'/],
  ["type X = {a: number)", 1, 20, /unbalanced brackets/],
];

describe("a source that is not Lua", () => {
  test.each(broken)("%s", (source, line, column, message) => {
    const error = caught(() => eraseTypes(source));
    expect(error).toBeInstanceOf(LuaSyntaxError);
    expect(error).toMatchObject({ line, column });
    expect(String(error)).toMatch(message);
  });

  test("nested too deeply is refused, not a stack overflow", () => {
    expect(() => eraseTypes(`return ${"(".repeat(100_000)}`)).toThrow(/too many syntax levels/);
    expect(() => eraseTypes(`local x: ${"A<".repeat(100_000)}`)).toThrow(LuaSyntaxError);
  });
});

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
