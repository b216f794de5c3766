import { afterAll, describe, expect, test } from "vitest";
import type { Value } from "../../../../../src/core/values.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { callOnce, directInstance, smallComponent, trapOf } from "./small-component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const invalid = expect.objectContaining({ code: "TRAP_INVALID_VALUE" });
const letters = "abcdefghijklmnopqrstuvwxyz".split("");

/** A function of so many `u32`, each in its own place. */
function summing(count: number) {
  const params = letters.slice(0, count).map((name) => `(param "${name}" u32)`);
  const flat = count <= 16;
  const values = letters.slice(0, count).map((_, index) => {
    return flat ? `(local.get ${index})` : `(i32.load (i32.add (local.get 0) (i32.const ${index * 4})))`;
  });
  const sum = values.reduce((left, right) => `(i32.add ${left} ${right})`);
  const types = flat ? values.map(() => "i32").join(" ") : "i32";
  return {
    core: `(func (export "f") (param ${types}) (result i32) ${sum})`,
    type: `${params.join(" ")} (result u32)`,
  };
}

describe("arguments", () => {
  test.each([15, 16, 17, 26])("of %i flat values", async (count) => {
    const values = letters.slice(0, count).map((_, index) => index);
    expect(await callOnce(summing(count), values)).toBe((count * (count - 1)) / 2);
  });

  test("are counted by their flat values: nine strings spill", async () => {
    const params = letters.slice(0, 9).map((name) => `(param "${name}" string)`);
    const text = {
      core: '(func (export "f") (param i32) (result i32) (i32.load offset=68 (local.get 0)))',
      type: `${params.join(" ")} (result u32)`,
    };
    expect(await callOnce(text, ["", "", "", "", "", "", "", "", "wörter"])).toBe(7);
  });

  test("of an import spill, too, and its result comes through memory", async () => {
    const params = letters.slice(0, 17).map((name) => `(param "${name}" u8)`);
    const text = {
      before: `(type $t (tuple u32 string)) (import "host" (func $host ${params.join(" ")} (result $t)))`,
      uses: { host: { type: "(param i32 i32)", canon: "(canon lower (func $host) $options)" } },
      core: `(func (export "f") (result i32)
        (i64.store (i32.const 64) (i64.const 0x0807060504030201)) (i64.store (i32.const 72) (i64.const 0x100f0e0d0c0b0a09)) (i32.store8 (i32.const 80) (i32.const 17))
        (call $host (i32.const 64) (i32.const 32)) (i32.const 32))`,
      type: "(result $t)",
    };
    const seen: unknown[] = [];
    const host = (...args: unknown[]) => (seen.push(...args), [7, "sieben"]);
    expect(await callOnce(text, [], { imports: { host: { default: host } } })).toEqual([7, "sieben"]);
    expect(seen).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
  });
});

describe("a pointer", () => {
  const loading = (type: string, at: string) => ({
    before: `(type $t ${type})`,
    core: `(func (export "f") (result i32) (i32.const ${at}))`,
    type: "(result $t)",
  });

  test.each([
    ["is aligned", "(tuple u32 u32)", "2"],
    ["is aligned to eight for 64 bits", "(tuple u64 u8)", "4"],
    ["is inside the memory", "(tuple u32 u32)", "131072"],
    ["is inside the memory with all of its value", "(tuple u32 u32)", "131068"],
    ["has no sign", "(tuple u32 u32)", "-8"],
  ])("to a result %s", async (_, type, at) => {
    expect(await trapOf(loading(type, at))).toEqual(invalid);
  });

  test("to a result may be the last", async () => {
    expect(await callOnce(loading("(tuple u32 u32)", "131064"))).toEqual([0, 0]);
  });

  test.each([
    ["is aligned", "66", "1", "(list u32)"],
    ["is inside the memory", "131072", "1", "(list u32)"],
    ["is inside the memory with all of the list", "131068", "2", "(list u32)"],
    ["does not overflow", "64", "0x40000000", "(list u64)"],
    ["is inside the memory, of bytes", "131071", "2", "(list u8)"],
  ])("to a list %s", async (_, at, length, type) => {
    const core = `(func (export "f") (result i32) (i32.store (i32.const 16) (i32.const ${at})) (i32.store (i32.const 20) (i32.const ${length})) (i32.const 16))`;
    expect(await trapOf({ before: `(type $t ${type})`, core, type: "(result $t)" })).toEqual(invalid);
  });

  test.each([
    ["aligned", "65"],
    ["inside the memory", "131072"],
    ["inside the memory, as far as it reaches", "131069"],
  ])("of an import's result is %s", async (_, at) => {
    const text = {
      before: '(type $t (tuple u32 u32)) (import "host" (func $host (result $t)))',
      uses: { host: { type: "(param i32)", canon: "(canon lower (func $host) $options)" } },
      core: `(func (export "f") (call $host (i32.const ${at})))`,
      type: "",
    };
    expect(await trapOf(text, [], { imports: { host: { default: () => [1, 2] } } })).toEqual(invalid);
  });
});

describe("an allocator", () => {
  const allocating = (realloc: string) => `(component
    (core module $m (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${realloc})
      (func (export "f") (param i32 i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m))
    (type $l (list u32))
    (func (export "f") (param "xs" $l) (result u32)
      (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))`;

  test.each([
    ["is aligned", "(i32.const 2)"],
    ["is inside the memory", "(i32.const 65536)"],
    ["has room", "(i32.const 65532)"],
    ["has no sign", "(i32.const -4)"],
  ])("gives room that %s", async (_, realloc) => {
    expect(await trapOf(allocating(realloc), [[1, 2]])).toEqual(invalid);
  });

  test("is told alignment and size, and may grow the memory meanwhile", async () => {
    const told = allocating(`(i32.add (i32.mul (i32.const 1000) (local.get 2)) (local.get 3))`);
    expect(await callOnce(told, [[1, 2, 3]])).toBe(4_012);
    const grows = allocating("(i32.mul (memory.grow (i32.const 1)) (i32.const 65536))");
    expect(await callOnce(grows, [[1, 2, 3]])).toBe(65_536);
  });
});

describe("what a guest brings out is bounded", () => {
  const claiming = (type: string, depth: number) => {
    // Lists of lists that all claim the same bytes.
    const core = `(func (export "f") (result i32) (local $at i32)
      (local.set $at (i32.const 64))
      (loop
        (i32.store (local.get $at) (i32.const 64)) (i32.store offset=4 (local.get $at) (i32.const 8000))
        (br_if 0 (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 64064))))
      (i32.const 64))`;
    const lists = Array.from(
      { length: depth },
      (_, index) => `(type $l${index} (list ${index === 0 ? type : `$l${index - 1}`}))`,
    );
    return { before: lists.join(" "), core, type: `(result $l${depth - 1})` };
  };

  test.each([
    ["(list u8)", claiming("u8", 4)],
    ["numbers", claiming("u32", 3)],
    ["empty tuples of bytes, which are large outside", claiming("bool", 4)],
  ])("%s", async (_, text) => {
    expect((await trapOf(text)).message).toContain("larger than 268435455 bytes");
  });

  test("each call has it all anew", async () => {
    const core =
      '(func (export "f") (result i32) (i32.store (i32.const 16) (i32.const 32)) (i32.store (i32.const 20) (i32.const 131040)) (i32.const 16))';
    const instance = await directInstance(
      smallComponent({ before: "(type $l (list bool))", core, type: "(result $l)" }),
    );
    for (let round = 0; round < 300; round++) {
      const result: Value = await instance.call([]);
      if (round % 100 === 0) expect(result).toHaveLength(131_040);
    }
  });
});

describe("jco's glue bounds what a list brings out", () => {
  /** A list of `count` lists, all of which are the same `size` bytes. */
  const overlapping = (count: number, size: number) => `(component
    (core module $m (memory (export "memory") 32)
      (func (export "f") (result i32) (local $i i32)
        (loop $next
          (i32.store offset=64 (i32.mul (local.get $i) (i32.const 8)) (i32.const 0))
          (i32.store offset=68 (i32.mul (local.get $i) (i32.const 8)) (i32.const ${size}))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (i32.const ${count}))))
        (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const ${count}))
        (i32.const 0)))
    (core instance $i (instantiate $m))
    (func (export "f") (result TYPE) (canon lift (core func $i "f") (memory (core memory $i "memory")))))`;

  const making = { engine: "jco" } as const;

  test.each(["(list (list u8))", "(list (list u64))"])("%s", async (type) => {
    const many = overlapping(10_000, 100_000).replace("TYPE", type);
    expect(await trapOf(many, [], making)).toMatchObject({
      code: "TRAP_INVALID_VALUE",
      message: expect.stringContaining("larger than 268435455 bytes"),
    });
  });

  test("and the next list has all of it again", async () => {
    const instance = await directInstance(overlapping(10, 1_000_000).replace("TYPE", "(list (list u8))"), making);
    for (let round = 0; round < 30; round++) expect(await instance.call([])).toHaveLength(10);
  });
});
