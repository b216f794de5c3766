import { describe, expect, test } from "vitest";
import { coreInstance, failureOf } from "./support.ts";

type Lane = "i32" | "i64";

/** A plugin by the convention `allocate`, `f(ptr, len) -> (ptr << 32) | len`, whose `shout` writes capitals. */
function plugin(params: readonly [Lane, Lane], size: Lane, at: Lane = "i32"): string {
  const narrow = (lane: Lane, get: string): string => (lane === "i64" ? `(i32.wrap_i64 ${get})` : get);
  const wide = (lane: Lane, get: string): string => (lane === "i64" ? `(i64.extend_i32_u ${get})` : get);
  return `(module
    (memory (export "memory") 1)
    (global $heap (mut i32) (i32.const 1024))
    (func (export "allocate") (param $size ${size}) (result ${at})
      ${wide(at, "(global.get $heap)")}
      (global.set $heap (i32.add (global.get $heap) ${narrow(size, "(local.get $size)")})))
    (func (export "shout") (param $p ${params[0]}) (param $n ${params[1]}) (result i64)
      (local $at i32) (local $end i32)
      (local.set $at ${narrow(params[0], "(local.get $p)")})
      (local.set $end (i32.add (local.get $at) ${narrow(params[1], "(local.get $n)")}))
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (if (i32.and (i32.ge_u (i32.load8_u (local.get $at)) (i32.const 97)) (i32.le_u (i32.load8_u (local.get $at)) (i32.const 122)))
          (then (i32.store8 (local.get $at) (i32.sub (i32.load8_u (local.get $at)) (i32.const 32)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
      (i64.or
        (i64.shl (i64.extend_i32_u ${narrow(params[0], "(local.get $p)")}) (i64.const 32))
        (i64.extend_i32_u ${narrow(params[1], "(local.get $n)")})))
    (func (export "beyond") (param i32 i32) (result i64) (i64.const 0x7fffffff00000010))
    (func (export "bad") (param i32 i32) (result i64)
      (i32.store8 (i32.const 0) (i32.const 255)) (i64.const 1)))`;
}

const text = "shout: func(input: string) -> string;";

describe("text in, text out by address and length in one number", () => {
  test.each([
    [["i32", "i32"], "i32", "i32"],
    [["i64", "i64"], "i64", "i64"],
    [["i64", "i32"], "i32", "i64"],
    [["i32", "i64"], "i64", "i32"],
  ] as const)("with lanes of %s, sizes of %s, addresses of %s", async (params, size, at) => {
    const instance = await coreInstance({ bytes: plugin(params, size, at), method: "shout", wit: text });
    expect([instance.call(["grüß dich"]), instance.call([""]), instance.call(["x".repeat(30_000)])]).toEqual([
      "GRüß DICH",
      "",
      "X".repeat(30_000),
    ]);
  });

  test("bytes stay bytes, whatever they are", async () => {
    const wit = "shout: func(input: list<u8>) -> list<u8>;";
    const instance = await coreInstance({ bytes: plugin(["i32", "i32"], "i32"), method: "shout", wit });
    expect(instance.call([Uint8Array.of(0, 255, 97)])).toEqual(Uint8Array.of(0, 255, 65));
  });

  test.each([
    ["beyond", "TRAP_MEMORY_OUT_OF_BOUNDS", "the result of 16 bytes"],
    ["bad", "TRAP_INVALID_VALUE", "no valid UTF-8"],
  ])("%s traps with %s", async (method, code, message) => {
    const wit = `${method}: func(input: string) -> string;`;
    const instance = await coreInstance({ bytes: plugin(["i32", "i32"], "i32"), method, wit });
    expect(await failureOf(() => instance.call(["x"]))).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test("an allocator that gives what is not there traps", async () => {
    const bytes = `(module (memory (export "memory") 1)
      (func (export "allocate") (param i32) (result i32) (i32.const -16))
      (func (export "f") (param i32 i32) (result i64) (i64.const 0)))`;
    const instance = await coreInstance({ bytes, method: "f", wit: "f: func(input: string) -> string;" });
    expect(await failureOf(() => instance.call(["x"]))).toMatchObject({ code: "TRAP_MEMORY_OUT_OF_BOUNDS" });
  });

  test("without an allocator the signature does not fit", async () => {
    const bytes = `(module (memory (export "memory") 1) (func (export "f") (param i32 i32) (result i64) (i64.const 0)))`;
    const wit = "f: func(input: string) -> string;";
    expect(await failureOf(() => coreInstance({ bytes, method: "f", wit }))).toMatchObject({
      code: "SIGNATURE_MISMATCH",
    });
  });
});
