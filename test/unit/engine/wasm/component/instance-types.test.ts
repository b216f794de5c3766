import { describe, expect, test } from "vitest";
import { directInstance } from "./small-component.ts";

/**
 * A component inside imports the instance `a` by a type; what it is given is put together of `parts`. It exports `f`, so that the
 * whole can be called where it is accepted.
 */
const giving = (type: string, exports: string, parts = ""): string => `(component
  (core module $m (func (export "f") (param i32) (result i32) local.get 0) (func (export "g") (result i64) i64.const 3))
  (core instance $i (instantiate $m))
  (func $f (param "x" u32) (result u32) (canon lift (core func $i "f")))
  (func $g (result s64) (canon lift (core func $i "g")))
  ${parts}
  (component $c (import "a" (instance $a ${type})))
  (instance $given ${exports})
  (instance $n (instantiate $c (with "a" (instance $given))))
  (export "f" (func $f)))`;

const f = '(export "f" (func (param "x" u32) (result u32)))';
const both = '(export "f" (func $f)) (export "g" (func $g))';

describe("an instance that is given to a component inside", () => {
  test.each([
    ["just what is asked for", f, '(export "f" (func $f))', ""],
    ["more than is asked for", f, both, ""],
    ["nothing where nothing is asked for", "", "", ""],
    [
      "types that are the same under other names",
      '(type $r (record (field "n" u8))) (export "r" (type (eq $r)))',
      '(export "r" (type $other))',
      '(type $other (record (field "n" u8)))',
    ],
    [
      "an instance inside",
      `(export "in" (instance ${f}))`,
      '(export "in" (instance $inside))',
      '(instance $inside (export "f" (func $f)))',
    ],
    [
      "a resource, and functions of it",
      '(export "r" (type $r (sub resource))) (export "make" (func (result (own $r))))',
      '(export "r" (type $r)) (export "make" (func $make))',
      '(type $r (resource (rep i32))) (core func $new (canon resource.new $r)) (core module $k (import "" "new" (func $new (param i32) (result i32))) (func (export "make") (result i32) (call $new (i32.const 1)))) (core instance $k (instantiate $k (with "" (instance (export "new" (func $new)))))) (func $make (result (own $r)) (canon lift (core func $k "make")))',
    ],
  ])("may have %s", async (_, type, exports, parts) => {
    const instance = await directInstance(giving(type, exports, parts));
    expect(instance.call([7])).toBe(7);
  });

  const twoResources =
    '(type $r (resource (rep i32))) (type $s (resource (rep i32))) (core func $new (canon resource.new $s)) (core module $k (import "" "new" (func $new (param i32) (result i32))) (func (export "make") (result i32) (call $new (i32.const 1)))) (core instance $k (instantiate $k (with "" (instance (export "new" (func $new)))))) (func $make (result (own $s)) (canon lift (core func $k "make")))';

  test.each([
    ["without a function", f, '(export "g" (func $g))', "", 'the import "a", whose "f" is an export'],
    [
      "with a function of another type",
      '(export "f" (func (param "x" u32) (result s32)))',
      '(export "f" (func $f))',
      "",
      'the import "a", whose "f" is func(x: u32) -> s32, of a component inside is given func(x: u32) -> u32',
    ],
    [
      "with a type where a function is",
      f,
      '(export "f" (type $t))',
      "(type $t u8)",
      "of a component inside is given a type",
    ],
    [
      "with another type",
      '(type $r (record (field "n" u8))) (export "r" (type (eq $r)))',
      '(export "r" (type $other))',
      '(type $other (record (field "n" u16)))',
      'whose "r" is the type',
    ],
    [
      "with a function deeper inside that is another",
      '(export "in" (instance (export "f" (func))))',
      '(export "in" (instance $inside))',
      '(instance $inside (export "f" (func $f)))',
      'whose "in.f" is func()',
    ],
    [
      "with a function where an instance is",
      '(export "in" (instance))',
      '(export "in" (func $f))',
      "",
      'whose "in" is an instance, of a component inside is given a function',
    ],
    [
      "with a value type for a resource",
      '(export "r" (type $r (sub resource)))',
      '(export "r" (type $t))',
      "(type $t u8)",
      'whose "r" is a resource',
    ],
    [
      "with a function of another resource",
      '(export "r" (type $r (sub resource))) (export "make" (func (result (own $r))))',
      '(export "r" (type $r)) (export "make" (func $make))',
      twoResources,
      'whose "make" is func()',
    ],
  ])("may not be %s", async (_, type, exports, parts, message) => {
    await expect(directInstance(giving(type, exports, parts))).rejects.toThrow(message);
  });

  test("may not be a function", async () => {
    const text = giving("", "").replace('(with "a" (instance $given))', '(with "a" (func $f))');
    await expect(directInstance(text)).rejects.toThrow(
      'the import "a", an instance, of a component inside is given a function',
    );
  });

  test("has a type of bounded depth", async () => {
    const levels = Array.from(
      { length: 80 },
      (_, n) => `(type $t${n + 1} (instance (alias outer 1 $t${n} (type $t)) (export "n" (instance (type $t)))))`,
    );
    const given = Array.from({ length: 80 }, (_, n) => `(instance $g${n + 1} (export "n" (instance $g${n})))`);
    const text = `(component (instance $g0) ${given.join(" ")}
      (component $c (type $t0 (instance)) ${levels.join(" ")} (import "a" (instance (type $t80))))
      (instance (instantiate $c (with "a" (instance $g80))))
      (core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))`;
    await expect(directInstance(text)).rejects.toThrow("types of instances nested more than 64 deep");
  });
});
