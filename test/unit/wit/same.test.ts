import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseWit } from "../../../src/wit/parse/parse.ts";
import { findType, isSameType, takesTheSame } from "../../../src/wit/same.ts";
import type { WitFunction } from "../../../src/wit/types.ts";
import { witType } from "../../support/wit-arbitraries.ts";

function func(text: string, definitions = ""): WitFunction {
  const [found] = parseWit(`package a:b; interface i { ${definitions} f: func${text}; }`).functions;
  if (found === undefined) throw new Error("no function");
  return found;
}

describe("types", () => {
  test("are the same as their copies, whichever is asked about the other", () => {
    fc.assert(
      fc.property(witType(), witType(), (a, b) => {
        expect(isSameType(a, structuredClone(a))).toBe(true);
        expect(isSameType(a, b)).toBe(isSameType(b, a));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["(a: u32)", "(b: u32)", true],
    ["(a: u32)", "(a: s32)", false],
    ["(a: u32)", "(a: u32, b: u32)", false],
    ["(a: list<string>)", "(a: list<list<string>>)", false],
    ["(a: option<u8>)", "(a: u8)", false],
    ["(a: tuple<u8, s8>)", "(a: tuple<s8, u8>)", false],
    ["(a: result<u8>)", "(a: result<_, u8>)", false],
    ["(a: result<u8, string>)", "(a: result<u8, string>)", true],
  ])("func%s takes what func%s takes: %s", (a, b, expected) => {
    expect(takesTheSame(func(a), func(b))).toBe(expected);
  });

  test.each([
    ["record t { a: u8, b: u8 }", "record t { a: u8, b: u8 }", true],
    ["record t { a: u8, b: u8 }", "record t { b: u8, a: u8 }", false],
    ["record t { a: u8 }", "record t { a: u16 }", false],
    ["variant t { a(u8), b }", "variant t { a, b(u8) }", false],
    ["enum t { a, b }", "enum t { a, b, c }", false],
    ["enum t { a, b }", "variant t { a, b }", false],
    ["flags t { a, b }", "flags t { a, b }", true],
    ["flags t { a, b }", "flags t { b, a }", false],
  ])("%s and %s: %s", (a, b, expected) => {
    expect(takesTheSame(func("(v: t)", a), func("(v: t)", b))).toBe(expected);
    expect(isSameType(func("() -> t", a).result, func("() -> t", b).result)).toBe(expected);
  });

  test("have names that do not matter", () => {
    const one = func("(v: one)", "record one { a: u8 }");
    expect(takesTheSame(one, func("(v: two)", "record two { a: u8 }"))).toBe(true);
  });

  test("are found however deep they are", () => {
    const deep = func("() -> list<option<tuple<u8, borrow<r>>>>", "resource r;");
    expect(findType(deep, ({ kind }) => kind === "borrow")).toMatchObject({ kind: "borrow" });
    expect(findType(deep, ({ kind }) => kind === "own")).toBeUndefined();
  });
});
