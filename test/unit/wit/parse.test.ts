import { describe, expect, test } from "vitest";
import { formatFunction } from "../../../src/wit/format.ts";
import { WitError } from "../../../src/wit/parse/error.ts";
import { findFunction, parseWit } from "../../../src/wit/parse/parse.ts";

function functions(text: string): string[] {
  return parseWit(text).functions.map((item) => `${item.name}: ${formatFunction(item)}`);
}

function failure(text: string): WitError {
  try {
    parseWit(text);
  } catch (error) {
    if (error instanceof WitError) return error;
    throw error;
  }
  throw new Error("the text was accepted");
}

describe("the short form", () => {
  test.each([
    ["answer: func() -> s32;", ["answer: func() -> s32"]],
    ["f: func(x: u32)", ["f: func(x: u32)"]],
    [
      "export f: func(a: s64) -> s64; g_h: func(x: float64) -> float32;",
      ["f: func(a: s64) -> s64", "g_h: func(x: f64) -> f32"],
    ],
    ["f: func(u32, string) -> u32;", ["f: func(u32, string) -> u32"]],
    ["f: func() -> (u32, u32);", ["f: func() -> tuple<u32, u32>"]],
    ["f: func() -> (a: u32, b: u32);", ["f: func() -> tuple<u32, u32>"]],
    ["f: func() -> (a: u32); g: func() -> ();", ["f: func() -> u32", "g: func()"]],
    ["record: func(); type: func(list: u8)", ["record: func()", "type: func(%list: u8)"]],
    ["record p { x: u32 } f: func(p: p) -> option<p>;", ["f: func(p: p) -> option<p>"]],
    ["f: async func(n: u32);", ["f: func(n: u32)"]],
    ["/// doc\nf: func(); // end\n/* a /* nested */ one */ g: func();", ["f: func()", "g: func()"]],
    ["", []],
  ])("%s", (text, expected) => {
    expect(functions(text)).toEqual(expected);
  });
});

describe("interfaces, worlds and packages", () => {
  test("a function of an interface that stands alone is named after it", () => {
    expect(functions("interface svc { f: func(l: u32) -> u32 }")).toEqual(["svc#f: func(l: u32) -> u32"]);
  });

  test("a package and its version are part of the name", () => {
    expect(functions("package acme:math@1.2.0; interface calc { add: func(a: u32, b: u32) -> u32; }")).toEqual([
      "acme:math/calc@1.2.0#add: func(a: u32, b: u32) -> u32",
    ]);
  });

  test("a world lists its exports and not what it only imports", () => {
    const text = `package a:b;
      interface out { x: func(); }
      interface in { y: func(); }
      world w {
        include other with { p as q }
        import in;
        import wasi:io/poll@0.2.0;
        import log: func(line: string);
        export out;
        export run: func() -> result;
        export test-sleep: interface { sleep-ms: func(ms: u64); }
      }`;
    expect(functions(text)).toEqual([
      "a:b/out#x: func()",
      "run: func() -> result",
      "test-sleep#sleep-ms: func(ms: u64)",
    ]);
  });

  test("packages with braces stand side by side, and use reaches across them", () => {
    const text = `
      package a:types@1.0.0 { interface t { record user { name: string } } }
      package a:api { interface users { use a:types/t@1.0.0.{user as person}; get: func(id: u64) -> option<person>; } }`;
    expect(functions(text)).toEqual(["a:api/users#get: func(id: u64) -> option<user>"]);
  });

  test("feature gates and the older type names are read over", () => {
    const text = `@since(version = 0.2.0) interface i {
      @since(version = 0.2.1) @unstable(feature = fast-math) f: func(x: float32);
      flags mode { @since(version = 1.0.0) read, write }
    }`;
    expect(functions(text)).toEqual(["i#f: func(x: f32)"]);
  });

  test("a resource gives its constructor, methods and statics", () => {
    const text = `interface fs { resource file {
        constructor(path: string);
        read: func(n: u32) -> result<list<u8>, string>;
        open: static func(path: string) -> result<file>;
      }
      copy: func(a: borrow<file>, b: own<file>, c: file);
      resource bare; }`;
    expect(functions(text)).toEqual([
      "fs#copy: func(a: borrow<file>, b: file, c: file)",
      "fs#[constructor]file: func(path: string) -> file",
      "fs#[method]file.read: func(self: borrow<file>, n: u32) -> result<list<u8>, string>",
      "fs#[static]file.open: func(path: string) -> result<file>",
    ]);
    expect(parseWit(text).interfaces).toMatchObject([{ name: "fs", resources: ["file", "bare"] }]);
  });
});

describe("types", () => {
  test("every type is read, whatever the order of definitions", () => {
    const text = `f: func(a: all) -> names;
      type names = list<name>;
      record all { e: colour, fl: mode, v: shape, t: tuple<u8, char>, o: option<option<bool>>, %list: list<f64>, }
      variant shape { point, circle(f32), }
      enum colour { red, green }
      flags mode { r, w }
      type name = string;`;
    const [signature] = parseWit(text).functions;
    expect(signature).toEqual({
      name: "f",
      params: [
        {
          name: "a",
          type: {
            kind: "record",
            name: "all",
            fields: [
              { name: "e", type: { kind: "enum", name: "colour", cases: ["red", "green"] } },
              { name: "fl", type: { kind: "flags", name: "mode", flags: ["r", "w"] } },
              {
                name: "v",
                type: {
                  kind: "variant",
                  name: "shape",
                  cases: [{ name: "point" }, { name: "circle", type: { kind: "f32" } }],
                },
              },
              { name: "t", type: { kind: "tuple", items: [{ kind: "u8" }, { kind: "char" }] } },
              { name: "o", type: { kind: "option", some: { kind: "option", some: { kind: "bool" } } } },
              { name: "list", type: { kind: "list", element: { kind: "f64" } } },
            ],
          },
        },
      ],
      result: { kind: "list", element: { kind: "string" } },
    });
  });

  test("a result has four forms", () => {
    const forms = ["result", "result<u8>", "result<_, string>", "result<u8, string>"];
    const text = forms.map((form, index) => `f${index}: func() -> ${form};`).join("\n");
    expect(functions(text)).toEqual(forms.map((form, index) => `f${index}: func() -> ${form}`));
  });

  test("a stream, a future and an error context are known", () => {
    expect(functions("f: func(a: stream<u8>, b: future, c: error-context)")).toEqual([
      "f: func(a: stream<u8>, b: future, c: error-context)",
    ]);
  });
});

describe("errors", () => {
  test.each([
    ["f: func(x: uzer)", 1, 12, 'expected a type, found the unknown name "uzer"'],
    [
      "record user {a: u32}\nf: func(x: usr)",
      2,
      12,
      'expected a type, found the unknown name "usr" (did you mean "user"?)',
    ],
    ["f: func(x: strng)", 1, 12, 'expected a type, found the unknown name "strng" (did you mean "string"?)'],
    ["f: func(x: u32", 1, 15, 'expected ")" or ",", found the end of the text'],
    ["f: fnc()", 1, 4, 'expected "func", found "fnc"'],
    ["f: func() -> u32 g: func()", 1, 18, 'expected ";", found "g"'],
    ["f: func() -> $", 1, 14, 'expected WIT text, found the character "$"'],
    ["type a = list<b>;\ntype b = a;", 2, 10, 'expected a type that does not contain itself, found "a"'],
    ["f: func(x: option<u8, u8>)", 1, 12, "expected option<…> with 1 types, found 2"],
    [
      "f: func(x: lst<u8>)",
      1,
      12,
      'expected list, option, result, tuple, own, borrow, stream or future before <, found "lst"',
    ],
    ["interface i { use typs.{a}; } interface types { type a = u8; }", 1, 15, '"typs" (did you mean "types"?)'],
    ["interface i { use types.{usr}; } interface types { type user = u8; }", 1, 26, '(did you mean "user"?)'],
    ["f: func(x: borrow<u8>)", 1, 19, 'unknown name "u8"'],
    ["/* f: func()", 1, 1, 'expected "*/" to end this comment'],
    ["record r { a: missing }", 1, 15, 'unknown name "missing"'],
    ["record r { a: u8, a: u8 }", 1, 19, 'expected a name that is not taken, found "a" a second time'],
    ["enum e { a, a }", 1, 13, "a second time"],
    ["f: func(a: u8, a: u8)", 1, 16, "a second time"],
    ["f: func(); f: func()", 1, 12, "a second time"],
    ["type a = u8; enum a { b }", 1, 19, "a second time"],
    ["variant v {}", 1, 9, "expected at least one name in variant v, found none"],
    ["interfce x {}", 1, 1, '(did you mean "interface"?)'],
  ])("%s", (text, line, column, message) => {
    const error = failure(text);
    expect(error.message).toContain(message);
    expect([error.line, error.column]).toEqual([line, column]);
  });

  test("nesting is bounded: at the limit it is read, above it is an error", () => {
    const nested = (depth: number) => `f: func(x: ${"list<".repeat(depth)}u8${">".repeat(depth)})`;
    expect(functions(nested(98))).toHaveLength(1);
    expect(failure(nested(150)).message).toContain("at most 100 levels");
    expect(failure(nested(100_000)).message).toContain("at most 100 levels");
  });

  test("aliases that multiply are an error before they cost anything", () => {
    const doubled = Array.from({ length: 60 }, (_, i) => `type t${i + 1} = tuple<t${i}, t${i}>;`);
    expect(failure(`type t0 = u8; ${doubled.join(" ")}`).message).toContain("at most 10000 parts");
    const chained = Array.from({ length: 200 }, (_, i) => `type t${i + 1} = option<t${i}>;`);
    expect(failure(`type t0 = u8; ${chained.join(" ")}`).message).toContain("at most 100 levels");
  });

  test("whatever the text, it is read or refused with a position", () => {
    const pieces = [
      "f",
      ":",
      "func",
      "(",
      ")",
      "->",
      "list<",
      ">",
      "u8",
      ";",
      "{",
      "}",
      "record",
      "use",
      "world",
      "@",
      "1.0",
      ",",
    ];
    for (let seed = 1; seed < 3_000; seed++) {
      let state = seed;
      const text = Array.from(
        { length: 12 },
        () => pieces[(state = (state * 48_271) % 0x7fff_ffff) % pieces.length],
      ).join(" ");
      try {
        parseWit(text);
      } catch (error) {
        expect(error).toBeInstanceOf(WitError);
      }
    }
  });
});

describe("finding a function", () => {
  const document = parseWit(
    `package acme:math@1.2.0; interface calc { add-one: func(); sub: func(); } interface other { sub: func(); }`,
  );

  test("the method may leave out version, package and interface, and join words its own way", () => {
    for (const method of ["acme:math/calc@1.2.0#add-one", "acme:math/calc#add-one", "calc#addOne", "add_one"]) {
      expect(findFunction(document, method)).toMatchObject({ kind: "match", function: { params: [] } });
    }
  });

  test("two that fit are ambiguous, none that fits gives the nearest", () => {
    expect(findFunction(document, "sub")).toMatchObject({ kind: "ambiguous" });
    expect(findFunction(document, "ad-one")).toEqual({ kind: "none", nearest: ["acme:math/calc@1.2.0#add-one"] });
  });
});
