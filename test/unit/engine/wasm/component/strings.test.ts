import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { callOnce, smallComponent, trapOf, type SmallComponent } from "./small-component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const invalid = expect.objectContaining({ code: "TRAP_INVALID_VALUE" });
const encodings = ["utf8", "utf16", "latin1+utf16"] as const;
const store = (at: number, value: number) => `(i32.store (i32.const ${at}) (i32.const ${value}))`;

/** Gives the bytes at 64 as a string of a pointer and a length. */
function giving(encoding: SmallComponent["encoding"], { bytes = [], at = 64, length }: Given): string {
  const written = bytes.map((byte, index) => `(i32.store8 (i32.const ${64 + index}) (i32.const ${byte}))`);
  return smallComponent({
    encoding: encoding ?? "utf8",
    core: `(func (export "f") (result i32) ${written.join(" ")} ${store(16, at)} ${store(20, length)} (i32.const 16))`,
    type: "(result string)",
  });
}

interface Given {
  readonly bytes?: readonly number[];
  readonly at?: number;
  readonly length: number;
}

describe.each(encodings)("strings of %s", (encoding) => {
  const echo = smallComponent({
    encoding,
    core: `(func (export "f") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))`,
    type: '(param "s" string) (result string)',
  });

  test.each(["", "plain", "ÿ", "wörter", "日本", "a😀b", "\0", "\uFEFFmark", "x".repeat(1_000), "ü".repeat(1_000)])(
    "%j goes through",
    async (text) => {
      expect(await callOnce(echo, [text])).toBe(text);
    },
  );

  test("lie in memory, aligned, even when they are empty", async () => {
    expect(await callOnce(giving(encoding, { at: 131_072, length: 0 }))).toBe("");
    expect(await trapOf(giving(encoding, { at: 4_000_000_000, length: 0 }))).toEqual(invalid);
    if (encoding !== "utf8") expect(await trapOf(giving(encoding, { at: 65, length: 0 }))).toEqual(invalid);
  });

  test.each([
    ["begin", 131_072, 1],
    ["end", 131_070, 3],
    ["end, with the largest length,", 64, -1],
    ["begin, at the largest address,", -2, 2],
  ])("must not %s outside the memory", async (_, at, length) => {
    expect(await trapOf(giving(encoding, { at, length }))).toEqual(invalid);
  });

  test("may end where the memory ends", async () => {
    const units = encoding === "utf16" ? 1 : 2;
    expect(await callOnce(giving(encoding, { at: 131_070, length: units }))).toBe("\0".repeat(units));
  });
});

describe("strings of UTF-8 are well-formed", () => {
  test.each([
    ["a lone continuation", [0x80]],
    ["a cut sequence", [0xe6, 0x97]],
    ["an overlong sequence", [0xc0, 0x80]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["0xff", [0xff]],
    ["a bad byte after much that is good", [...Buffer.from("good ".repeat(20)), 0xff]],
  ])("%s traps", async (_, bytes) => {
    expect(await trapOf(giving("utf8", { bytes, length: bytes.length }))).toEqual(invalid);
  });

  test("a replacement character is one like any other", async () => {
    const bytes = [...Buffer.from("\uFFFD")];
    expect(await callOnce(giving("utf8", { bytes, length: 3 }))).toBe("\uFFFD");
  });
});

test.each(["utf8", "utf16", "latin1+utf16"] as const)(
  "half a surrogate pair reaches no guest in %s",
  async (encoding) => {
    const echo = smallComponent({
      encoding,
      core: `(func (export "f") (param i32 i32) (result i32)
      (i32.store (i32.const 64) (local.get 0)) (i32.store (i32.const 68) (local.get 1)) (i32.const 64))`,
      type: '(param "s" string) (result string)',
    });
    expect(await callOnce(echo, ["a\udc00b\ud83d"])).toBe("a\uFFFDb\uFFFD");
  },
);

describe.each(["utf16", "latin1+utf16"] as const)("units of %s", (encoding) => {
  const tag = encoding === "utf16" ? 0 : -0x8000_0000;

  test.each([
    ["a high surrogate alone", [0x00, 0xd8]],
    ["a low surrogate alone", [0x00, 0xdc]],
    ["two that are swapped", [0x00, 0xdc, 0x00, 0xd8]],
  ])("%s traps", async (_, bytes) => {
    expect(await trapOf(giving(encoding, { bytes, length: tag + bytes.length / 2 }))).toEqual(invalid);
  });

  test("a pair of surrogates is one character", async () => {
    const bytes = [0x3d, 0xd8, 0x00, 0xde];
    expect(await callOnce(giving(encoding, { bytes, length: tag + 2 }))).toBe("😀");
  });

  test("strings are aligned to two", async () => {
    expect(await trapOf(giving(encoding, { at: 65, length: tag + 1 }))).toEqual(invalid);
    expect(await callOnce(giving(encoding, { at: 66, length: tag + 1 }))).toBe("\0");
  });
});

test("latin1+utf16 is Latin-1 without the tag, and the host writes it so where it can", async () => {
  expect(await callOnce(giving("latin1+utf16", { bytes: [0xff, 0x41], length: 2 }))).toBe("ÿA");
  const length = smallComponent({
    encoding: "latin1+utf16",
    core: '(func (export "f") (param i32 i32) (result i32) (local.get 1))',
    type: '(param "s" string) (result u32)',
  });
  expect(await callOnce(length, ["ÿÿÿ"])).toBe(3);
  expect(await callOnce(length, ["日"])).toBe(0x8000_0001);
});
