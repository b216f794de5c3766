import { describe, expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { GuestExit } from "../../../../src/core/exit.ts";
import { InvalidModuleError } from "../../../../src/engine/wasm/binary/invalid-module.ts";
import { core, coreInstance, failureOf, guest } from "./support.ts";

const records = `record user-record { id: u32, name: string, tags: list<string>, active: bool }
  record user-output { id: u32, display-name: string, tag-count: u32, active: bool }
  transform-users: func(users: list<user-record>) -> list<user-output>;`;

describe("calls by a WIT signature", () => {
  test("records with strings and lists go in and come out", async () => {
    const instance = await coreInstance({
      bytes: guest("c/records/records.wasm"),
      method: "transform-users",
      wit: records,
    });
    const users = [{ id: 7, name: "Ada", tags: ["a", "b"], active: true }];
    const [output] = Object.values((await instance.call([users])) ?? {});
    expect(output).toMatchObject({ id: 7, "tag-count": 2, active: true });
  });

  test.each(["records", "records-allocate", "records-alloc"])(
    "%s: results arrive and the guest's heap is empty after",
    async (name) => {
      const bytes = guest(`c/records/${name}.wasm`);
      const echo = await coreInstance({ bytes, method: "echo", wit: "echo: func(s: string) -> string" });
      const long = "wörter ".repeat(100);
      expect(echo.call([long])).toBe(long);
      const sum = await coreInstance({ bytes, method: "sum", wit: "sum: func(xs: list<s32>) -> s64" });
      expect(sum.call([[1, -2, 2_000_000_000, 2_000_000_000]])).toBe(3_999_999_999);
    },
  );

  test("what `allocate` gave is given back", async () => {
    const text = `(module (memory (export "memory") 1) (global $live (mut i32) (i32.const 0))
      (func (export "allocate") (param i32) (result i32)
        (global.set $live (i32.add (global.get $live) (i32.const 1))) (i32.const 16))
      (func (export "deallocate") (param i32 i32) (global.set $live (i32.sub (global.get $live) (i32.const 1))))
      (func (export "live") (param i32 i32) (result i32) (global.get $live)))`;
    const instance = await coreInstance({ bytes: text, method: "live", wit: "live: func(s: string) -> u32" });
    expect([instance.call(["x"]), instance.call(["y"])]).toEqual([1, 1]);
  });

  test("post-return runs after the result was read", async () => {
    const { memory } = (
      await core({ bytes: guest("wat/strings.wasm"), method: "echo", wit: "echo: func(s: string) -> string" })
    ).abi;
    expect(memory).toBe("memory");
    const instance = await coreInstance({
      bytes: guest("wat/strings.wasm"),
      method: "concat",
      wit: "concat: func(a: string, b: string) -> string",
    });
    for (let round = 0; round < 2000; round++) void instance.call(["x".repeat(50), "y".repeat(50)]);
    expect(instance.call(["a", "é"])).toBe("aé");
  });

  test.each([
    '(memory (export "memory") 1 200)',
    '(memory (export "memory") 0)',
    '(memory (export "memory") 1 200 shared)',
  ])("a memory that grows while values pass: %s", async (memory) => {
    const text = `(module ${memory} (global $top (mut i32) (i32.const 8))
        (func $alloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
          (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
          (global.set $top (i32.add (local.get $at) (local.get 3)))
          (drop (memory.grow (i32.const 1)))
          (local.get $at))
        (func (export "echo") (param i32 i32) (result i32)
          (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (drop (memory.grow (i32.const 1)))
          (i32.const 0)))`;
    const instance = await coreInstance({
      bytes: text,
      method: "echo",
      wit: "echo: func(v: list<string>) -> list<string>",
    });
    const words = Array.from({ length: 50 }, (_, index) => `word ${index}`);
    expect(instance.call([words])).toEqual(words);
  });

  test("more than sixteen flat parameters travel in memory", async () => {
    const params = Array.from({ length: 17 }, (_, index) => `p${index}: u64`).join(", ");
    const text = `(module (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 128))
      (func (export "last") (param $at i32) (result i64) (i64.load offset=128 (local.get $at))))`;
    const instance = await coreInstance({ bytes: text, method: "last", wit: `last: func(${params}) -> u64` });
    expect(instance.call(Array.from({ length: 17 }, (_, index) => index))).toBe(16);
  });

  test("the method is found in other spellings", async () => {
    const program = await core({
      bytes: guest("wat/many.wasm"),
      method: "transform-users",
      wit: "transform-users: func() -> s32",
    });
    expect(program.method).toBe("transform_users");
  });

  test("a signature that does not fit is explained with both types", async () => {
    const failure = await failureOf(() =>
      core({ bytes: guest("wat/arith.wasm"), method: "add", wit: "add: func(a: s64, b: s64) -> s64" }),
    );
    expect(failure.code).toBe("SIGNATURE_MISMATCH");
    expect(failure.message).toContain("(i32, i32) -> i32");
    expect(failure.message).toContain("(i64, i64) -> i64");
  });

  test("a string needs a memory and an allocator", async () => {
    const text = `(module (func (export "f") (param i32 i32)))`;
    const bare = await failureOf(() => core({ bytes: text, method: "f", wit: "f: func(s: string)" }));
    expect(bare.message).toContain("memory");
    const withMemory = `(module (memory (export "memory") 1) (func (export "f") (param i32 i32)))`;
    const noHeap = await failureOf(() => core({ bytes: withMemory, method: "f", wit: "f: func(s: string)" }));
    expect(noHeap.message).toContain("cabi_realloc");
  });
});

describe("calls without a signature", () => {
  test("numbers go in and out by their WebAssembly types", async () => {
    const bytes = guest("wat/arith.wasm");
    expect((await coreInstance({ bytes, method: "add" })).call([1, -2])).toBe(-1);
    expect((await coreInstance({ bytes, method: "add64" })).call([2n ** 62n, 5])).toBe(2n ** 62n + 5n);
    expect((await coreInstance({ bytes, method: "add64" })).call([1, 2])).toBe(3);
    expect((await coreInstance({ bytes, method: "half" })).call([3])).toBe(1.5);
    expect((await coreInstance({ bytes, method: "divmod" })).call([17, 5])).toEqual([3, 2]);
    expect((await coreInstance({ bytes, method: "nothing" })).call([])).toBeNull();
  });

  test.each([
    [[1], "expected 2 arguments, got 1"],
    [[1, "x"], "argument 2: expected an integer (i32), got string"],
    [[1, 1.5], "argument 2: expected an integer (i32), got 1.5"],
    [[2 ** 32, 1], "argument 1: expected an integer (i32), got 4294967296"],
  ])("%j is refused and the instance lives on", async (args, message) => {
    const instance = await coreInstance({ bytes: guest("wat/arith.wasm"), method: "add" });
    const failure = await failureOf(() => instance.call(args));
    expect(failure.code).toBe("INVALID_ARGUMENT");
    expect(failure.message).toContain(message);
    expect(failure.message).toContain("add(i32, i32)");
    expect(instance.call([1, 2])).toBe(3);
  });

  test("an export that takes a v128 cannot be called", async () => {
    const text = `(module (func (export "f") (param v128)))`;
    expect((await failureOf(() => core({ bytes: text, method: "f" }))).code).toBe("SIGNATURE_MISMATCH");
  });
});

describe("finding the method", () => {
  test("a missing one lists the exports and the nearest", async () => {
    const failure = await failureOf(() => core({ bytes: guest("wat/arith.wasm"), method: "ad" }));
    expect(failure.code).toBe("METHOD_NOT_FOUND");
    expect(failure.message).toContain('did you mean "add"');
    expect(failure.message).toContain("divmod");
  });

  test.each(["constructor", "__proto__", "café", "kebab-case", "camelCase"])(
    "%s is a name like any other",
    async (method) => {
      const instance = await coreInstance({ bytes: guest("wat/many.wasm"), method });
      expect(typeof instance.call([])).toBe("number");
    },
  );
});

describe("instances", () => {
  test("a reactor's _initialize runs once", async () => {
    expect((await coreInstance({ bytes: guest("wat/initialize.wasm"), method: "ready" })).call([])).toBe(1);
    const suspending = await coreInstance({
      bytes: guest("wat/initialize.wasm"),
      method: "ready",
      options: { suspending: new Set(["some import"]) },
    });
    expect(await suspending.call([])).toBe(1);
  });

  test("a start function runs, and its trap is one of the instance", async () => {
    expect((await coreInstance({ bytes: guest("wat/start.wasm"), method: "started" })).call([])).toBe(7);
    const failure = await failureOf(() => coreInstance({ bytes: guest("wat/start-trap.wasm"), method: "answer" }));
    expect(failure.code).toBe("TRAP_UNREACHABLE");
  });

  test("imported memories, tables and globals are made to fit", async () => {
    const instance = await coreInstance({
      bytes: guest("wat/imports-memory.wasm"),
      method: "peek",
      wit: "peek: func(at: u32) -> u32",
    });
    expect(instance.call([8])).toBe(0);
  });

  test("an import that nothing provides traps only when it is called", async () => {
    const bytes = guest("wat/imports-env.wasm");
    expect((await coreInstance({ bytes, method: "answer" })).call([])).toBe(42);
    const failure = await failureOf(async () => (await coreInstance({ bytes, method: "use_f" })).call([1]));
    expect(failure.code).toBe("TRAP_MISSING_IMPORT");
    expect(failure.message).toContain("env.f");
  });

  test("an import that was not granted fails as the runtime says", async () => {
    const denied = (module: string) => new WeftError("IMPORT_DENIED", `add "${module}" to its imports`);
    const instance = await coreInstance({ bytes: guest("wat/imports-env.wasm"), method: "use_f", link: { denied } });
    const failure = await failureOf(() => instance.call([1]));
    expect([failure.code, failure.message]).toEqual(["IMPORT_DENIED", 'add "env" to its imports']);
  });

  test("a given import is called, and may suspend", async () => {
    const bytes = guest("wat/imports-env.wasm");
    const direct = await coreInstance({ bytes, method: "use_f", imports: { env: { f: (n: number) => n + 1 } } });
    expect(direct.call([1])).toBe(2);
    const wait = async (n: number) => await Promise.resolve(n + 10);
    const suspended = await coreInstance({
      bytes,
      method: "use_f",
      wit: "use-f: func(a: s32) -> s32",
      imports: { env: { f: wait } },
      options: { suspending: new Set(["f"]) },
    });
    expect(await suspended.call([1])).toBe(11);
  });

  test("a guest that waits where it cannot gets TRAP_CANNOT_SUSPEND", async () => {
    const wait = new WebAssembly.Suspending(async () => await Promise.resolve(1));
    const instance = await coreInstance({
      bytes: guest("wat/imports-env.wasm"),
      method: "use_f",
      imports: { env: { f: wait } },
    });
    expect((await failureOf(() => instance.call([1]))).code).toBe("TRAP_CANNOT_SUSPEND");
  });

  test("one that trapped is not called again", async () => {
    const instance = await coreInstance({ bytes: guest("wat/unreachable.wasm"), method: "unreachable" });
    await failureOf(() => instance.call([]));
    const again = await failureOf(() => instance.call([]));
    expect(again.message).toContain("failed in an earlier call");
  });

  test("one in a call takes no other, and a disposed one none", async () => {
    const wait = async () => await Promise.resolve(1);
    const instance = await coreInstance({
      bytes: guest("wat/imports-env.wasm"),
      method: "use_f",
      imports: { env: { f: wait } },
      options: { suspending: new Set(["f"]) },
    });
    const first = instance.call([1]);
    expect((await failureOf(() => instance.call([1]))).message).toContain("in a call already");
    expect(await first).toBe(1);
    instance[Symbol.dispose]();
    expect((await failureOf(() => instance.call([1]))).message).toContain("disposed");
  });
});

describe("commands", () => {
  const command = `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (func (export "_start") (call $exit (i32.const 0))))`;
  const exits = (status: number) => ({
    wasi_snapshot_preview1: {
      proc_exit: () => {
        throw new GuestExit(status);
      },
    },
  });

  test("status 0 and a normal end are the result 0", async () => {
    expect((await coreInstance({ bytes: command, method: "_start", imports: exits(0) })).call([])).toBe(0);
    expect((await coreInstance({ bytes: `(module (func (export "_start")))`, method: "_start" })).call([])).toBe(0);
    const suspending = await coreInstance({
      bytes: command,
      method: "_start",
      imports: exits(0),
      options: { suspending: new Set(["proc_exit"]) },
    });
    expect(await suspending.call([])).toBe(0);
  });

  test("another status is thrown on", async () => {
    const instance = await coreInstance({ bytes: command, method: "_start", imports: exits(3) });
    expect(() => instance.call([])).toThrow(GuestExit);
  });
});

describe("values that break the canonical ABI", () => {
  const cases: readonly (readonly [what: string, wit: string, results: string])[] = [
    ["a string outside the memory", "f: func() -> string", "(i32.store (i32.const 4) (i32.const 70000)) (i32.const 0)"],
    [
      "a pointer near the end of 32 bits",
      "f: func() -> string",
      "(i32.store (i32.const 0) (i32.const -4)) (i32.store (i32.const 4) (i32.const 8)) (i32.const 0)",
    ],
    ["a return area outside the memory", "f: func() -> string", "(i32.const 65533)"],
    ["a return area that is not aligned", "f: func() -> string", "(i32.const 2)"],
    [
      "a list that is not aligned",
      "f: func() -> list<u32>",
      "(i32.store (i32.const 0) (i32.const 2)) (i32.store (i32.const 4) (i32.const 1)) (i32.const 0)",
    ],
    [
      "a list longer than the memory",
      "f: func() -> list<bool>",
      "(i32.store (i32.const 4) (i32.const -1)) (i32.const 0)",
    ],
    [
      "invalid UTF-8",
      "f: func() -> string",
      "(i32.store8 (i32.const 16) (i32.const 255)) (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1)) (i32.const 0)",
    ],
    [
      "a discriminant without a case",
      "f: func() -> option<u8>",
      "(i32.store8 (i32.const 0) (i32.const 2)) (i32.const 0)",
    ],
    ["an enum's index without a case", "enum e { a, b } f: func() -> e", "(i32.const 2)"],
    ["a surrogate as a char", "f: func() -> char", "(i32.const 0xd800)"],
    ["a char beyond Unicode", "f: func() -> char", "(i32.const 0x110000)"],
  ];
  test.each(cases)("%s", async (_, wit, body) => {
    const text = `(module (memory (export "memory") 1) (func (export "f") (result i32) ${body}))`;
    const instance = await coreInstance({ bytes: text, method: "f", wit });
    expect((await failureOf(() => instance.call([]))).code).toBe("TRAP_INVALID_VALUE");
  });

  test("lists that overlap cannot describe more than a call may bring out", async () => {
    const text = `(module (memory (export "memory") 256)
      (func (export "f") (result i32) (local $i i32)
        (loop $next
          (i32.store (i32.add (i32.const 64) (i32.mul (local.get $i) (i32.const 8))) (i32.const 0))
          (i32.store (i32.add (i32.const 68) (i32.mul (local.get $i) (i32.const 8))) (i32.const 16000000))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (i32.const 1000000))))
        (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 1000000)) (i32.const 0)))`;
    const instance = await coreInstance({ bytes: text, method: "f", wit: "f: func() -> list<list<u8>>" });
    expect((await failureOf(() => instance.call([]))).message).toContain("larger than");
  });

  test("an allocator that gives nonsense", async () => {
    const text = `(module (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65535)) (func (export "f") (param i32 i32)))`;
    const instance = await coreInstance({ bytes: text, method: "f", wit: "f: func(s: string)" });
    expect((await failureOf(() => instance.call(["two"]))).code).toBe("TRAP_INVALID_VALUE");
  });
});

test("bytes that are no module are refused with the place", async () => {
  await expect(core({ bytes: guest("wat/truncated.wasm"), method: "x" })).rejects.toThrow(InvalidModuleError);
  await expect(core({ bytes: guest("wat/not-wasm.bin"), method: "x" })).rejects.toThrow(InvalidModuleError);
  await expect(core({ bytes: guest("wat/empty.bin"), method: "x" })).rejects.toThrow("empty");
  await expect(core({ bytes: guest("wat/component.wasm"), method: "x" })).rejects.toThrow("component");
});
