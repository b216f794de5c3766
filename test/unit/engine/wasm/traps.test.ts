import { describe, expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { GuestExit } from "../../../../src/core/exit.ts";
import { translateTrap } from "../../../../src/engine/wasm/traps.ts";
import { coreInstance, failureOf, guest } from "./support.ts";

describe("each trap of V8 has its code", () => {
  test.each([
    ["unreachable", "TRAP_UNREACHABLE"],
    ["oob_memory", "TRAP_MEMORY_OUT_OF_BOUNDS"],
    ["oob_memory_fill", "TRAP_MEMORY_OUT_OF_BOUNDS"],
    ["oob_table", "TRAP_TABLE_OUT_OF_BOUNDS"],
    ["indirect_null", "TRAP_INDIRECT_CALL_TYPE"],
    ["indirect_type", "TRAP_INDIRECT_CALL_TYPE"],
    ["div_zero", "TRAP_DIVIDE_BY_ZERO"],
    ["rem_zero", "TRAP_DIVIDE_BY_ZERO"],
    ["int_overflow", "TRAP_INTEGER_OVERFLOW"],
    ["bad_conversion", "TRAP_BAD_CONVERSION"],
    ["conversion_overflow", "TRAP_BAD_CONVERSION"],
  ])("%s: %s", async (method, code) => {
    const instance = await coreInstance({ bytes: guest("wat/unreachable.wasm"), method });
    const failure = await failureOf(() => instance.call([]));
    expect(failure.code).toBe(code);
    expect(failure.guestStack).toBe(`test:guest.${method}`);
    expect(failure.retryable).toBe(false);
  });

  const written: readonly (readonly [code: string, body: string])[] = [
    [
      "TRAP_NULL_REFERENCE",
      '(type $s (struct (field i32))) (func (export "f") (result i32) (struct.get $s 0 (ref.null $s)))',
    ],
    [
      "TRAP_BAD_CAST",
      '(type $s (struct)) (type $a (array i32)) (func (export "f") (drop (ref.cast (ref $s) (array.new_default $a (i32.const 1)))))',
    ],
    [
      "TRAP_ARRAY_OUT_OF_BOUNDS",
      '(type $a (array i32)) (func (export "f") (result i32) (array.get $a (array.new_default $a (i32.const 1)) (i32.const 1)))',
    ],
    ["TRAP_UNALIGNED", '(memory 1 1 shared) (func (export "f") (result i32) (i32.atomic.load (i32.const 1)))'],
    ["TRAP_GUEST_EXCEPTION", '(tag $e) (func (export "f") (throw $e))'],
  ];
  test.each(written)("%s", async (code, body) => {
    const instance = await coreInstance({ bytes: `(module ${body})`, method: "f" });
    expect((await failureOf(() => instance.call([]))).code).toBe(code);
  });

  test("a stack overflow is told from traps, and the thread lives on", async () => {
    const instance = await coreInstance({ bytes: guest("wat/recurse.wasm"), method: "forever" });
    const failure = await failureOf(() => instance.call([]));
    expect(failure.code).toBe("STACK_OVERFLOW");
    expect(failure.guestStack).toContain("test:guest.forever");
    expect((await coreInstance({ bytes: guest("wat/recurse.wasm"), method: "answer" })).call([])).toBe(42);
  });
});

test("a module without names is shown by its exports", async () => {
  const instance = await coreInstance({
    bytes: guest("c/greet/greet.wasm"),
    method: "trap",
    wit: "trap: func(at: u32, size: u32) -> u64",
  });
  expect((await failureOf(() => instance.call([0, 0]))).guestStack).toBe("test:guest.trap");
});

test("a failure of a host, and the guest's own exit, pass unchanged", async () => {
  for (const thrown of [new WeftError("PERMISSION_DENIED", "no"), new GuestExit(3)]) {
    const throws = () => {
      throw thrown;
    };
    const instance = await coreInstance({
      bytes: guest("wat/imports-env.wasm"),
      method: "use_f",
      imports: { env: { f: throws } },
    });
    expect(() => instance.call([1])).toThrow(thrown);
  }
});

test("a bug of a host is a failure of kind Internal with the guest's stack", async () => {
  const throws = () => {
    throw new TypeError("broken host");
  };
  const instance = await coreInstance({
    bytes: guest("wat/imports-env.wasm"),
    method: "use_f",
    imports: { env: { f: throws } },
  });
  const failure = await failureOf(() => instance.call([1]));
  expect([failure.code, failure.guestStack]).toEqual(["INTERNAL", "test:guest.use_f"]);
  expect(failure.message).toContain("broken host");
});

test("what is no error at all is still a failure", () => {
  expect(translateTrap("text", { name: "a:b" })).toMatchObject({ code: "INTERNAL", message: "a:b: text" });
});
