import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import type { WasmInstance } from "../../../../../src/engine/wasm/program.ts";
import { failureOf } from "../support.ts";
import { callOnce, directInstance, smallComponent, trapOf } from "./small-component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const invalid = expect.objectContaining({ code: "TRAP_INVALID_VALUE" });
const host = {
  before: '(import "host" (func $host))',
  uses: { host: { type: "", canon: "(canon lower (func $host) $options)" } },
};

function given(run: () => unknown = () => undefined) {
  return { imports: { host: { default: run } } };
}

describe("a guest may leave", () => {
  test("while it runs", async () => {
    let calls = 0;
    const text = { ...host, core: '(func (export "f") (call $host) (call $host))', type: "" };
    expect(
      await callOnce(
        text,
        [],
        given(() => (calls += 1)),
      ),
    ).toBeNull();
    expect(calls).toBe(2);
  });

  test("not in its post-return function", async () => {
    const text = {
      ...host,
      core: '(func (export "f")) (func (export "post") (call $host))',
      type: "",
      options: '(post-return (core func $i "post"))',
    };
    expect(await trapOf(text, [], given())).toEqual(invalid);
  });

  test("not while it allocates", async () => {
    const text = `(component
      (import "host" (func $host))
      (core func $host (canon lower (func $host)))
      (core module $m (import "" "host" (func $host)) (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $host) (i32.const 64))
        (func (export "f") (param i32 i32)))
      (core instance $i (instantiate $m (with "" (instance (export "host" (func $host))))))
      (func (export "f") (param "s" string)
        (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))`;
    expect(await trapOf(text, ["x"], given())).toEqual(invalid);
    // An empty string needs no room.
    expect(await callOnce(text, [""], given())).toBeNull();
  });

  test("not by dropping or making a resource while it cleans up", async () => {
    const resource = (post: string) => `(component
      (type $r (resource (rep i32)))
      (core func $new (canon resource.new $r))
      (core func $drop (canon resource.drop $r))
      (core module $m (import "" "new" (func $new (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
        (global $h (mut i32) (i32.const 0))
        (func (export "f") (global.set $h (call $new (i32.const 5))))
        (func (export "post") ${post}))
      (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
      (func (export "f") (canon lift (core func $i "f") (post-return (core func $i "post")))))`;
    expect(await callOnce(resource(""))).toBeNull();
    expect(await trapOf(resource("(call $drop (global.get $h))"))).toEqual(invalid);
    expect(await trapOf(resource("(drop (call $new (i32.const 6)))"))).toEqual(invalid);
  });
});

describe("post-return", () => {
  test("is told the core result when the value has been read, after each call", async () => {
    const text = smallComponent({
      core: `(func (export "f") (result i32)
          (i32.store (i32.const 20) (i32.add (i32.load (i32.const 24)) (i32.const 48))) (i32.store8 (i32.const 40) (i32.load (i32.const 20)))
          (i32.store (i32.const 32) (i32.const 40)) (i32.store (i32.const 36) (i32.const 1)) (i32.const 32))
        (func (export "post") (param i32)
          (if (i32.ne (local.get 0) (i32.const 32)) (then (unreachable)))
          (i32.store8 (i32.const 40) (i32.const 0xff))
          (i32.store (i32.const 24) (i32.add (i32.load (i32.const 24)) (i32.const 1))))`,
      type: "(result string)",
      options: '(post-return (core func $i "post"))',
    });
    const instance = await directInstance(text);
    expect([instance.call([]), instance.call([]), instance.call([])]).toEqual(["0", "1", "2"]);
  });

  test("ends the instance when it traps", async () => {
    const text = smallComponent({
      core: '(func (export "f")) (func (export "post") (unreachable))',
      type: "",
      options: '(post-return (core func $i "post"))',
    });
    const instance = await directInstance(text);
    expect((await failureOf(() => instance.call([]))).code).toBe("TRAP_UNREACHABLE");
    expect((await failureOf(() => instance.call([]))).message).toContain("failed in an earlier call");
  });
});

describe("a guest is not entered again while it is in a call", () => {
  test("by its host", async () => {
    let instance: WasmInstance | undefined;
    const again = () => instance?.call([]);
    instance = await directInstance(
      smallComponent({ ...host, core: '(func (export "f") (call $host))', type: "" }),
      given(again),
    );
    expect((await failureOf(() => instance.call([]))).message).toContain("in a call already");
    expect((await failureOf(() => instance.call([]))).message).toContain("failed in an earlier call");
  });

  test("by a component inside it", async () => {
    const text = `(component
      (core module $table (table (export "t") 1 funcref)
        (type $v (func)) (func (export "indirect") (call_indirect (type $v) (i32.const 0))))
      (core instance $table (instantiate $table))
      (func $outer (canon lift (core func $table "indirect")))
      (component $child
        (import "outer" (func $outer))
        (core func $outer (canon lower (func $outer)))
        (core module $m (import "" "outer" (func $outer)) (func (export "f") (call $outer)))
        (core instance $i (instantiate $m (with "" (instance (export "outer" (func $outer))))))
        (func (export "f") (canon lift (core func $i "f"))))
      (instance $child (instantiate $child (with "outer" (func $outer))))
      (core func $inner (canon lower (func $child "f")))
      (core module $fix (import "" "t" (table 1 funcref)) (import "" "f" (func $f)) (elem (i32.const 0) func $f))
      (core instance (instantiate $fix (with "" (instance (export "t" (table $table "t")) (export "f" (func $inner))))))
      (export "f" (func $outer)))`;
    expect((await trapOf(text)).message).toContain("in a call already");
  });

  test("but call after call", async () => {
    const instance = await directInstance(
      smallComponent({ ...host, core: '(func (export "f") (call $host))', type: "" }),
      given(),
    );
    for (let round = 0; round < 3; round++) expect(instance.call([])).toBeNull();
  });
});

test("core start functions run at instantiation, and may call imports", async () => {
  let calls = 0;
  const text = { ...host, core: '(start $s) (func $s (call $host)) (func (export "f"))', type: "" };
  await directInstance(
    smallComponent(text),
    given(() => (calls += 1)),
  );
  expect(calls).toBe(1);
  const traps = smallComponent({ core: '(start $s) (func $s (unreachable)) (func (export "f"))', type: "" });
  expect((await failureOf(() => directInstance(traps))).code).toBe("TRAP_UNREACHABLE");
});
