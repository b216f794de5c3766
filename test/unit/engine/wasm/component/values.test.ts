import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { compileArguments } from "../../../../../src/wit/values/arguments.ts";
import { callOnce, directInstance, prepareDirect, smallComponent, trapOf } from "./small-component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const invalid = expect.objectContaining({ code: "TRAP_INVALID_VALUE" });

/** A named type, as components must have them, and a function that gives it out of core code. */
function giving(type: string, core: string) {
  return {
    before: `(type $t' ${type}) (import "t" (type $t (eq $t')))`,
    core: `(func (export "f") (result i32) ${core})`,
    type: "(result $t)",
  };
}

describe("numbers of the stack are cut to their type", () => {
  test.each([
    ["u8", "i32", "0x1ff", 0xff],
    ["s8", "i32", "0x1ff", -1],
    ["u16", "i32", "0x12345", 0x2345],
    ["s16", "i32", "0x18000", -0x8000],
    ["u32", "i32", "-1", 0xffff_ffff],
    ["s32", "i32", "-1", -1],
    ["u64", "i64", "-1", 2n ** 64n - 1n],
    ["s64", "i64", "-1", -1],
    ["bool", "i32", "2", true],
    ["char", "i32", "0x1f600", "😀"],
  ])("%s", async (type, core, value, expected) => {
    const text = { core: `(func (export "f") (result ${core}) (${core}.const ${value}))`, type: `(result ${type})` };
    expect(await callOnce(text)).toBe(expected);
  });
});

describe("a char is a Unicode scalar value", () => {
  test.each(["0xd800", "0xdfff", "0x110000", "-1"])("%s traps", async (code) => {
    const text = { core: `(func (export "f") (result i32) (i32.const ${code}))`, type: "(result char)" };
    expect(await trapOf(text)).toEqual(invalid);
  });

  test.each(["0xd7ff", "0xe000", "0x10ffff", "0"])("%s is one", async (code) => {
    const text = { core: `(func (export "f") (result i32) (i32.const ${code}))`, type: "(result char)" };
    expect(await callOnce(text)).toBe(String.fromCodePoint(Number(code)));
  });
});

describe("discriminants", () => {
  const many = Array.from({ length: 300 }, (_, index) => `"c${index}"`).join(" ");
  test.each([
    ["an enum on the stack", '(enum "a" "b")', "(i32.const 2)"],
    ["an enum on the stack, negative", '(enum "a" "b")', "(i32.const -1)"],
    ["a variant on the stack", '(variant (case "a") (case "b"))', "(i32.const 2)"],
    [
      "a variant in memory",
      '(variant (case "a" u32) (case "b"))',
      "(i32.store8 (i32.const 0) (i32.const 2)) (i32.const 0)",
    ],
    ["an option in memory", "(option u32)", "(i32.store8 (i32.const 0) (i32.const 255)) (i32.const 0)"],
    ["a result in memory", "(result u32)", "(i32.store8 (i32.const 0) (i32.const 2)) (i32.const 0)"],
    ["an enum of 300 cases, in two bytes", `(enum ${many})`, "(i32.const 300)"],
  ])("%s must have a case", async (_, type, core) => {
    const named = /^\((enum|variant)/.test(type);
    const text = named ? giving(type, core) : { ...giving(type, core), before: `(type $t ${type})` };
    expect(await trapOf(text)).toEqual(invalid);
  });

  test("of 300 cases take two bytes in memory", async () => {
    const text = giving(`(record (field "a" u8) (field "b" (tuple u8)))`, "(i32.const 0)");
    expect(
      await trapOf({
        ...text,
        before: `(type $e' (enum ${many})) (import "e" (type $e (eq $e'))) (type $t (tuple $e u8))`,
        core: `(func (export "f") (result i32) (i32.store16 (i32.const 16) (i32.const 300)) (i32.const 16))`,
      }),
    ).toEqual(invalid);
    expect(
      await callOnce({
        ...text,
        before: `(type $e' (enum ${many})) (import "e" (type $e (eq $e'))) (type $t (tuple $e u8))`,
        core: `(func (export "f") (result i32) (i32.store16 (i32.const 16) (i32.const 299)) (i32.store8 (i32.const 18) (i32.const 7)) (i32.const 16))`,
      }),
    ).toEqual(["c299", 7]);
  });

  test("what shares its place with a larger case is narrowed", async () => {
    const type = '(variant (case "a" f32) (case "b" u64) (case "c" u8))';
    const before = `(type $t' ${type}) (import "t" (type $t (eq $t')))`;
    const core = `(func (export "f") (param i32 i64) (result i64) (local.get 1))`;
    const text = { before, core, type: '(param "v" $t) (result u64)' };
    expect(await callOnce(text, [{ a: 1.5 }])).toBe(0x3fc0_0000);
    expect(await callOnce(text, [{ b: 2n ** 63n }])).toBe(2n ** 63n);
    expect(await callOnce(text, [{ c: 255 }])).toBe(255);
  });
});

describe("flags", () => {
  test("bits without a name mean nothing", async () => {
    expect(await callOnce(giving('(flags "a" "b")', "(i32.const 0xfe)"))).toEqual({ b: true });
  });

  test("of nine names take two bytes, of 17 four", async () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `"f${index}"`).join(" ");
    const inTuple = (count: number) => ({
      before: `(type $g' (flags ${names(count)})) (import "g" (type $g (eq $g'))) (type $t (tuple $g u8))`,
      core: `(func (export "f") (result i32) (i32.store (i32.const 16) (i32.const 0xffffffff)) (i32.store8 (i32.const ${count <= 16 ? 18 : 20}) (i32.const 9)) (i32.const 16))`,
      type: "(result $t)",
    });
    for (const count of [9, 17, 32]) {
      const all = Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, true]));
      expect(await callOnce(inTuple(count))).toEqual([all, 9]);
    }
  });
});

describe("there is one NaN", () => {
  const echo = (bits: "i32" | "i64", float: "f32" | "f64") =>
    smallComponent({
      before: `(import "host" (func $host (param "x" ${float}) (result ${float})))`,
      uses: { host: { type: `(param ${float}) (result ${float})`, canon: "(canon lower (func $host) $options)" } },
      core: `(func (export "f") (param ${bits}) (result ${bits}) (${bits}.reinterpret_${float} (call $host (${float}.reinterpret_${bits} (local.get 0)))))`,
      type: `(param "bits" u${bits.slice(1)}) (result u${bits.slice(1)})`,
    });
  const imports = { host: { default: (x: number) => x } };

  test("a payload that a guest hands out does not come back, however hot the code", async () => {
    const wide = await directInstance(echo("i64", "f64"), { imports });
    const narrow = await directInstance(echo("i32", "f32"), { imports });
    for (let round = 0; round < 20_000; round++) {
      const got = [
        wide.call([0x7ff0_dead_beef_0001n]),
        narrow.call([0x7f80_beef]),
        wide.call([0xfff8_0000_0000_0001n]),
      ];
      if (round % 5_000 === 0) expect(got).toEqual([0x7ff8_0000_0000_0000n, 0x7fc0_0000, 0x7ff8_0000_0000_0000n]);
    }
  });

  test("in memory, too", async () => {
    const core = `(func (export "f") (param i32 i32) (result i64) (i64.load (local.get 0)))`;
    const instance = await directInstance(
      smallComponent({ core, type: '(param "xs" (list f64)) (result u64)', before: "" })
        .replace("(list f64)", "$l")
        .replace("(core module $mem", "(type $l (list f64)) (core module $mem"),
    );
    const nan = new Float64Array(new BigUint64Array([0xfff0_0000_dead_beefn]).buffer);
    expect(instance.call([[nan[0] ?? 0]])).toBe(0x7ff8_0000_0000_0000n);
  });
});

describe("lists of fixed length", () => {
  test.each([
    ["on the stack", "(list u16 3)", "(param i32 i32 i32) (result i32)", [1, 2, 3]],
    ["in memory", "(list u16 20)", "(param i32) (result i32)", Array.from({ length: 20 }, (_, index) => index)],
  ])("%s", async (_, type, core, value) => {
    const body =
      value.length > 16
        ? "(local.get 0)"
        : [0, 1, 2].map((at) => `(i32.store16 offset=${at * 2} (i32.const 64) (local.get ${at}))`).join(" ");
    const give = value.length > 16 ? "" : "(i32.const 64)";
    const text = {
      before: `(type $t ${type})`,
      core: `(func (export "f") ${core} ${body} ${give})`,
      type: '(param "x" $t) (result $t)',
    };
    expect(await callOnce(text, [value])).toEqual(value);
  });

  test("of bytes are bytes, and other numbers of elements are refused", async () => {
    const program = await prepareDirect(
      smallComponent({
        before: "(type $t (list u8 2))",
        core: '(func (export "f") (param i32 i32) (result i32) (i32.store8 (i32.const 64) (local.get 0)) (i32.store8 (i32.const 65) (local.get 1)) (i32.const 64))',
        type: '(param "x" $t) (result $t)',
      }),
    );
    const read = compileArguments(program.signature, { id: "test:f" });
    const instance = await linkComponent(program).instantiate({});
    expect(instance.call(read([[1, 2]]))).toEqual(Uint8Array.of(1, 2));
    expect(instance.call(read(["ab"]))).toEqual(Uint8Array.of(97, 98));
    for (const wrong of [[1], [1, 2, 3], "abc", Uint8Array.of(1)]) {
      expect(() => read([wrong])).toThrow("expected list<u8, 2> (2 items)");
    }
  });
});
