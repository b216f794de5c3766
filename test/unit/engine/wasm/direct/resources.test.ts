import { afterAll, describe, expect, test } from "vitest";
import type { Value } from "../../../../../src/core/values.ts";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { guest } from "../support.ts";
import { comparable, outcomesOf, prepareFor, type Case } from "./both-engines.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const engines = ["direct", "jco"] as const;

describe("resources that a guest defines", () => {
  const bytes = guest("rust/counter/counter.wasm");

  test("are opaque handles for its caller", async () => {
    for (const engine of engines) {
      const make = { bytes, method: "weft:counter/counters#[constructor]counter" };
      const [made] = await outcomesOf(engine, make, [[3]]);
      expect(made && "value" in made && typeof made.value).toBe("object");
      const [many] = await outcomesOf(engine, { bytes, method: "many" }, [[3]]);
      expect(many).toHaveProperty("value.length", 3);
    }
  });
});

/** A component with a resource inside, another that uses it, and a caller outside. `use` is the user's code. */
function composed(use: string): string {
  return `(component
    (component $maker
      (core module $d
        (global $dropped (mut i32) (i32.const 0))
        (func (export "drop") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
        (func (export "dropped") (result i32) (global.get $dropped)))
      (core instance $d (instantiate $d))
      (type $r' (resource (rep i32) (dtor (core func $d "drop"))))
      (export $r "r" (type $r'))
      (core func $new (canon resource.new $r'))
      (core func $rep (canon resource.rep $r'))
      (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (import "" "rep" (func $rep (param i32) (result i32)))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "read") (param i32) (result i32) (local.get 0))
        (func (export "eat") (param i32) (result i32) (call $rep (local.get 0))))
      (core instance $m (instantiate $m (with "" (instance
        (export "new" (func $new)) (export "rep" (func $rep))))))
      (func (export "make") (param "n" u32) (result (own $r)) (canon lift (core func $m "make")))
      (func (export "read") (param "r" (borrow $r)) (result u32) (canon lift (core func $m "read")))
      (func (export "eat") (param "r" (own $r)) (result u32) (canon lift (core func $m "eat")))
      (func (export "dropped") (result u32) (canon lift (core func $d "dropped"))))
    (instance $maker (instantiate $maker))
    (component $user
      (import "maker" (instance $maker
        (export "r" (type $r (sub resource)))
        (export "make" (func (param "n" u32) (result (own $r))))
        (export "read" (func (param "r" (borrow $r)) (result u32)))
        (export "eat" (func (param "r" (own $r)) (result u32)))
        (export "dropped" (func (result u32)))))
      (alias export $maker "r" (type $r))
      (core func $make (canon lower (func $maker "make")))
      (core func $read (canon lower (func $maker "read")))
      (core func $eat (canon lower (func $maker "eat")))
      (core func $dropped (canon lower (func $maker "dropped")))
      (core func $drop (canon resource.drop $r))
      (core module $m
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "read" (func $read (param i32) (result i32)))
        (import "" "eat" (func $eat (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (import "" "dropped" (func $dropped (result i32)))
        (func (export "use") (param $n i32) (result i32) (local $h i32) ${use}))
      (core instance $m (instantiate $m (with "" (instance
        (export "make" (func $make)) (export "read" (func $read)) (export "eat" (func $eat))
        (export "drop" (func $drop)) (export "dropped" (func $dropped))))))
      (func (export "use") (param "n" u32) (result u32) (canon lift (core func $m "use"))))
    (instance $user (instantiate $user (with "maker" (instance $maker))))
    (export "use" (func $user "use")))`;
}

const make = "(local.set $h (call $make (local.get $n)))";

describe("resources between components", () => {
  test.each([
    [
      "are read through a borrow, and stay",
      `${make} (drop (call $read (local.get $h))) (call $read (local.get $h))`,
      7,
    ],
    ["run their destructor when they are dropped", `${make} (call $drop (local.get $h)) (call $dropped)`, 7],
    ["are given away", `${make} (call $eat (local.get $h))`, 7],
    ["have small handles that are used again", `${make} (call $drop (local.get $h)) ${make} (local.get $h)`, 1],
  ])("%s", async (_, use, expected) => {
    expect(await both(composed(use), "use", [[7], [7]])).toHaveProperty("0.value", expected);
  });

  test.each([
    ["a handle that does not exist", "(call $read (i32.const 5))"],
    ["the handle 0", "(call $read (i32.const 0))"],
    ["a handle used after it was dropped", `${make} (call $drop (local.get $h)) (call $read (local.get $h))`],
    ["a handle used after it was given away", `${make} (drop (call $eat (local.get $h))) (call $read (local.get $h))`],
    ["a handle dropped twice", `${make} (call $drop (local.get $h)) (call $drop (local.get $h)) (i32.const 0)`],
  ])("%s traps", async (_, use) => {
    const bytes = await assemble(composed(use), "test:handles");
    const outcomes = await outcomesOf("direct", { bytes, method: "use" }, [[7], [7]]);
    expect(comparable(outcomes)).toEqual([{ code: "TRAP_INVALID_VALUE" }, { code: "INTERNAL" }]);
    // jco has no code for it, but ends the call, too.
    expect(await outcomesOf("jco", { bytes, method: "use" }, [[7]])).toHaveProperty("0.code");
  });
});

async function both(text: string, method: string, calls: readonly (readonly Value[])[]): Promise<unknown[]> {
  const wanted: Case = { bytes: await assemble(text, "test:handles"), method };
  const direct = comparable(await outcomesOf("direct", wanted, calls));
  expect(direct).toEqual(comparable(await outcomesOf("jco", wanted, calls)));
  return direct;
}

describe("strings of latin1+utf16", () => {
  const text = `(component
    (core module $m
      (memory (export "memory") 1)
      (global $at (mut i32) (i32.const 64))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (local $p i32)
        (local.set $p (i32.and (i32.add (global.get $at) (i32.const 7)) (i32.const -8)))
        (global.set $at (i32.add (local.get $p) (local.get 3)))
        (local.get $p))
      (func (export "echo") (param i32 i32) (result i32)
        (i32.store (i32.const 0) (local.get 0))
        (i32.store (i32.const 4) (local.get 1))
        (i32.const 0)))
    (core instance $i (instantiate $m))
    (func (export "echo") (param "s" string) (result string)
      (canon lift (core func $i "echo") (memory (core memory $i "memory"))
        (realloc (core func $i "realloc")) string-encoding=latin1+utf16)))`;

  test.each(["", "plain", "wörter", "a😀", "日本"])("%j", async (word) => {
    const program = await prepareFor("direct", { bytes: await assemble(text, "test:text"), method: "echo" });
    expect(await (await linkComponent(program).instantiate({})).call([word])).toBe(word);
  });
});

test("what the engine does not do goes to jco, with the reason in the log", async () => {
  const text = `(component
    (core module $m
      (import "" "return" (func $return (param i32)))
      (func (export "f") (result i32) (call $return (i32.const 42)) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core func $return (canon task.return (result u32)))
    (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
    (func (export "f") async (result u32) (canon lift (core func $i "f") async (callback (core func $i "callback")))))`;
  const bytes = await assemble(text, "test:async");
  await expect(prepareFor("direct", { bytes, method: "f" })).rejects.toThrow("direct declined f");
});
