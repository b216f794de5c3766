import { expect, test } from "vitest";
import { callOnce, directInstance, smallComponent, trapOf } from "./small-component.ts";

/** A core module with a counter, functions that change it, and `f` that gives it. */
const counter = `(core module $m
    (global $n (mut i32) (i32.const 0))
    (func (export "begin") (global.set $n (i32.const 40)))
    (func (export "add") (param i32) (result i32) (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n))
    (func (export "fail") unreachable)
    (func (export "f") (result i32) (global.get $n)))
  (core instance $i (instantiate $m))
  (func $begin (canon lift (core func $i "begin")))
  (func $add (param "n" u32) (result u32) (canon lift (core func $i "add")))
  (func $fail (canon lift (core func $i "fail")))
  (func (export "f") (result u32) (canon lift (core func $i "f")))`;

test("a start function runs when the component is instantiated, once", async () => {
  const instance = await directInstance(`(component ${counter} (start $begin))`);
  expect([instance.call([]), instance.call([])]).toEqual([40, 40]);
});

test("start functions run in their order, and what one gives another may take", async () => {
  const two = `(core module $two (func (export "two") (result i32) (i32.const 2)))
    (core instance $j (instantiate $two))
    (func $two (result u32) (canon lift (core func $j "two")))`;
  const starts = `(start $begin) (start $two (result (value $v))) (start $add (value $v) (result (value $w))) (export "w" (value $w))`;
  expect(await callOnce(`(component ${counter} ${two} ${starts})`)).toBe(42);
});

test("a component inside starts with the values that it is given, and exports what it made", async () => {
  const inner = `(component $inner
      (import "v" (value $v u32))
      (core module $m (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
      (core instance $i (instantiate $m))
      (func $twice (param "n" u32) (result u32) (canon lift (core func $i "twice")))
      (start $twice (value $v) (result (value $w)))
      (export "w" (value $w)))`;
  const seven = `(core module $seven (func (export "seven") (result i32) (i32.const 7)))
    (core instance $j (instantiate $seven))
    (func $seven (result u32) (canon lift (core func $j "seven")))
    (start $seven (result (value $v)))
    (instance $inside (instantiate $inner (with "v" (value $v))))
    (start $add (value $inside "w") (result (value $x)))
    (export "x" (value $x))`;
  expect(await callOnce(`(component ${inner} ${counter} ${seven})`)).toBe(14);
});

test("a start function may be an import, which is called at once, or waited for", async () => {
  const text = `(component (import "h" (func $h (result u32))) ${counter} (start $h (result (value $v))) (start $add (value $v) (result (value $w))) (export "w" (value $w)))`;
  expect(await callOnce(text, [], { imports: { h: { default: () => 5 } } })).toBe(5);
  const later = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return 6;
  };
  expect(await callOnce(text, [], { imports: { h: { default: later } }, suspending: () => true })).toBe(6);
});

test("a start function that fails is a failed instantiation", async () => {
  expect(await trapOf(`(component ${counter} (start $fail))`)).toMatchObject({ code: "TRAP_UNREACHABLE" });
  const waits = `(component (import "h" (func $h)) ${counter} (start $fail))`;
  expect(await trapOf(waits, [], { suspending: () => true })).toMatchObject({ code: "TRAP_UNREACHABLE" });
});

test("a start function that is used as another is refused at load", async () => {
  const text = `(component ${counter} (start $add (result (value $v))))`;
  await expect(directInstance(text)).rejects.toThrow("a start function func(n: u32) -> u32 is used as another");
  await expect(directInstance(`(component ${counter} (start $begin (result (value $v))))`)).rejects.toThrow(
    "is used as another",
  );
});

test("values are used once, and all of them", async () => {
  const unused = `(component ${counter} (start $add))`;
  await expect(directInstance(unused)).rejects.toThrow("is used as another");
  const two = `(core module $two (func (export "two") (result i32) (i32.const 2))) (core instance $j (instantiate $two))
    (func $two (result u32) (canon lift (core func $j "two"))) (start $two (result (value $v)))`;
  await expect(directInstance(`(component ${counter} ${two})`)).rejects.toThrow("value 0 is never used");
  await expect(
    directInstance(`(component ${counter} ${two} (export "a" (value $v)) (export "b" (value $v)))`),
  ).rejects.toThrow("value 0 is used twice");
});

test("nobody can give a component a value, a module or a component from outside", async () => {
  const lift =
    '(core module $c (func (export "f"))) (core instance $i (instantiate $c)) (func (export "f") (canon lift (core func $i "f")))';
  for (const [what, text] of [
    ["value", `(import "it" (value $it u32)) (export "again" (value $it))`],
    ["core module", `(core type $t (module)) (import "it" (core module (type $t)))`],
    ["component", `(type $t (component)) (import "it" (component (type $t)))`],
  ]) {
    expect(await trapOf(`(component ${text} ${lift})`)).toEqual({
      code: "UNSUPPORTED",
      message: expect.stringContaining(`this component imports the ${what} "it"`),
    });
  }
});

test("a component inside may be given a component, and a module", async () => {
  const text = `(component
    (component $user
      (type $gives (component (export "get" (func (result u32)))))
      (import "lib" (component $lib (type $gives)))
      (core type $adds (module (export "add" (func (param i32) (result i32)))))
      (import "mod" (core module $mod (type $adds)))
      (instance $l (instantiate $lib))
      (core func $get (canon lower (func $l "get")))
      (core instance $a (instantiate $mod))
      (core module $m (import "" "get" (func $get (result i32))) (import "a" "add" (func $add (param i32) (result i32)))
        (func (export "f") (result i32) (call $add (call $get))))
      (core instance $i (instantiate $m (with "" (instance (export "get" (func $get)))) (with "a" (instance $a))))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))
    (component $lib
      (core module $m (func (export "get") (result i32) (i32.const 30)))
      (core instance $i (instantiate $m))
      (func (export "get") (result u32) (canon lift (core func $i "get"))))
    (core module $mod (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 12))))
    (instance $u (instantiate $user (with "lib" (component $lib)) (with "mod" (core module $mod))))
    (export "f" (func $u "f")))`;
  expect(await callOnce(text)).toBe(42);
});

test("an imported function that is lowered and lifted again may wait", async () => {
  const text = `(component (import "h" (func $h (param "x" u32) (result u32))) (core func $c (canon lower (func $h)))
    (func (export "f") (param "x" u32) (result u32) (canon lift (core func $c))))`;
  const later = async (x: number) => await Promise.resolve(x + 1);
  expect(await callOnce(text, [4], { imports: { h: { default: later } }, suspending: () => true })).toBe(5);
  expect(await callOnce(text, [4], { imports: { h: { default: (x: number) => x + 1 } } })).toBe(5);
});

test("an import may be the post-return function of a component that waits", async () => {
  const seen: number[] = [];
  const text = smallComponent({
    before: '(import "h" (func $h (param "x" u32)))',
    uses: { h: { type: "(param i32)", canon: "(canon lower (func $h))" } },
    core: '(func (export "f") (result i32) (call $h (i32.const 3)) (i32.const 9))',
    type: "(result u32)",
    options: "(post-return (core func $h))",
  });
  // A guest may not leave while it cleans up, and this is nothing but leaving.
  const failure = await trapOf(text, [], {
    imports: { h: { default: (x: number) => void seen.push(x) } },
    suspending: () => true,
  });
  expect(failure.message).toContain("while it allocates or cleans up");
  expect(seen).toEqual([3]);
});
