import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WeftError } from "../../../../../src/core/errors.ts";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { InvalidModuleError } from "../../../../../src/engine/wasm/binary/invalid-module.ts";
import { chooseEngine, prepareComponent } from "../../../../../src/engine/wasm/component/prepare.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";

const preamble = Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await prepareComponent(bytes, { name: "test:bytes", method: "f" });
  } catch (thrown) {
    if (thrown instanceof InvalidModuleError || thrown instanceof WeftError) return thrown.message;
    throw thrown;
  }
  return "accepted";
}

test("random bytes behind the head of a component are refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (noise) => {
      expect(await refusal(Buffer.concat([preamble, noise]))).not.toBe("accepted");
    }),
    { numRuns: 500 },
  );
});

test("random sections, whose sizes are right, are refused or have no method", async () => {
  const section = fc.tuple(fc.nat(12), fc.uint8Array({ maxLength: 40 }));
  await fc.assert(
    fc.asyncProperty(fc.array(section, { minLength: 1, maxLength: 6 }), async (sections) => {
      const parts = sections.map(([id, body]) => Buffer.concat([Buffer.of(id, body.length), body]));
      expect(await refusal(Buffer.concat([preamble, ...parts]))).not.toBe("accepted");
    }),
    { numRuns: 2_000 },
  );
});

const plain = `(core module $m (func (export "f") (result i32) (i32.const 3))) (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f")))`;

describe("what is large has a bound", () => {
  test("thousands of types are read, and cost what they cost", async () => {
    const types = Array.from(
      { length: 20_000 },
      (_, index) => `(type $t${index} (record (field "a" u32) (field "b" string)))`,
    );
    const program = await prepareComponent(await assemble(`(component ${types.join(" ")} ${plain})`, "t"), {
      name: "test:types",
      method: "f",
    });
    expect((await linkComponent(program).instantiate({})).call([])).toBe(3);
  });

  /** A component so many levels deep. */
  function nested(levels: number): Buffer {
    let bytes = preamble;
    for (let level = 0; level < levels; level++)
      bytes = Buffer.concat([preamble, Buffer.of(4), leb(bytes.length), bytes]);
    return bytes;
  }

  test("components nested in each other", () => {
    expect(chooseEngine(nested(32))).toMatchObject({ engine: "direct" });
    expect(() => chooseEngine(nested(33))).toThrow("components nested more than 32 deep");
  });

  /** The type of an instance that exports the type of an instance, and so on. */
  function nestedTypes(levels: number): Buffer {
    let type = Buffer.of(0x42, 0);
    for (let level = 0; level < levels; level++) type = Buffer.concat([Buffer.of(0x42, 1, 1), type]);
    const body = Buffer.concat([Buffer.of(1), type]);
    return Buffer.concat([preamble, Buffer.of(7), leb(body.length), body]);
  }

  test("types nested in each other", () => {
    expect(chooseEngine(nestedTypes(31))).toMatchObject({ engine: "direct" });
    expect(() => chooseEngine(nestedTypes(32))).toThrow("types nested more than 32 deep");
  });

  test("values nested in each other", async () => {
    const levels = (count: number) =>
      Array.from({ length: count }, (_, index) => `(type $t${index + 1} (list $t${index}))`).join(" ");
    const text = (count: number) => `(component (type $t0 (list u8)) ${levels(count)} ${plain})`;
    expect(await refusal(await assemble(text(98), "t"))).toBe("accepted");
    expect(await refusal(await assemble(text(99), "t"))).toContain("a type more than 100 levels deep");
  });

  test("a list of fixed length counts as many parts", async () => {
    const text = (count: number) => `(component (type (list u64 ${count})) ${plain})`;
    expect(await refusal(await assemble(text(9_000), "t"))).toBe("accepted");
    expect(await refusal(await assemble(text(4_000_000_000), "t"))).toContain("a type of more than 10000 parts");
  });

  test("instances inside instances", async () => {
    const inside = (levels: number): string =>
      Array.from({ length: levels }, (_, level) =>
        level === 0
          ? "(component $c0)"
          : `(component $c${level} (alias outer 1 $c${level - 1} (component $x)) (instance (instantiate $x)))`,
      ).join(" ");
    const text = (levels: number) => `(component ${inside(levels)} (instance (instantiate $c${levels - 1})) ${plain})`;
    expect(await refusal(await assemble(text(60), "t"))).toBe("accepted");
    expect(await refusal(await assemble(text(70), "t"))).toContain("instantiates too much");
  });
});

function leb(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.of(...bytes, rest);
}
