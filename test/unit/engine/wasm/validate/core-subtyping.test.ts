import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { expectInvalid, expectValid, wrongWith } from "./verdict.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

/** A component inside imports a core module by a type, and is given one. */
const giving = (wanted: string, given: string): string => `
  (component $c (core type $t (module ${wanted})) (import "m" (core module (type $t))))
  (core module $m ${given})
  (instance (instantiate $c (with "m" (core module $m))))`;

describe("a core module that is given to a component inside", () => {
  test.each([
    ["be just what is asked for", '(export "f" (func (param i32)))', '(func (export "f") (param i32))'],
    ["export more", '(export "f" (func))', '(func (export "f")) (func (export "g"))'],
    ["import less", '(import "a" "b" (func)) (import "a" "c" (func))', '(import "a" "c" (func))'],
    ["have a larger memory", '(export "m" (memory 1))', '(memory (export "m") 2)'],
    ["have a memory that may not grow so far", '(export "m" (memory 1 9))', '(memory (export "m") 1 8)'],
    ["have a bounded memory", '(export "m" (memory 1))', '(memory (export "m") 1 8)'],
    ["ask for a smaller memory", '(import "a" "m" (memory 2 3))', '(import "a" "m" (memory 1 3))'],
    ["ask for a memory without a bound", '(import "a" "m" (memory 2 3))', '(import "a" "m" (memory 2))'],
    ["have a shared memory", '(export "m" (memory 1 2 shared))', '(memory (export "m") 1 2 shared)'],
    ["have a larger table", '(export "t" (table 1 funcref))', '(table (export "t") 2 funcref)'],
    ["have a variable", '(export "g" (global (mut i32)))', '(global (export "g") (mut i32) (i32.const 0))'],
    [
      "have constants of every sort",
      '(export "a" (global i64)) (export "b" (global f32)) (export "c" (global f64)) (export "d" (global v128)) (export "e" (global funcref))',
      '(global (export "a") i64 (i64.const -1)) (global (export "b") f32 (f32.const 1)) (global (export "c") f64 (f64.const 1)) (global (export "d") v128 (v128.const i32x4 1 2 3 4)) (func $f) (global (export "e") funcref (ref.func $f))',
    ],
    [
      "have constants that are computed",
      '(export "g" (global i32))',
      '(import "" "z" (global i32)) (global (export "g") i32 (i32.add (global.get 0) (i32.const 2)))',
      '(import "" "z" (global i32))',
    ],
    [
      "name its types in another order",
      '(type $a (func (param i32))) (type $b (func)) (export "f" (func (type $b)))',
      '(type $b (func)) (type $a (func (param i32))) (func (export "f") (type $b))',
    ],
    ["use a short name of a type", '(export "t" (table 0 (ref null extern)))', '(table (export "t") 0 externref)'],
  ])("may %s", async (_, wanted, given, more = "") => {
    await expectValid(giving(`${more} ${wanted}`, given));
  });

  test.each([
    [
      "lack an export",
      '(export "f" (func))',
      "",
      'the import "m", a core module, of a component inside is given one whose export "f" is missing',
    ],
    [
      "export a function of another type",
      '(export "f" (func (param i32)))',
      '(func (export "f") (param i64))',
      'whose export "f" should be (i32) -> (), but is (i64) -> ()',
    ],
    [
      "export a function with another result",
      '(export "f" (func (result i32)))',
      '(func (export "f"))',
      "should be () -> i32, but is () -> ()",
    ],
    [
      "export another sort",
      '(export "f" (func))',
      '(memory (export "f") 1)',
      'whose export "f" is a function, and is given a memory',
    ],
    ["import more", "", '(import "a" "b" (func))', 'one whose import "b" of "a" is not among those of the type'],
    [
      "import by another module name",
      '(import "a" "b" (func))',
      '(import "x" "b" (func))',
      'whose import "b" of "x" is not among',
    ],
    [
      "import a function of another type",
      '(import "a" "b" (func))',
      '(import "a" "b" (func (param i32)))',
      'whose import "b" of "a" should be (i32) -> (), but is () -> ()',
    ],
    [
      "have a smaller memory",
      '(export "m" (memory 2))',
      '(memory (export "m") 1)',
      "is a memory, and is given one with a minimum of 1, less than 2",
    ],
    [
      "have a memory without a bound",
      '(export "m" (memory 1 2))',
      '(memory (export "m") 1)',
      "no maximum, where 2 is one",
    ],
    [
      "have a memory with a larger bound",
      '(export "m" (memory 1 2))',
      '(memory (export "m") 1 3)',
      "a maximum of 3, more than 2",
    ],
    [
      "ask for a larger memory",
      '(import "a" "m" (memory 1))',
      '(import "a" "m" (memory 2))',
      "a minimum of 1, less than 2",
    ],
    [
      "have a memory of one thread for a shared one",
      '(export "m" (memory 1 2 shared))',
      '(memory (export "m") 1 2)',
      "of one thread, not shared",
    ],
    [
      "have a shared memory for one of one thread",
      '(export "m" (memory 1 2))',
      '(memory (export "m") 1 2 shared)',
      "shared, not of one thread",
    ],
    [
      "have a memory of 64 bits",
      '(export "m" (memory 1))',
      '(memory (export "m") i64 1)',
      "addresses of 64 bits, not 32",
    ],
    [
      "have a table of other elements",
      '(export "t" (table 1 funcref))',
      '(table (export "t") 1 externref)',
      "is a table of funcref, and is given one of externref",
    ],
    [
      "have a smaller table",
      '(export "t" (table 2 funcref))',
      '(table (export "t") 1 funcref)',
      "a minimum of 1, less than 2",
    ],
    [
      "have a constant for a variable",
      '(export "g" (global (mut i32)))',
      '(global (export "g") i32 (i32.const 0))',
      "is a variable i32, and is given a constant i32",
    ],
    [
      "have a variable for a constant",
      '(export "g" (global i32))',
      '(global (export "g") (mut i32) (i32.const 0))',
      "is a constant i32, and is given a variable i32",
    ],
    [
      "have a constant of another type",
      '(export "g" (global i32))',
      '(global (export "g") i64 (i64.const 0))',
      "is a constant i32, and is given a constant i64",
    ],
    [
      "have a tag of another type",
      '(export "e" (tag (param i32)))',
      '(tag (export "e") (param i64))',
      'whose export "e" should be (i32) -> (), but is (i64) -> ()',
    ],
    [
      "use a reference that may not be null",
      '(export "t" (table 0 (ref null func)))',
      '(func $f) (table (export "t") 0 (ref func) (ref.func $f)) (elem declare func $f)',
      "is a table of funcref, and is given one of (ref func)",
    ],
  ])("may not %s", async (_, wanted, given, message) => {
    await expectInvalid(giving(wanted, given), message);
  });

  // Here jco's validator knows less: it has no exceptions, and takes tables for one another.
  test("may have a tag, and not another one, nor a table of 64 bits for one of 32", async () => {
    const tag = '(export "e" (tag (param i32)))';
    expect(await wrongWith(giving(tag, '(tag (export "e") (param i32))'))).toBeUndefined();
    expect(await wrongWith(giving(tag, '(tag (export "e") (param i64))'))).toContain(
      'whose export "e" should be (i32) -> (), but is (i64) -> ()',
    );
    expect(await wrongWith(giving('(export "t" (table 1 funcref))', '(table (export "t") i64 1 funcref)'))).toContain(
      "addresses of 64 bits, not 32",
    );
  });

  test("may not be something else", async () => {
    const text = giving("", "").replace('(with "m" (core module $m))', '(with "m" (component $x))');
    await expectInvalid(
      `(component $x) ${text}`,
      'the import "m", a core module, of a component inside is given a component',
    );
  });
});

describe("the type of a core module", () => {
  test.each([
    [
      "may speak of types outside",
      '(core type $f (func (param i32))) (component $c (alias outer 1 $f (core type $g)) (core type $t (module (alias outer 1 $g (type $h)) (export "f" (func (type $h))))) (import "m" (core module (type $t)))) (core module $m (func (export "f") (param i32))) (instance (instantiate $c (with "m" (core module $m))))',
    ],
    [
      "may be aliased",
      '(core type $t (module (export "f" (func)))) (component $c (alias outer 1 $t (core type $u)) (import "m" (core module (type $u)))) (core module $m (func (export "f"))) (instance (instantiate $c (with "m" (core module $m))))',
    ],
  ])("%s", async (_, text) => {
    await expectValid(text);
  });

  test.each([
    [
      "imports a name once",
      '(core type (module (import "a" "b" (func)) (import "a" "b" (func))))',
      'a core module imports "b" of "a" twice',
    ],
    [
      "exports a name once",
      '(core type (module (export "b" (func)) (export "b" (func))))',
      'a core module exports "b" twice',
    ],
    [
      "may not speak of types that are not there",
      "(core type (module (alias outer 1 9 (type))))",
      "core type 9 does not exist",
    ],
    [
      "may not speak of types of modules",
      "(core type $m (module)) (core type (module (alias outer 1 $m (type))))",
      "core type 0 does not exist",
    ],
    [
      "has memories of at most 4 GB",
      '(core type (module (import "a" "m" (memory 65537))))',
      "a memory of more than 65536 pages",
    ],
    [
      "has memories that may not grow beyond",
      '(core type (module (import "a" "m" (memory 1 65537))))',
      "a memory of more than 65536 pages",
    ],
    [
      "has bounds that are not below the size",
      '(core type (module (import "a" "m" (memory 2 1))))',
      "a maximum of 1, less than the minimum of 2",
    ],
    [
      "has bounds for what is shared",
      '(core type (module (import "a" "m" (memory 1 shared))))',
      "something shared without a maximum",
    ],
    [
      "is not the type of a function",
      '(core type $f (func)) (import "m" (core module (type $f)))',
      "core type 0 is not the type of a module",
    ],
  ])("%s", async (_, text, message) => {
    await expectInvalid(text, message);
  });
});

describe("a core module that is instantiated", () => {
  const giving = (wanted: string, given: string): string =>
    `(core module $a ${given}) (core instance $a (instantiate $a)) (core module $m (import "a" "x" ${wanted})) (core instance (instantiate $m (with "a" (instance $a))))`;

  test.each([
    ["a memory that is larger", "(memory 1)", '(memory (export "x") 2)'],
    ["a table that is bounded", "(table 1 9 funcref)", '(table (export "x") 1 8 funcref)'],
    ["a global", "(global (mut i64))", '(global (export "x") (mut i64) (i64.const 0))'],
  ])("may be given %s", async (_, wanted, given) => {
    await expectValid(giving(wanted, given));
  });

  test.each([
    [
      "a memory that is smaller",
      "(memory 2)",
      '(memory (export "x") 1)',
      'the import "x" of "a" of a core module is a memory, and is given one with a minimum of 1, less than 2',
    ],
    [
      "another global",
      "(global (mut i64))",
      '(global (export "x") i64 (i64.const 0))',
      "is a variable i64, and is given a constant i64",
    ],
    ["another sort", "(func)", '(memory (export "x") 1)', "is a function, and is given a memory"],
    [
      "a function of another type",
      "(func)",
      '(func (export "x") (param i32))',
      "should be () -> (), but is (i32) -> ()",
    ],
    ["another tag", "(tag (param i32))", '(tag (export "x"))', "should be (i32) -> (), but is () -> ()"],
    ["nothing", "(func)", "", 'nothing is given for the import "x" of "a" of a core module'],
  ])("may not be given %s", async (_, wanted, given, message) => {
    await expectInvalid(giving(wanted, given), message);
  });

  test.each([
    [
      "the same argument twice",
      '(core module $m) (core instance $i (instantiate $m)) (core instance (instantiate $m (with "a" (instance $i)) (with "a" (instance $i))))',
      'the core argument "a" is there twice',
    ],
    [
      "an instance that is not there",
      '(core module $m) (core instance (instantiate $m (with "a" (instance 7))))',
      "core instance 7 does not exist",
    ],
    ["anything when it is not there", "(core instance (instantiate 3))", "core module 3 does not exist"],
  ])("may not be given %s", async (_, text, message) => {
    await expectInvalid(text, message);
  });

  test("may not import one name twice", async () => {
    await expectInvalid(
      '(core module (import "a" "b" (func)) (import "a" "b" (func)))',
      'a core module imports "b" of "a" twice',
    );
  });

  test("may be given a tag, or something of a type of a group that is the same", async () => {
    expect(await wrongWith(giving("(tag (param i32))", '(tag (export "x") (param i32))'))).toBeUndefined();
    const group = (first: string, second: string): string =>
      `(rec (type $a (func (param (ref null ${first})))) (type $b (struct (field (ref null ${second})) (field (mut i8)))))`;
    const modules = (given: string, wanted: string): string =>
      `(core module $a ${given} (table (export "x") 1 (ref null $a))) (core instance $a (instantiate $a))
       (core module $m ${wanted} (import "a" "x" (table 1 (ref null $a)))) (core instance (instantiate $m (with "a" (instance $a))))`;
    expect(await wrongWith(modules(group("$b", "$a"), `(type (func)) ${group("$b", "$a")}`))).toBeUndefined();
    expect(await wrongWith(modules(group("$b", "$a"), group("$b", "$b")))).toContain("is a table of (ref null t");
  });

  test.each([
    ["computed ones", "(global i32 (i32.mul (i32.const 2) (i32.sub (i32.const 9) (i32.const 1))))"],
    [
      "structures",
      "(type $s (struct (field i32))) (type $r (array i32)) (global (ref $s) (struct.new $s (i32.const 1))) (global (ref $r) (array.new_fixed $r 2 (i32.const 1) (i32.const 2)))",
    ],
    [
      "references",
      "(global i31ref (ref.i31 (i32.const 1))) (global funcref (ref.null func)) (table 1 (ref null func) (ref.null func))",
    ],
  ])("may have constants such as %s", async (_, fields) => {
    expect(await wrongWith(`(core module ${fields} (global (export "last") i64 (i64.const 7)))`)).toBeUndefined();
  });

  test("may not have constants that are none", async () => {
    expect(await wrongWith("(core module (func) (global i32 (call 0)))")).toContain(
      "instruction 0x10 in a constant expression",
    );
  });
});
