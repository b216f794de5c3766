import { describe, expect, test } from "vitest";
import { coerceWord, coerceWords } from "../../../src/wit/coerce.ts";
import { parseWit } from "../../../src/wit/parse/parse.ts";
import type { WitFunction } from "../../../src/wit/types.ts";

function signatureOf(params: string): WitFunction {
  const text = `record p { x: u64, y: option<f64> } flags fl { r, w } variant v { a, b(u8) } enum e { red, green } f: func(${params});`;
  const [signature] = parseWit(text).functions;
  if (signature === undefined) throw new Error("no function");
  return signature;
}

describe("a word is read by the type of its parameter", () => {
  test.each([
    ["u32", "12", 12],
    ["s8", "-0x1", undefined],
    ["s16", "-5", -5],
    ["u16", "0xff", 255],
    ["u64", "18446744073709551615", 18446744073709551615n],
    ["f64", "1e3", 1000],
    ["f32", "-inf", -Infinity],
    ["bool", "true", true],
    ["string", "true", "true"],
    ["string", "", ""],
    ["char", "7", "7"],
    ["e", "green", "green"],
    ["e", "1", "green"],
    ["option<u8>", "5", 5],
    ["option<u8>", "null", null],
    ["option<u8>", "", null],
    ["option<string>", "", ""],
    ["option<option<u8>>", '{"some": 1}', { some: 1 }],
    ["fl", "r,w", { r: true, w: true }],
    ["fl", "2", { w: true }],
    ["fl", "", {}],
    ["fl", '["r"]', { r: true }],
    ["v", "a", "a"],
    ["v", '{"b": 3}', { b: 3 }],
    ["result<u8>", '{"ok": 1}', { ok: 1 }],
    ["result", "ok", { ok: true }],
    ["list<u8>", "hi", Uint8Array.of(104, 105)],
    ["list<u8>", "[1, 2]", Uint8Array.of(1, 2)],
    ["list<u32>", "[1, 2]", [1, 2]],
    ["tuple<u8, string>", '[1, "a"]', [1, "a"]],
    ["p", '{"x": 12345678901234567890}', { x: 12345678901234567890n, y: null }],
  ])("%s takes %s", (type, word, expected) => {
    const coerced = () => coerceWords(signatureOf(`x: ${type}`), [word]);
    if (expected === undefined) expect(coerced).toThrow("expected");
    else expect(coerced()).toEqual([expected]);
  });

  test("trailing options may be left out", () => {
    expect(coerceWords(signatureOf("a: u8, b: option<u8>"), ["1"])).toEqual([1, null]);
  });
});

describe("a word that does not fit is an error with parameter and type", () => {
  test.each([
    ["n: u8", ["abc"], 'argument 1 "n": expected u8 (0 to 255), got string "abc" (in app:f: func(n: u8))'],
    ["n: u8", ["300"], 'argument 1 "n": expected u8 (0 to 255), got number 300 (in app:f: func(n: u8))'],
    ["b: bool", ["yes"], 'argument 1 "b": expected bool, got string "yes" (in app:f: func(b: bool))'],
    ["s: string, p: p", ["x", "{"], 'argument 2 "p": expected p as JSON: '],
    ["x: fl", ["q"], 'argument 1 "x"[0]: expected flags fl ("r", "w"), got string "q" (in app:f: func(x: fl))'],
    ["x: u8", ["1", "2"], "expected 1 argument, got 2 (in app:f: func(x: u8))"],
    ["", ["2"], "expected 0 arguments, got 1 (in app:f: func())"],
    ["x: u64", ["9".repeat(50)], 'argument 1 "x": expected u64 (0 to 18446744073709551615), got string'],
  ])("(%s) given %j", (params, words, message) => {
    expect(() => coerceWords(signatureOf(params), words, { id: "app:f" })).toThrow(message);
  });
});

test("without a type a word is JSON if it parses, else the text", () => {
  expect(coerceWord('{"a": [1, null]}')).toEqual({ a: [1, null] });
  expect(coerceWord("12345678901234567890")).toBe(12345678901234567890n);
  expect(coerceWord("hello world")).toBe("hello world");
  expect(coerceWord("")).toBe("");
});
