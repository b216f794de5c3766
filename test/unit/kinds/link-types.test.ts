import { describe, expect, test } from "vitest";
import { calleeTypes, crossProblem, takesNumbers } from "../../../src/kinds/shared/link-types.ts";
import { parseWit } from "../../../src/wit/parse/parse.ts";
import type { WitFunction } from "../../../src/wit/types.ts";

function func(text: string): WitFunction {
  const [found] = parseWit(text).functions;
  if (found === undefined) throw new Error("no function");
  return found;
}

const wanted = func("f: func(id: u64) -> result<string, string>;");
const none = { id: "app:it", signature: undefined, coreType: undefined };

describe("the types of a callee", () => {
  test("are the import's, or the import's but for the err", () => {
    expect(calleeTypes(wanted, { ...none, signature: func("g: func(x: u64) -> result<string, string>;") })).toBe(
      "same",
    );
    expect(calleeTypes(wanted, { ...none, signature: func("g: func(x: u64) -> string;") })).toBe("ok");
    const bare = func("f: func() -> result;");
    expect(calleeTypes(bare, { ...none, signature: func("f: func();") })).toBe("ok");
    expect(calleeTypes(wanted, none)).toBe("untyped");
  });

  test.each([
    ["g: func(x: u32) -> string;", "func(x: u32) -> string"],
    ["g: func() -> string;", "func() -> string"],
    ["g: func(x: u64) -> result<string, u8>;", "func(x: u64) -> result<string, u8>"],
  ])("that differ are shown beside those of the import: %s", (text, shown) => {
    expect(calleeTypes(wanted, { ...none, signature: func(text) })).toEqual({
      message: `f is imported as func(id: u64) -> result<string, string>, but app:it is ${shown}`,
    });
  });

  test("of one name with other parts are told apart", () => {
    const [a, b] = ["a: u8", "a: u16"].map((field) =>
      func(`package p:q; interface i { record r { ${field} } f: func(v: r); }`),
    );
    if (a === undefined || b === undefined) throw new Error("no functions");
    expect(calleeTypes(a, { ...none, signature: b })).toMatchObject({
      message: expect.stringContaining("types of the same name have other parts"),
    });
  });

  test("without wit are numbers", () => {
    const add = func("f: func(a: s32, b: s32) -> s32;");
    const coreType = { params: ["i32", "i32"], results: ["i32"] } as const;
    expect(calleeTypes(add, { ...none, coreType })).toBe("untyped");
    expect(calleeTypes(func("f: func(a: string) -> s32;"), { ...none, coreType })).toMatchObject({
      message: expect.stringContaining("app:it, which has no `wit`, has the WebAssembly type (i32, i32) -> i32"),
    });
  });
});

test.each<[string, string | undefined]>([
  ["f: func(a: list<option<string>>);", undefined],
  ["resource r; f: func(a: r);", "has a handle to the resource r: resources cannot cross entries"],
  ["resource r; f: func() -> list<borrow<r>>;", "has a handle to the resource r: resources cannot cross entries"],
  ["f: func() -> stream<u8>;", "has a stream, which cannot cross entries"],
])("%s crosses entries, or says why not", (text, problem) => {
  expect(crossProblem(func(`package a:b; interface i { ${text} }`))).toBe(problem);
});

test.each<[readonly WebAssembly.ValueKind[], readonly WebAssembly.ValueKind[], string, boolean]>([
  [["i32"], ["i32"], "f: func(a: u32) -> s32;", true],
  [["i64", "f64"], [], "f: func(a: s64, b: f64) -> string;", true],
  [["i32"], ["i32"], "f: func(a: u32) -> bool;", true],
  [["i32"], ["i32"], "f: func(a: string) -> s32;", false],
  [["i32"], ["i32"], "f: func(a: u32);", false],
  [["i32", "i32"], [], "f: func(a: u32);", false],
  [["externref"], [], "f: func(a: u32);", false],
  [[], ["i32", "i32"], "f: func() -> u32;", false],
])("a core import (%s) -> (%s) is served by %s: %s", (params, results, text, fits) => {
  expect(takesNumbers({ params, results }, { ...none, signature: func(text) }) === undefined).toBe(fits);
});
