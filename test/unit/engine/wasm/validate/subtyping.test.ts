import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { expectInvalid, expectValid, wrongWith } from "./verdict.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

/** A component inside imports a component by a type, and is given one. */
const giving = (wanted: string, given: string): string => `
  (component $user (type $t (component ${wanted})) (import "c" (component (type $t))))
  (component $given ${given})
  (instance (instantiate $user (with "c" (component $given))))`;

/** A function of a core module that takes and gives what it must. */
const lifted = (name: string, type: string, core: string): string =>
  `(core module $m${name} (func (export "f") ${core} unreachable)) (core instance $i${name} (instantiate $m${name}))
   (func $${name} ${type} (canon lift (core func $i${name} "f")))`;
const f = lifted("f", '(param "x" u32)', "(param i32)");
const record = '(type $r (record (field "n" u8)))';

describe("a component that is given to a component inside", () => {
  test.each([
    ["be just what is asked for", '(export "f" (func (param "x" u32)))', `${f} (export "f" (func $f))`],
    ["export more", "", `${f} (export "f" (func $f))`],
    ["import less", '(import "f" (func))', ""],
    ["import just what it is said to", '(import "f" (func (param "x" u32)))', '(import "f" (func (param "x" u32)))'],
    [
      "import an instance with less in it",
      '(import "i" (instance (export "a" (func)) (export "b" (func))))',
      '(import "i" (instance (export "b" (func))))',
    ],
    [
      "export an instance with more in it",
      '(export "i" (instance (export "f" (func (param "x" u32)))))',
      `${f} (instance $i (export "f" (func $f)) (export "g" (func $f))) (export "i" (instance $i))`,
    ],
    [
      "give what it is given",
      '(import "a" (func (param "x" u32))) (export "b" (func (param "x" u32)))',
      '(import "a" (func $a (param "x" u32))) (export "b" (func $a))',
    ],
    [
      "use types by other names",
      `${record} (export "r" (type (eq $r)))`,
      `(type $n u8) (type $s (record (field "n" $n))) (export "r" (type $s))`,
    ],
    [
      "bring a resource",
      '(export "r" (type $r (sub resource))) (export "f" (func (param "x" (own $r))))',
      `(type $r (resource (rep i32))) (export $q "r" (type $r)) ${lifted("f", '(param "x" (own $q))', "(param i32)")} (export "f" (func $f))`,
    ],
    [
      "take the resource that it is given",
      '(import "r" (type $r (sub resource))) (import "f" (func (param "x" (own $r))))',
      '(import "r" (type $q (sub resource))) (import "f" (func (param "x" (own $q))))',
    ],
    [
      "give the resource that it is given",
      '(import "r" (type $r (sub resource))) (export "s" (type (eq $r)))',
      '(import "r" (type $q (sub resource))) (export "s" (type $q))',
    ],
    [
      "give a resource of an instance that it is given",
      '(import "i" (instance $i (export "r" (type (sub resource))))) (alias export $i "r" (type $r)) (export "f" (func (param "x" (own $r))))',
      `(import "i" (instance $i (export "r" (type (sub resource))))) (alias export $i "r" (type $r)) ${lifted("f", '(param "x" (own $r))', "(param i32)")} (export "f" (func $f))`,
    ],
    [
      "import a component that may do less than the one which is given",
      '(import "c" (component (export "f" (func)) (export "g" (func))))',
      '(import "c" (component (export "f" (func))))',
    ],
    [
      "import a component that must do with more",
      '(import "c" (component (import "f" (func))))',
      '(import "c" (component (import "f" (func)) (import "g" (func))))',
    ],
    [
      "import a core module that may do less",
      '(core type $m (module (export "f" (func)) (export "g" (func)))) (import "m" (core module (type $m)))',
      '(core type $m (module (export "f" (func)))) (import "m" (core module (type $m)))',
    ],
    [
      "import by the name of an interface",
      '(import "a:b/c@1.2.0" (instance (export "f" (func))))',
      '(import "a:b/c@1.2.0" (instance (export "f" (func))))',
    ],
  ])("may %s", async (_, wanted, given) => {
    await expectValid(giving(wanted, given));
  });

  const inside = 'the import "c", whose';
  const inward = "of a component that is given";
  test.each([
    ["lack an export", '(export "f" (func))', "", `${inside} "f" is an export, of a component inside is given nothing`],
    [
      "export a function of another type",
      '(export "f" (func (param "x" s32)))',
      `${f} (export "f" (func $f))`,
      `${inside} "f" is func(x: s32), of a component inside is given func(x: u32)`,
    ],
    [
      "export another sort",
      '(export "f" (instance))',
      `${f} (export "f" (func $f))`,
      `${inside} "f" is an instance, of a component inside is given a function`,
    ],
    [
      "import more",
      "",
      '(import "f" (func))',
      `${inside} "f" is a function by its own account, ${inward} is given nothing`,
    ],
    [
      "import a function of another type",
      '(import "f" (func (param "x" s32)))',
      '(import "f" (func (param "x" u32)))',
      `${inside} "f" is func(x: u32), ${inward} is given func(x: s32)`,
    ],
    [
      "import an instance with more in it",
      '(import "i" (instance (export "b" (func))))',
      '(import "i" (instance (export "a" (func)) (export "b" (func))))',
      `${inside} "i.a" is an export, ${inward} is given nothing`,
    ],
    [
      "export an instance with less in it",
      '(export "i" (instance (export "f" (func (param "x" u32))) (export "g" (func))))',
      `${f} (instance $i (export "f" (func $f))) (export "i" (instance $i))`,
      `${inside} "i.g" is an export, of a component inside is given nothing`,
    ],
    [
      "export another type",
      `${record} (export "r" (type (eq $r)))`,
      '(type $r (record (field "m" u8))) (export "r" (type $r))',
      `${inside} "r" is the type record { n: u8 }, of a component inside is given the type record { m: u8 }`,
    ],
    [
      "bring a value type for a resource",
      '(export "r" (type (sub resource)))',
      '(type $r u8) (export "r" (type $r))',
      `${inside} "r" is a resource, of a component inside is given the type u8`,
    ],
    [
      "bring one resource and take another",
      '(export "r" (type $r (sub resource))) (export "f" (func (param "x" (own $r))))',
      `(type $r (resource (rep i32))) (type $s (resource (rep i32))) (export "r" (type $r)) (export $q "s" (type $s)) ${lifted("f", '(param "x" (own $q))', "(param i32)")} (export "f" (func $f))`,
      `${inside} "f" is func(x: r), of a component inside is given func(x: resource)`,
    ],
    [
      "bring one of its own for the one that it is given",
      '(import "r" (type $r (sub resource))) (export "s" (type (eq $r)))',
      '(import "r" (type $q (sub resource))) (type $own (resource (rep i32))) (export "s" (type $own))',
      `${inside} "s" is a resource, of a component inside is given another resource`,
    ],
    [
      "take two resources for one",
      '(import "r" (type $r (sub resource))) (import "s" (type $s (sub resource))) (import "f" (func (param "x" (own $s))))',
      '(import "r" (type $r (sub resource))) (import "s" (type $s (sub resource))) (import "f" (func (param "x" (own $r))))',
      `${inside} "f" is func(x: r), ${inward} is given func(x: s)`,
    ],
    [
      "import a component that does more",
      '(import "c" (component (export "f" (func))))',
      '(import "c" (component (export "f" (func)) (export "g" (func))))',
      `${inside} "c.g" is an export, ${inward} is given nothing`,
    ],
    [
      "import a core module that does more",
      '(core type $m (module (export "f" (func)))) (import "m" (core module (type $m)))',
      '(core type $m (module (export "f" (func)) (export "g" (func)))) (import "m" (core module (type $m)))',
      `${inside} "m" is a core module, ${inward} is given one whose export "g" is missing`,
    ],
    [
      "import another version of an interface",
      '(import "a:b/c@1.2.0" (instance (export "f" (func))))',
      '(import "a:b/c@1.2.1" (instance (export "f" (func))))',
      `${inside} "a:b/c@1.2.1" is an instance by its own account, ${inward} is given nothing`,
    ],
  ])("may not %s", async (_, wanted, given, message) => {
    await expectInvalid(giving(wanted, given), message);
  });
});

describe("what is given to a component inside", () => {
  const takes = (imports: string, args: string, parts = ""): string =>
    `(component $c ${imports}) ${parts} (instance (instantiate $c ${args}))`;

  test.each([
    ["may be more than it asks for", takes("", '(with "zz" (func $f))', f)],
    [
      "may be a resource, and functions of it",
      takes(
        '(import "r" (type $r (sub resource))) (import "f" (func (param "x" (own $r))))',
        '(with "r" (type $r)) (with "f" (func $f))',
        `(type $r (resource (rep i32))) ${lifted("f", '(param "x" (own $r))', "(param i32)")}`,
      ),
    ],
    [
      "may be one resource for two",
      takes(
        '(import "r" (type $r (sub resource))) (import "s" (type $s (sub resource)))',
        '(with "r" (type $r)) (with "s" (type $r))',
        "(type $r (resource (rep i32)))",
      ),
    ],
    [
      "may be a type that is the same",
      takes('(type $t (list u8)) (import "t" (type (eq $t)))', '(with "t" (type $l))', "(type $l (list u8))"),
    ],
  ])("%s", async (_, text) => {
    await expectValid(text);
  });

  test.each([
    [
      "may not be nothing",
      takes('(import "f" (func))', ""),
      'nothing is given for the import "f" of a component inside',
    ],
    [
      "may not be nothing where a type is asked for",
      takes('(type $t u8) (import "t" (type (eq $t)))', ""),
      'nothing is given for the import "t" of a component inside',
    ],
    [
      "has each name once",
      takes("", '(with "f" (func $f)) (with "f" (func $f))', f),
      'the argument "f" is there twice',
    ],
    [
      "may not be another type",
      takes('(type $t (list u8)) (import "t" (type (eq $t)))', '(with "t" (type $l))', "(type $l (list s8))"),
      'the import "t", the type list<u8>, of a component inside is given the type list<s8>',
    ],
    [
      "may not be two resources for one",
      takes(
        '(import "r" (type $r (sub resource))) (import "s" (type (eq $r)))',
        '(with "r" (type $r)) (with "s" (type $s))',
        "(type $r (resource (rep i32))) (type $s (resource (rep i32)))",
      ),
      'the import "s", a resource, of a component inside is given another resource',
    ],
    [
      "may not be a function of another resource",
      takes(
        '(import "r" (type $r (sub resource))) (import "f" (func (param "x" (own $r))))',
        '(with "r" (type $r)) (with "f" (func $f))',
        `(type $r (resource (rep i32))) (type $s (resource (rep i32))) ${lifted("f", '(param "x" (own $s))', "(param i32)")}`,
      ),
      'the import "f", func(x: r), of a component inside is given func(x: resource)',
    ],
    [
      "may not be borrowed where it is to be owned",
      takes(
        '(import "r" (type $r (sub resource))) (import "f" (func (param "x" (own $r))))',
        '(with "r" (type $r)) (with "f" (func $f))',
        `(type $r (resource (rep i32))) ${lifted("f", '(param "x" (borrow $r))', "(param i32)")}`,
      ),
      'the import "f", func(x: r), of a component inside is given func(x: borrow<resource>)',
    ],
    ["may not be something that is not there", takes("", '(with "f" (func 9))'), "function 9 does not exist"],
    ["may not be given to nothing", "(instance (instantiate 7))", "component 7 does not exist"],
  ])("%s", async (_, text, message) => {
    await expectInvalid(text, message);
  });

  test("has resources of its own for each instance", async () => {
    const text = (second: string): string => `
      (component $maker (type $r (resource (rep i32))) (export $q "r" (type $r)) ${lifted("f", '(param "x" (own $q))', "(param i32)")} (export "f" (func $f)))
      (component $user (import "r" (type $r (sub resource))) (import "f" (func (param "x" (own $r)))))
      (instance $a (instantiate $maker)) (instance $b (instantiate $maker))
      (instance (instantiate $user (with "r" (type $a "r")) (with "f" (func ${second} "f"))))`;
    await expectValid(text("$a"));
    await expectInvalid(text("$b"), 'the import "f", func(x: r), of a component inside is given func(x: resource)');
  });
});

describe("an export that is said to be something", () => {
  const instance = `${f} (instance $i (export "a" (func $f)) (export "b" (func $f)))`;

  test.each([
    ["may be that", `${f} (export "f" (func $f) (func (param "x" u32)))`],
    ["may be more", `${instance} (export "i" (instance $i) (instance (export "a" (func (param "x" u32)))))`],
    [
      "names the types that it is said to use",
      `${record} ${lifted("f", '(param "x" $r)', "(param i32)")} (export $q "r" (type $r)) (export "f" (func $f) (func (param "x" $q)))`,
    ],
    [
      "may be the type of a component",
      '(component $c (import "f" (func))) (export "c" (component $c) (component (import "f" (func)) (import "g" (func))))',
    ],
  ])("%s", async (_, text) => {
    await expectValid(text);
  });

  test.each([
    [
      "may not be another function",
      `${f} (export "f" (func $f) (func (param "x" s32)))`,
      'the export "f", func(x: s32), is given func(x: u32)',
    ],
    [
      "may not be an instance with less",
      `${instance} (export "i" (instance $i) (instance (export "c" (func))))`,
      'the export "i", whose "c" is an export, is given nothing',
    ],
    [
      "is no more than that",
      `${instance} (export $j "i" (instance $i) (instance (export "a" (func (param "x" u32))))) (alias export $j "b" (func))`,
      'the instance has no export "b"',
    ],
    [
      "may not be a component that asks for more",
      '(component $c (import "f" (func))) (export "c" (component $c) (component))',
      'the export "c", whose "f" is a function by its own account, of a component that is given is given nothing',
    ],
  ])("%s", async (_, text, message) => {
    await expectInvalid(text, message);
  });

  test("may be a resource that nobody knows more of", async () => {
    // jco's validator takes it for another resource.
    const text =
      '(type $r (resource (rep i32))) (export $q "r" (type $r) (type (sub resource))) (core func (canon resource.new $q))';
    expect(await wrongWith(text)).toBeUndefined();
    const instance = `(type $r (resource (rep i32))) (instance $i (export "r" (type $r)))
      (export $j "i" (instance $i) (instance (export "r" (type (sub resource))))) (alias export $j "r" (type $q))`;
    expect(await wrongWith(`${instance} (core func (canon resource.drop $q))`)).toBeUndefined();
  });
});

describe("types that are written in a few bytes", () => {
  const levels = (name: string, first: string): string =>
    Array.from(
      { length: 28 },
      (_, n) =>
        `(type $${name}${n + 1} (instance (alias outer 1 $${name}${n} (type $t)) (export "a" (instance (type $t))) (export "b" (instance (type $t)))))`,
    ).reduce((text, level) => `${text} ${level}`, `(type $${name}0 (instance (export "f" ${first})))`);

  test("may be large: each part is compared once", async () => {
    // jco's validator counts what it would come to, and refuses it.
    const text = `(component $c ${levels("x", "(func)")} (import "a" (instance (type $x28))))
      ${levels("y", "(func)")} (import "y" (instance $y (type $y28)))
      (instance (instantiate $c (with "a" (instance $y))))`;
    expect(await wrongWith(text)).toBeUndefined();
  });

  test("are refused when each part is another one", async () => {
    const text = levels("x", "(type (sub resource))");
    expect(await wrongWith(text)).toContain("its types are too many to look at");
  });

  test("may not be nested without end", async () => {
    const chain = (length: number): string =>
      Array.from({ length }, (_, n) => `(instance $i${n + 1} (export "n" (instance $i${n})))`).join(" ");
    expect(await wrongWith(`(instance $i0) ${chain(60)}`)).toBeUndefined();
    expect(await wrongWith(`(instance $i0) ${chain(2_000)}`)).toContain("types of instances nested more than 64 deep");
  });
});
