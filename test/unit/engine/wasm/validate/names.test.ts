import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { expectInvalid, expectValid, wrongWith } from "./verdict.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const importing = (...names: readonly string[]): string =>
  names.map((name) => `(import ${JSON.stringify(name)} (instance))`).join(" ");
const digest = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

describe("an import's name", () => {
  test.each([
    "a",
    "a1",
    "a-b",
    "ABC-d",
    "a-1b",
    "A1-2-3",
    "a11-w0rds",
    "a:b/c",
    "a-b:c-d/e-f",
    "a:b/C",
    "a:b/c@1.0.0",
    "a:b/c@0.2.0-rc.1",
    "a:b/c@1.0.0-rc.1+b.2",
    "locked-dep=<a:b>",
    "locked-dep=<a:b@1.0.0>",
    `locked-dep=<a:b@1.0.0>,integrity=<${digest}>`,
    "unlocked-dep=<a:b>",
    "unlocked-dep=<a:b@*>",
    "unlocked-dep=<a:b@{>=1.2.3}>",
    "unlocked-dep=<a:b@{<2.0.0}>",
    "unlocked-dep=<a:b@{>=1.2.3 <2.0.0}>",
    "url=<https://example.com/x>",
    `url=<x>,integrity=<${digest}>`,
    `integrity=<${digest}>`,
    `integrity=<${digest}?option>`,
  ])("may be %s", async (name) => {
    await expectValid(importing(name));
  });

  test.each([
    "",
    "a_b",
    "aB",
    "1a",
    "a--b",
    "-a",
    "a-",
    "a.b",
    "é",
    "[other]a",
    "[constructor]",
    "[method]a",
    "[static]a.",
    "a:b",
    "a/b",
    "A:b/c",
    "a:B/c",
    ":b/c",
    "a:/c",
    "a:b/",
    "a:b/c@",
    "a:b/c@01.0.0",
    "a:b/c@1.0",
    "a:b/c@1.0.0-01",
    "a:b/c@x",
    "locked-dep=<a>",
    "locked-dep=<a:b@*>",
    "unlocked-dep=<a:b@{>1.2.3}>",
    "unlocked-dep=<a:b@{}>",
    "unlocked-dep=<a:b@1.0.0>",
    "url=<a",
    "url=<a<>",
    "relative-url=<a>",
    "integrity=<>",
    "integrity=<sha9-a>",
    "integrity=<sha256>",
  ])("may not be %j", async (name) => {
    await expectInvalid(importing(name), "is no name of an import");
  });

  test("may have the part of a version that matters", async () => {
    // Newer than jco's validator.
    for (const name of ["a:b/c@1", "a:b/c@0.2", "a:b/c@0.0.3"])
      expect(await wrongWith(importing(name))).toBeUndefined();
    for (const name of ["a:b/c@0", "a:b/c@1.2", "a:b/c@01"]) {
      expect(await wrongWith(importing(name))).toContain("is no name of an import");
    }
  });

  test.each([
    ["the same", ["a", "a"], 'among the imports, "a" is there twice'],
    ["in other letters", ["ab", "AB"], '"ab" and "AB" are too much alike'],
    ["with other hyphens", ["a-b", "ab"], '"a-b" and "ab" are too much alike'],
    ["of an interface, with other hyphens", ["a:b/c-d", "a:b/cd"], "too much alike"],
    ["of an interface, the same", ["a:b/c@1.0.0", "a:b/c@1.0.0"], "is there twice"],
    ["of an interface, in other letters", ["a:b/c", "a:b/C"], "too much alike"],
  ])("may not stand beside another: %s", async (_, names, message) => {
    await expectInvalid(importing(...names), message);
  });

  test("may stand beside another version of it, and be that of an export", async () => {
    await expectValid(importing("a:b/c@1.0.0", "a:b/c@1.0.1", "a:b/c", "a:b/c@1.0.0-ab", "a:b/c@1.0.0-a-b"));
    await expectValid('(import "i" (instance $i)) (export "i" (instance $i))');
  });
});

describe("an export's name", () => {
  test("may be plain or an interface's", async () => {
    await expectValid('(import "i" (instance $i)) (export "a" (instance $i)) (export "a:b/c@1.0.0" (instance $i))');
  });

  test.each(["url=<a>", "locked-dep=<a:b@1.0.0>", `integrity=<${digest}>`, "a_b", ""])(
    "may not be %j",
    async (name) => {
      await expectInvalid(`(import "i" (instance $i)) (export "${name}" (instance $i))`, "is no name of an export");
    },
  );

  test("may not be there twice, in a component, an instance or a type", async () => {
    await expectInvalid(
      '(import "i" (instance $i)) (export "a" (instance $i)) (export "A" (instance $i))',
      '"a" and "A" are too much alike',
    );
    await expectInvalid(
      '(import "i" (instance $i)) (instance (export "a" (instance $i)) (export "a" (instance $i)))',
      '"a" is there twice',
    );
    await expectInvalid(
      '(import "i" (instance $i)) (instance (export "a_b" (instance $i)))',
      '"a_b" is no name of an export',
    );
    await expectInvalid('(type (instance (export "a" (func)) (export "a" (func))))', '"a" is there twice');
    await expectInvalid('(type (component (import "a" (func)) (import "a" (func))))', '"a" is there twice');
  });
});

describe("a function that is named after a resource", () => {
  const resource = '(import "r" (type $r (sub resource)))';

  test.each([
    ["a constructor", '(import "[constructor]r" (func (result (own $r))))'],
    [
      "a constructor that may fail",
      '(import "[constructor]r" (func (param "x" u8) (result (result (own $r) (error string)))))',
    ],
    ["a method", '(import "[method]r.m" (func (param "self" (borrow $r)) (param "x" u8)))'],
    ["a static function", '(import "[static]r.m" (func))'],
    [
      "several",
      '(import "[constructor]r" (func (result (own $r)))) (import "[method]r.m" (func (param "self" (borrow $r)))) (import "[static]r.n" (func)) (import "r-m" (func))',
    ],
  ])("may be %s", async (_, text) => {
    await expectValid(`${resource} ${text}`);
  });

  test.each([
    [
      "a constructor of something else",
      '(import "[constructor]r" (func (result u32)))',
      'the import "[constructor]r" does not give a r',
    ],
    ["a constructor without a result", '(import "[constructor]r" (func))', "does not give a r"],
    [
      "a constructor that gives an error only",
      '(import "[constructor]r" (func (result (result (error (own $r))))))',
      "does not give a r",
    ],
    [
      "a method that owns",
      '(import "[method]r.m" (func (param "self" (own $r))))',
      "does not take a borrowed r called self first",
    ],
    [
      "a method without self",
      '(import "[method]r.m" (func (param "x" (borrow $r))))',
      "does not take a borrowed r called self first",
    ],
    ["a method that takes nothing", '(import "[method]r.m" (func))', "does not take a borrowed r called self first"],
    [
      "a method of another resource",
      '(import "s" (type $s (sub resource))) (import "[method]s.m" (func (param "self" (borrow $r))))',
      "does not take a borrowed s called self first",
    ],
    [
      "a static function of nothing",
      '(import "[static]s.m" (func))',
      'belongs to "s", which is no resource that is imported before it',
    ],
    [
      "a static function of a type",
      '(import "s" (type (eq $r))) (type $u u8) (import "t" (type (eq $u))) (import "[static]t.m" (func))',
      'belongs to "t", which is no resource',
    ],
    ["something else than a function", '(import "[method]r.m" (instance))', "is no function"],
    [
      "like another method",
      '(import "[method]r.m" (func (param "self" (borrow $r)))) (import "[static]r.m" (func))',
      "too much alike",
    ],
    [
      "like another method in other letters",
      '(import "[method]r.m" (func (param "self" (borrow $r)))) (import "[method]r.M" (func (param "self" (borrow $r))))',
      "too much alike",
    ],
    [
      "like its resource",
      '(import "[method]r.r" (func (param "self" (borrow $r))))',
      '"r" and "[method]r.r" are too much alike',
    ],
  ])("may not be %s", async (_, text, message) => {
    await expectInvalid(`${resource} ${text}`, message);
  });

  test("stands after its resource, on the same side", async () => {
    await expectInvalid(
      '(import "[static]r.m" (func)) (import "r" (type (sub resource)))',
      'belongs to "r", which is no resource that is imported before it',
    );
    await expectInvalid(
      `${resource} (import "f" (func $f)) (export "[static]r.m" (func $f))`,
      'belongs to "r", which is no resource that is exported before it',
    );
  });

  test("is held to its name in types and instances, too", async () => {
    const method = (self: string): string =>
      `(import "i" (instance (export "r" (type $r (sub resource))) (export "[method]r.m" (func (param "self" ${self})))))`;
    await expectValid(method("(borrow $r)"));
    await expectInvalid(method("(own $r)"), "does not take a borrowed r called self first");
    await expectInvalid('(import "f" (func $f)) (instance (export "[method]r.x" (func $f)))', 'belongs to "r"');
  });
});
