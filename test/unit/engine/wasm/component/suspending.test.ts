import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { failureOf, guest } from "../support.ts";
import { directInstance, prepareDirect, smallComponent, type Making } from "./small-component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const suspending = () => true;

function waiting(wait: (...args: never[]) => unknown): Making {
  return { suspending, imports: { wait: { default: wait } } };
}

/** Calls through two components down to a host that waits, and puts the answer into a string. */
const nested = `(component
  (import "wait" (func $wait (param "x" u32) (result u32)))
  (component $inner
    (import "wait" (func $wait (param "x" u32) (result u32)))
    (core func $wait (canon lower (func $wait)))
    (core module $m (import "" "wait" (func $wait (param i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "f") (param i32) (result i32)
        (i32.store8 (i32.const 64) (i32.add (i32.const 48) (call $wait (local.get 0))))
        (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 1)) (i32.const 16))
      (func (export "post") (param i32) (i32.store8 (i32.const 64) (i32.const 255))))
    (core instance $i (instantiate $m (with "" (instance (export "wait" (func $wait))))))
    (func (export "f") (param "x" u32) (result string)
      (canon lift (core func $i "f") (memory (core memory $i "memory")) (post-return (core func $i "post")))))
  (instance $inner (instantiate $inner (with "wait" (func $wait))))
  (core module $mem (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 512)))
  (core instance $mem (instantiate $mem))
  (alias core export $mem "memory" (core memory $memory))
  (alias core export $mem "realloc" (core func $realloc))
  (core func $f (canon lower (func $inner "f") (memory $memory) (realloc (core func $realloc))))
  (core module $m (import "" "f" (func $f (param i32 i32))) (import "mem" "memory" (memory 1))
    (func (export "f") (param i32) (result i32) (call $f (local.get 0) (i32.const 32)) (i32.const 32)))
  (core instance $i (instantiate $m (with "mem" (instance $mem)) (with "" (instance (export "f" (func $f))))))
  (func (export "f") (param "x" u32) (result string) (canon lift (core func $i "f") (memory $memory) (realloc (core func $realloc)))))`;

describe("a component that may wait", () => {
  test("waits through the components inside it", async () => {
    const instance = await directInstance(
      nested,
      waiting(async (x: number) => await sleep(1, x + 1)),
    );
    expect(await instance.call([3])).toBe("4");
    expect(await instance.call([6])).toBe("7");
  });

  test("may be answered at once, too", async () => {
    const instance = await directInstance(
      nested,
      waiting((x: number) => x),
    );
    expect(await instance.call([3])).toBe("3");
  });

  test("overlaps with other instances, not with itself", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const [one, other] = [
      await directInstance(
        nested,
        waiting(async () => await promise),
      ),
      await directInstance(
        nested,
        waiting((x: number) => x),
      ),
    ];
    const pending = one.call([1]);
    expect((await failureOf(() => one.call([1]))).message).toContain("in a call already");
    expect(await other.call([2])).toBe("2");
    resolve(5);
    expect(await pending).toBe("5");
  });

  test("fails as its host does, and is not used again", async () => {
    const instance = await directInstance(
      nested,
      waiting(() => Promise.reject(new Error("down"))),
    );
    expect((await failureOf(() => instance.call([1]))).message).toContain("down");
    expect((await failureOf(() => instance.call([1]))).message).toContain("failed in an earlier call");
  });

  test("checks what a host gives later", async () => {
    const instance = await directInstance(
      nested,
      waiting(async () => await sleep(1, -1)),
    );
    expect(await failureOf(() => instance.call([1]))).toMatchObject({ code: "INVALID_RESULT" });
  });

  test("goes nowhere when its instance has ended meanwhile", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    let calls = 0;
    const text = smallComponent({
      before: '(import "wait" (func $wait (result u32)))',
      uses: { wait: { type: "(result i32)", canon: "(canon lower (func $wait) $options)" } },
      core: '(func (export "f") (result i32) (drop (call $wait)) (call $wait))',
      type: "(result u32)",
    });
    const instance = await directInstance(
      text,
      waiting(() => ((calls += 1), promise)),
    );
    const pending = instance.call([]);
    instance[Symbol.dispose]();
    resolve(1);
    await failureOf(() => pending);
    expect(calls).toBe(1);
  });

  test.each([
    ["traps", "(unreachable)", "TRAP_UNREACHABLE"],
    ["calls an import", "(drop (call $wait))", "TRAP_INVALID_VALUE"],
  ])("fails when its post-return function %s", async (_, post, code) => {
    const text = smallComponent({
      before: '(import "wait" (func $wait (result u32)))',
      uses: { wait: { type: "(result i32)", canon: "(canon lower (func $wait) $options)" } },
      core: `(func (export "f") (result i32) (call $wait)) (func (export "post") (param i32) ${post})`,
      type: "(result u32)",
      options: '(post-return (core func $i "post"))',
    });
    for (const wait of [() => 7, async () => await sleep(1, 7)]) {
      const instance = await directInstance(text, waiting(wait));
      expect((await failureOf(() => instance.call([]))).code).toBe(code);
      expect((await failureOf(() => instance.call([]))).message).toContain("failed in an earlier call");
    }
    const fine = await directInstance(
      text.replace(post, ""),
      waiting(async () => await sleep(1, 7)),
    );
    expect([await fine.call([]), await fine.call([])]).toEqual([7, 7]);
  });

  test("cannot wait in a core start function", async () => {
    const text = smallComponent({
      before: '(import "wait" (func $wait (result u32)))',
      uses: { wait: { type: "(result i32)", canon: "(canon lower (func $wait) $options)" } },
      core: '(start $s) (func $s (drop (call $wait))) (func (export "f"))',
      type: "",
    });
    const failure = await failureOf(() =>
      directInstance(
        text,
        waiting(() => 1),
      ),
    );
    expect(failure.code).toBe("TRAP_CANNOT_SUSPEND");
  });
});

test("an isolate needs the artefact alone", async () => {
  const program = structuredClone(await prepareDirect(guest("rust/shapes/shapes.wasm"), { method: "echo-string" }));
  const instance = await linkComponent(program).instantiate({});
  expect(instance.call(["wörter"])).toBe("wörter");
  expect(instance.usage().peakMemoryBytes).toBeGreaterThan(65_536);
});
