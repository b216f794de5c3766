import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { failureOf } from "../support.ts";
import { callOnce, directInstance, trapOf } from "./small-component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const invalid = expect.objectContaining({ code: "TRAP_INVALID_VALUE" });

/** Limits of the Canonical ABI: bytes of one string or list. */
const most = 2 ** 28 - 1;

/** A guest that calls an import whose result its allocator makes room for. `call` is the core code of `f`. */
function importing(type: string, core: string, realloc: string, call: string): string {
  return `(component
    (import "h" (func $h ${type}))
    (import "note" (func $note))
    (core module $a (import "" "note" (func $note)) (memory (export "m") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${realloc}))
    (core func $note (canon lower (func $note)))
    (core instance $a (instantiate $a (with "" (instance (export "note" (func $note))))))
    (core func $h (canon lower (func $h) (memory (core memory $a "m")) (realloc (core func $a "realloc"))))
    (core module $m (import "" "h" (func $h ${core})) (import "a" "m" (memory 1))
      (func (export "f") (result i32) ${call}))
    (core instance $m (instantiate $m (with "" (instance (export "h" (func $h)))) (with "a" (instance $a))))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))`;
}

const giving = (value: unknown) => ({ imports: { h: { default: () => value }, note: { default: () => undefined } } });

describe("the allocator for what an import gives", () => {
  const call = "(call $h (i32.const 8)) (i32.load (i32.const 8))";
  const text = (type: string, realloc: string): string => importing(`(result ${type})`, "(param i32)", realloc, call);

  test("gives room that is used", async () => {
    expect(await callOnce(text("string", "(i32.const 64)"), [], giving("xyz"))).toBe(64);
    expect(await callOnce(text("(list u64)", "(i32.const 128)"), [], giving([1n]))).toBe(128);
  });

  test.each([
    ["is aligned", "(list u32)", "(i32.const 66)", [1]],
    ["is aligned to 8", "(list u64)", "(i32.const 68)", [1n]],
    ["is inside the memory", "string", "(i32.const 65536)", "x"],
    ["is inside the memory with all of it", "string", "(i32.const 65534)", "xyz"],
    ["has no sign", "string", "(i32.const -1)", "x"],
  ])("gives room that %s, or traps", async (_, type, realloc, value) => {
    expect(await trapOf(text(type, realloc), [], giving(value))).toEqual(invalid);
  });

  test("may not leave the guest", async () => {
    const failure = await trapOf(text("string", "(call $note) (i32.const 64)"), [], giving("x"));
    expect(failure.message).toContain("while it allocates or cleans up");
  });

  test("is not asked where the guest says where a large result goes", async () => {
    const wide = `(tuple ${"u32 ".repeat(17)})`;
    const at = "(call $h (i32.const 8)) (i32.load (i32.const 72))";
    const values = Array.from({ length: 17 }, (_, index) => index + 100);
    expect(await callOnce(importing(`(result ${wide})`, "(param i32)", "unreachable", at), [], giving(values))).toBe(
      116,
    );
    const without = importing(`(result ${wide})`, "(param i32)", "unreachable", at).replace(
      '(realloc (core func $a "realloc"))',
      "",
    );
    expect(await callOnce(without, [], giving(values))).toBe(116);
  });
});

describe("the arguments of an import that lie in memory", () => {
  const text = (at: string): string =>
    importing(
      `(param "x" (tuple ${"u32 ".repeat(17)}))`,
      "(param i32)",
      "unreachable",
      `(call $h (i32.const ${at})) (i32.const 1)`,
    );

  test("may end where the memory ends", async () => {
    expect(await callOnce(text(String(65_536 - 68)), [], giving(undefined))).toBe(1);
  });

  test.each([
    ["aligned", "2"],
    ["inside the memory", "65536"],
    ["inside the memory with all of them", String(65_536 - 64)],
    ["at no negative address", "-4"],
  ])("are %s, or the call traps", async (_, at) => {
    expect(await trapOf(text(at), [], giving(undefined))).toEqual(invalid);
  });
});

describe("one string or list has at most 2^28 - 1 bytes", () => {
  const memory = (pages: number, realloc: string): string =>
    `(core module $m (memory (export "m") ${pages}) (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${realloc})
      (func (export "in") (param i32 i32)) (func (export "out") (param i32) (result i32)
        (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (local.get 0)) (i32.const 0)))
    (core instance $i (instantiate $m))`;
  const options = '(memory (core memory $i "m")) (realloc (core func $i "realloc"))';

  test("on its way in, before the allocator is asked", async () => {
    const text = `(component ${memory(1, "(i32.const 65528)")} (type $l (list u8)) (func (export "f") (param "x" $l) (canon lift (core func $i "in") ${options})))`;
    expect((await trapOf(text, [new Uint8Array(most + 1)])).message).toContain(`a string or list of ${most + 1} bytes`);
    expect((await trapOf(text, [new Uint8Array(most)])).message).toContain("do not fit");
  });

  test("on its way out", async () => {
    const text = (type: string): string =>
      `(component ${memory(4_098, "unreachable")} (type $l ${type}) (func (export "f") (param "n" u32) (result $l) (canon lift (core func $i "out") ${options})))`;
    for (const [type, length] of [
      ["(list u8)", most + 1],
      ["(list u64)", 2 ** 25],
      ["string", most + 1],
    ] as const) {
      expect((await trapOf(text(type), [length])).message).toContain(`larger than ${most} bytes`);
    }
    expect(await callOnce(text("(list u8)"), [1_000])).toHaveLength(1_000);
  });
});

/** A component defines a resource; one inside is given it borrowed, does `core`, and may give it away, drop it or lend it on. */
function borrowing(core: string, user = "(call $borrow (local.get $h))"): string {
  const parts = (names: readonly string[]): string =>
    names.map((name) => `(export "${name}" (func $${name}))`).join(" ");
  return `(component
    (component $maker
      (type $r' (resource (rep i32))) (export $r "r" (type $r'))
      (core func $new (canon resource.new $r'))
      (core module $m (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (result i32) (call $new (i32.const 7))) (func (export "take") (param i32)))
      (core instance $m (instantiate $m (with "" (instance ${parts(["new"])}))))
      (func (export "make") (result (own $r)) (canon lift (core func $m "make")))
      (func (export "eat") (param "r" (own $r)) (canon lift (core func $m "take")))
      (core module $two (func (export "two") (param i32 i32))) (core instance $two (instantiate $two))
      (func (export "eat-two") (param "r" (own $r)) (param "s" (own $r)) (canon lift (core func $two "two"))))
    (instance $maker (instantiate $maker))
    (alias export $maker "r" (type $r))
    (component $inner
      (import "r" (type $r (sub resource))) (import "eat" (func $eat (param "r" (own $r))))
      (core func $eat (canon lower (func $eat))) (core func $drop (canon resource.drop $r))
      (core module $m (import "" "eat" (func $eat (param i32))) (import "" "drop" (func $drop (param i32)))
        (global $kept (mut i32) (i32.const 0))
        (func (export "borrow") (param i32) ${core}))
      (core instance $m (instantiate $m (with "" (instance ${parts(["eat", "drop"])}))))
      (func (export "borrow") (param "r" (borrow $r)) (canon lift (core func $m "borrow"))))
    (instance $inner (instantiate $inner (with "r" (type $r)) (with "eat" (func $maker "eat"))))
    (core func $make (canon lower (func $maker "make"))) (core func $eat (canon lower (func $maker "eat")))
    (core func $eat-two (canon lower (func $maker "eat-two"))) (core func $borrow (canon lower (func $inner "borrow")))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "" "make" (func $make (result i32))) (import "" "eat" (func $eat (param i32)))
      (import "" "eat-two" (func $eat-two (param i32 i32)))
      (import "" "borrow" (func $borrow (param i32))) (import "" "drop" (func $drop (param i32)))
      (func (export "f") (result i32) (local $h i32) (local.set $h (call $make)) ${user} (local.get $h)))
    (core instance $m (instantiate $m (with "" (instance ${parts(["make", "eat", "eat-two", "borrow", "drop"])}))))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))`;
}

describe("a borrowed handle", () => {
  test("is dropped, and no more", async () => {
    expect(await callOnce(borrowing("(call $drop (local.get 0))"))).toBe(1);
    expect((await trapOf(borrowing("(call $drop (local.get 0)) (call $drop (local.get 0))"))).message).toContain(
      "does not exist",
    );
  });

  test("cannot be given away", async () => {
    expect((await trapOf(borrowing("(call $eat (local.get 0))"))).message).toContain(
      "is borrowed and cannot be given away",
    );
  });

  test("may not be kept beyond the call, even for the next one", async () => {
    const keeps = borrowing("(global.set $kept (local.get 0))");
    expect((await trapOf(keeps)).message).toContain("kept 1 borrowed handles beyond its call");
  });

  test("is another one in each call", async () => {
    const twice = "(call $borrow (local.get $h)) (call $borrow (local.get $h))";
    expect(await callOnce(borrowing("(call $drop (local.get 0))", twice))).toBe(1);
  });

  test("is lent no longer when the call is over", async () => {
    const then = "(call $borrow (local.get $h)) (call $drop (local.get $h))";
    expect(await callOnce(borrowing("(call $drop (local.get 0))", then))).toBe(1);
  });
});

describe("an owned handle", () => {
  test("can be given away once in one call", async () => {
    const user = "(call $eat-two (local.get $h) (local.get $h))";
    expect((await trapOf(borrowing("", user))).message).toContain("does not exist");
  });

  test("has the number of one that was dropped", async () => {
    const again = "(call $drop (local.get $h)) (local.set $h (call $make))";
    expect(await callOnce(borrowing("", again))).toBe(1);
  });
});

test("after a trap in a component inside, nothing of the whole is entered again", async () => {
  const text = `(component
    (component $c (core module $m (func (export "f") (param i32) (if (local.get 0) (then unreachable)))) (core instance $i (instantiate $m))
      (func (export "f") (param "x" u32) (canon lift (core func $i "f"))))
    (instance $c (instantiate $c))
    (core func $f (canon lower (func $c "f")))
    (core module $m (import "" "f" (func $f (param i32))) (func (export "f") (param i32) (call $f (local.get 0))))
    (core instance $m (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "f") (param "x" u32) (canon lift (core func $m "f"))))`;
  const instance = await directInstance(text);
  expect(instance.call([0])).toBeNull();
  expect(await failureOf(() => instance.call([1]))).toMatchObject({ code: "TRAP_UNREACHABLE" });
  expect((await failureOf(() => instance.call([0]))).code).not.toBe("TRAP_UNREACHABLE");
});
