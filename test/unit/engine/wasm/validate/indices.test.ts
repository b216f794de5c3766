import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { expectInvalid, expectValid, wrongWith } from "./verdict.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const resource = "(type $r (resource (rep i32)))";
const core = '(core module $m (func (export "f")) (memory (export "m") 1)) (core instance $i (instantiate $m))';

describe("an alias outward", () => {
  test.each([
    ["a type", "(type $t (list u8)) (component (alias outer 1 $t (type)))"],
    ["a type of its own component", "(type $t u8) (alias outer 0 $t (type))"],
    ["a core type", "(core type $t (func)) (component (alias outer 1 $t (core type)))"],
    ["a core module", "(core module $m) (component (alias outer 1 $m (core module)) (core instance (instantiate 0)))"],
    ["a component", "(component $c) (component (alias outer 1 $c (component)) (instance (instantiate 0)))"],
    [
      "a type of an instance that brings its resources",
      '(type $t (instance (export "r" (type (sub resource))))) (component (alias outer 1 $t (type)))',
    ],
    [
      "a resource, from a type",
      `${resource} (type (component (alias outer 1 $r (type)))) (type (instance (alias outer 1 $r (type))))`,
    ],
    ["a type, from types inside types", "(type $t u8) (type (component (type (instance (alias outer 2 $t (type))))))"],
  ])("may be of %s", async (_, text) => {
    await expectValid(text);
  });

  test.each([
    ["a component that is not around it", "(component (alias outer 3 0 (type)))", "an alias 3 components outward"],
    ["a type that is not there", "(component (alias outer 1 0 (type)))", "type 0 does not exist, 1 components outward"],
    [
      "a resource of another component",
      `${resource} (component (alias outer 1 $r (type)))`,
      "an alias of a type with resources of another component",
    ],
    [
      "a handle to a resource of another component",
      `${resource} (type $o (own $r)) (component (alias outer 1 $o (type)))`,
      "an alias of a type with resources of another component",
    ],
    [
      "a function of such handles",
      `${resource} (type $f (func (param "x" (list (borrow $r))))) (component (alias outer 1 $f (type)))`,
      "an alias of a type with resources",
    ],
    [
      "such a resource, from a type inside",
      `${resource} (component (type (component (alias outer 2 $r (type)))))`,
      "an alias of a type with resources",
    ],
    ["a core module that is not there", "(component (alias outer 1 0 (core module)))", "core module 0 does not exist"],
    ["a core type that is not there", "(component (alias outer 1 0 (core type)))", "core type 0 does not exist"],
    [
      "a component, from a type",
      "(component $c) (type (component (alias outer 1 $c (component))))",
      "an alias of a component in a type",
    ],
    [
      "a core module, from a type",
      "(core module $m) (type (component (alias outer 1 $m (core module))))",
      "an alias of a core module in a type",
    ],
  ])("may not be of %s", async (_, text, message) => {
    expect(await wrongWith(text)).toContain(message);
    // jco's validator lets types speak of modules and components.
    if (!message.endsWith("in a type")) await expectInvalid(text, message);
  });
});

describe("an alias of an export", () => {
  test.each([
    [
      "is of one that is there",
      '(import "i" (instance $i)) (alias export $i "x" (func))',
      'the instance has no export "x"',
    ],
    [
      "is of the sort that it is",
      '(import "i" (instance $i (export "x" (func)))) (alias export $i "x" (instance))',
      'the export "x" is a function, not a instance',
    ],
    ["is of an instance that is there", '(alias export 4 "x" (func))', "instance 4 does not exist"],
    [
      "of a core instance is of one that is there",
      `${core} (alias core export $i "g" (core func))`,
      'a core instance has no export "g"',
    ],
    [
      "of a core instance is of the sort that it is",
      `${core} (alias core export $i "f" (core memory))`,
      'the core export "f" is a function, not a core memory',
    ],
    ["is of a core instance that is there", '(alias core export 4 "x" (core func))', "core instance 4 does not exist"],
  ])("%s, or is refused", async (_, text, message) => {
    await expectInvalid(text, message);
  });

  test("may be of a type inside an instance inside a type", async () => {
    await expectValid(
      '(type (instance (export "n" (instance $n (export "r" (type (sub resource))))) (alias export $n "r" (type $r)) (export "f" (func (param "x" (own $r))))))',
    );
  });

  test("in a type is of types and instances", async () => {
    const text = '(type (component (import "i" (instance $i (export "f" (func)))) (alias export $i "f" (func))))';
    expect(await wrongWith(text)).toContain("an alias of a function in a type");
  });
});

describe("an index", () => {
  test.each([
    ["of an export", '(export "a" (func 3))', "function 3 does not exist"],
    ["of a value that is exported", '(export "a" (value 3))', "value 3 does not exist"],
    ["of an instance's export", '(instance (export "a" (func 7)))', "function 7 does not exist"],
    ["of a core instance's export", '(core instance (export "a" (func 7)))', "core function 7 does not exist"],
    ["of a component", "(instance (instantiate 4))", "component 4 does not exist"],
    ["of a core module", "(core instance (instantiate 4))", "core module 4 does not exist"],
    ["of a start function", "(start 3)", "function 3 does not exist"],
  ])("%s is of something that is there", async (_, text, message) => {
    await expectInvalid(text, message);
  });

  test("counts only what stands before it", async () => {
    await expectInvalid("(core instance (instantiate 0)) (core module)", "core module 0 does not exist");
    await expectInvalid("(type (list 1)) (type u8)", "type 1 is not the type of a value");
  });
});

describe("an instance of core exports", () => {
  test("has each name once", async () => {
    await expectInvalid(
      `${core} (core instance (export "a" (func $i "f")) (export "a" (func $i "f")))`,
      'the core export "a" is there twice',
    );
    await expectValid(
      `${core} (core instance (export "a" (func $i "f")) (export "b" (func $i "f")) (export "m" (memory $i "m")))`,
    );
  });

  test("may be empty, and have empty names", async () => {
    await expectValid(`(core instance) ${core} (core instance (export "" (func $i "f")))`);
  });
});

describe("components that are never instantiated", () => {
  test.each([
    [
      "lift functions of the right type",
      `(component ${core} (func (param "x" u32) (canon lift (core func $i "f"))))`,
      "should be (i32) -> ()",
    ],
    [
      "give components inside what they ask for",
      '(component (component $c (import "a" (func))) (instance (instantiate $c)))',
      'nothing is given for the import "a"',
    ],
    ["have indices of something", "(component (component (type (list 9))))", "type 9 is not the type of a value"],
  ])("%s, or are refused", async (_, text, message) => {
    await expectInvalid(text, message);
  });
});
