import { afterAll, describe, expect, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { expectInvalid, expectValid, wrongWith } from "./verdict.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const flags = (count: number): string => Array.from({ length: count }, (_, index) => `"f${index}"`).join(" ");
const resource = "(type $r (resource (rep i32)))";

describe("types of values", () => {
  test.each([
    ["flags of 32 names", `(type (flags ${flags(32)}))`],
    ["a list of lists", "(type $a (list u8)) (type $b (list $a)) (type (option $b))"],
    ["a list of fixed length", "(type (list u8 4))"],
    ["a map", "(type (map string u8))"],
    ["results with and without parts", "(type (result)) (type (result u8)) (type (result (error u8)))"],
    [
      "handles",
      `${resource} (type (own $r)) (type (borrow $r)) (type (func (param "x" (borrow $r)) (result (own $r))))`,
    ],
    ["a variant whose cases have the names of others' fields", '(type (variant (case "a" u8) (case "b")))'],
    ["streams and futures", "(type (stream u8)) (type (stream)) (type (future string))"],
  ])("may be %s", async (_, text) => {
    await expectValid(text);
  });

  test.each([
    ["a record without fields", "(type (record))", "a record type without parts"],
    ["a variant without cases", "(type (variant))", "a variant type without parts"],
    ["an enum without cases", "(type (enum))", "a enum type without parts"],
    ["flags without names", "(type (flags))", "a flags type without parts"],
    ["a tuple without parts", "(type (tuple))", "a tuple type without parts"],
    ["a record with a field twice", '(type (record (field "a" u8) (field "a" u8)))', '"a" is twice among the record'],
    [
      "a record with fields too much alike",
      '(type (record (field "a" u8) (field "A" u8)))',
      '"a" and "A", of the record, are too much alike',
    ],
    ["a variant with a case twice", '(type (variant (case "a") (case "a" u8)))', '"a" is twice among the variant'],
    [
      "a record with fields that differ in hyphens",
      '(type (record (field "a-b" u8) (field "ab" u8)))',
      '"a-b" and "ab", of the record, are too much alike',
    ],
    ["an enum with cases too much alike", '(type (enum "a" "A"))', "too much alike"],
    ["flags with a name twice", '(type (flags "a" "a"))', '"a" is twice among the flags'],
    ["flags of 33 names", `(type (flags ${flags(33)}))`, "flags of more than 32 names"],
    [
      "a record with a field whose name is none",
      '(type (record (field "a_b" u8)))',
      '"a_b", of the record, is no name',
    ],
    ["a list of a function", "(type $f (func)) (type (list $f))", "type 0 is not the type of a value"],
    ["a list of a resource", `${resource} (type (list $r))`, "type 0 is not the type of a value"],
    ["an own type of what is no resource", "(type $r u8) (type (own $r))", "type 0 is not a resource"],
    ["a type of something that is not there", "(type (list 9))", "type 9 is not the type of a value"],
    ["a list of the fixed length 0", "(type (list u8 0))", "a list of the fixed length 0"],
  ])("may not be %s", async (_, text, message) => {
    await expectInvalid(text, message);
  });

  test("may not be what only newer words of the specification forbid", async () => {
    // jco's validator takes these.
    expect(await wrongWith("(type (map f32 u8))")).toContain("a map whose keys are f32");
    expect(await wrongWith(`${resource} (type (stream (borrow $r)))`)).toContain("a stream of borrowed handles");
    expect(await wrongWith("(type (stream char))")).toContain("a stream of characters");
  });

  test("are bounded in size and depth", async () => {
    const nested = Array.from({ length: 120 }, (_, n) => `(type $t${n + 1} (list $t${n}))`).join(" ");
    expect(await wrongWith(`(type $t0 u8) ${nested}`)).toContain("a type more than 100 levels deep");
    const wide = Array.from({ length: 20 }, (_, n) => `(type $t${n + 1} (tuple $t${n} $t${n}))`).join(" ");
    expect(await wrongWith(`(type $t0 u8) ${wide}`)).toContain("a type of more than 10000 parts");
    expect(await wrongWith("(type (list u8 20000))")).toContain("a type of more than 10000 parts");
  });
});

describe("types of functions", () => {
  test.each([
    ["a parameter twice", '(type (func (param "a" u8) (param "a" u8)))', '"a" is twice among the parameters'],
    ["parameters too much alike", '(type (func (param "a" u8) (param "A" u8)))', "too much alike"],
    ["a parameter whose name is none", '(type (func (param "a_b" u8)))', '"a_b", of the parameters, is no name'],
    [
      "a borrowed handle as result",
      `${resource} (type (func (result (borrow $r))))`,
      "a function whose result has a borrowed handle",
    ],
    [
      "a borrowed handle inside of the result",
      `${resource} (type (func (result (list (borrow $r)))))`,
      "a function whose result has a borrowed handle",
    ],
  ])("may not have %s", async (_, text, message) => {
    await expectInvalid(text, message);
  });
});

describe("resources", () => {
  const withDestructor = (type: string): string =>
    `(core module $m (func (export "d") ${type})) (core instance $i (instantiate $m)) (type $r (resource (rep i32) (dtor (core func $i "d"))))`;

  test("may have a destructor of a handle's representation", async () => {
    await expectValid(withDestructor("(param i32)"));
  });

  test.each([
    [
      "a destructor of another type",
      withDestructor("(param i64)"),
      "a destructor should be (i32) -> (), but is (i64) -> ()",
    ],
    [
      "a destructor that gives something",
      withDestructor("(param i32) (result i32) local.get 0"),
      "a destructor should be (i32) -> (), but is (i32) -> i32",
    ],
    [
      "a destructor that is not there",
      "(type (resource (rep i32) (dtor (core func 3))))",
      "a destructor does not exist",
    ],
    [
      "definitions in the type of a component",
      "(type (component (type (resource (rep i32)))))",
      "a resource is defined in a type",
    ],
    [
      "definitions in the type of an instance",
      "(type (instance (type (resource (rep i32)))))",
      "a resource is defined in a type",
    ],
  ])("may not have %s", async (_, text, message) => {
    await expectInvalid(text, message);
  });

  test.each([
    [
      "resource.new",
      '(import "r" (type $r (sub resource))) (core func (canon resource.new $r))',
      "resource.new of a resource that the component does not define",
    ],
    [
      "resource.rep",
      '(import "r" (type $r (sub resource))) (core func (canon resource.rep $r))',
      "resource.rep of a resource that the component does not define",
    ],
    ["resource.new of a value type", "(type $r u8) (core func (canon resource.new $r))", "type 0 is not a resource"],
    ["resource.drop of what is not there", "(core func (canon resource.drop 4))", "type 4 is not a resource"],
  ])("of others are not for %s", async (_, text, message) => {
    await expectInvalid(text, message);
  });

  test("of others may be dropped", async () => {
    await expectValid('(import "r" (type $r (sub resource))) (core func (canon resource.drop $r))');
    await expectValid(
      `${resource} (export $q "r" (type $r)) (core func (canon resource.new $q)) (core func (canon resource.rep $q))`,
    );
  });
});

describe("types of imports and exports have names", () => {
  const record = '(type $r (record (field "a" u8)))';
  const taking = (type: string): string =>
    `(core module $m (func (export "f") (param i32))) (core instance $k (instantiate $m)) (func $f (param "x" ${type}) (canon lift (core func $k "f")))`;

  test.each([
    ["a record that is exported", `${record} (export $q "r" (type $r)) ${taking("$q")} (export "f" (func $f))`],
    [
      "a resource that is exported",
      `${resource} (export $q "r" (type $r)) ${taking("(own $q)")} (export "f" (func $f))`,
    ],
    [
      "an enum that is imported",
      '(type $e (enum "a")) (import "e" (type $n (eq $e))) (import "f" (func $f (param "x" $n))) (export "f" (func $f))',
    ],
    [
      "a type of an instance that is exported",
      `${record} (instance $i (export "r" (type $r))) (export $j "i" (instance $i)) (alias export $j "r" (type $q)) ${taking("$q")} (export "f" (func $f))`,
    ],
    [
      "a record in an instance's type, of which nothing is said",
      `(type (instance ${record} (export "f" (func (param "x" $r)))))`,
    ],
    ["a list, which needs none", `${taking("(tuple u8)")} (export "f" (func $f))`],
    ["a function type", '(type $f (func)) (export "f" (type $f))'],
  ])("%s", async (_, text) => {
    await expectValid(text);
  });

  const unnamed = (kind: string, name: string): string =>
    `the ${kind} "${name}" uses a type that is not ${kind}ed under a name of its own`;
  test.each([
    ["a record of an exported function", `${record} ${taking("$r")} (export "f" (func $f))`, unnamed("export", "f")],
    [
      "a record that has its name afterwards",
      `${record} ${taking("$r")} (export "r" (type $r)) (export "f" (func $f))`,
      unnamed("export", "f"),
    ],
    [
      "a record whose name is that of another",
      `${record} (export "r" (type $r)) ${taking("$r")} (export "f" (func $f))`,
      unnamed("export", "f"),
    ],
    [
      "a resource of an exported function",
      `${resource} ${taking("(own $r)")} (export "f" (func $f))`,
      unnamed("export", "f"),
    ],
    [
      "an enum of an imported function",
      '(type $e (enum "a")) (import "f" (func (param "x" $e)))',
      unnamed("import", "f"),
    ],
    [
      "an exported enum of an imported function",
      '(type $e (enum "a")) (export $n "e" (type $e)) (import "f" (func (param "x" $n)))',
      unnamed("import", "f"),
    ],
    [
      "a record inside of an exported record",
      `${record} (type $s (record (field "r" $r))) (export "s" (type $s))`,
      unnamed("export", "s"),
    ],
    [
      "a record inside of an exported list",
      `${record} (type $s (list $r)) (export "s" (type $s))`,
      unnamed("export", "s"),
    ],
    [
      "a record in the type of an imported instance",
      `(type $t (instance ${record} (export "f" (func (param "x" $r))))) (import "i" (instance (type $t)))`,
      unnamed("import", "i"),
    ],
    [
      "a record in the type of a component",
      `(type (component ${record} (export "f" (func (param "x" $r)))))`,
      unnamed("export", "f"),
    ],
  ])("not %s", async (_, text, message) => {
    await expectInvalid(text, message);
  });
});

describe("a type that a component inside is given", () => {
  const inner = (imports: string, type: string): string =>
    `(component $c ${imports} (core module $m (func (export "f") (param i32))) (core instance $i (instantiate $m))
      (func $f (param "x" ${type}) (canon lift (core func $i "f"))) (export "f" (func $f)))`;
  const enumType = '(type $e (enum "a"))';
  const instance = `(instance ${enumType} (export "e" (type (eq $e))) (export "r" (type (sub resource))))`;
  const fromInstance = (name: string): string =>
    `(import "i" (instance $j ${instance.slice(10, -1)})) (alias export $j "${name}" (type $t))`;

  test.each([
    [
      "has the name that it was imported under",
      `${enumType} (import "e" (type $n (eq $e))) ${inner(`${enumType} (import "e" (type $t (eq $e)))`, "$t")}
       (instance $d (instantiate $c (with "e" (type $n)))) (export "f" (func $d "f"))`,
    ],
    [
      "has the name that it was imported under, a resource",
      `(import "r" (type $n (sub resource))) ${inner('(import "r" (type $t (sub resource)))', "(own $t)")}
       (instance $d (instantiate $c (with "r" (type $n)))) (export "f" (func $d "f"))`,
    ],
    [
      "has the name that it was exported under",
      `${resource} (export $n "r" (type $r)) ${inner('(import "r" (type $t (sub resource)))', "(own $t)")}
       (instance $d (instantiate $c (with "r" (type $n)))) (export "f" (func $d "f"))`,
    ],
    [
      "has the name that an imported instance has for it",
      `(import "i" (instance $n ${instance.slice(10, -1)})) ${inner(fromInstance("e"), "$t")}
       (instance $d (instantiate $c (with "i" (instance $n)))) (export "f" (func $d "f"))`,
    ],
    [
      "has the name that an imported instance has for it, a resource",
      `(import "i" (instance $n ${instance.slice(10, -1)})) ${inner(fromInstance("r"), "(borrow $t)")}
       (instance $d (instantiate $c (with "i" (instance $n)))) (export "f" (func $d "f"))`,
    ],
    [
      "has its name inside of other types",
      `${enumType} (import "e" (type $n (eq $e))) ${inner(`${enumType} (import "e" (type $t (eq $e)))`, "(tuple $t)")}
       (instance $d (instantiate $c (with "e" (type $n)))) (export "f" (func $d "f"))`,
    ],
  ])("%s", async (_, text) => {
    await expectValid(text);
  });

  test("has no name where it has none outside", async () => {
    await expectInvalid(
      `${enumType} ${inner(`${enumType} (import "e" (type $t (eq $e)))`, "$t")}
       (instance $d (instantiate $c (with "e" (type $e)))) (export "f" (func $d "f"))`,
      'the export "f" uses a type that is not exported under a name of its own',
    );
  });
});

describe("an import", () => {
  const own = (name: string): string => `the import "${name}" uses a resource that the component brings itself`;
  const maker = '(component $c (type $r (resource (rep i32))) (export "r" (type $r))) (instance $i (instantiate $c))';

  test.each([
    ["of the type", `${resource} (import "r" (type (eq $r)))`, own("r")],
    [
      "in the type of an instance",
      `${resource} (type $t (instance (alias outer 1 $r (type $q)) (export "r" (type (eq $q))))) (import "i" (instance (type $t)))`,
      own("i"),
    ],
    [
      "in the type of a component",
      `${resource} (type $t (component (alias outer 1 $r (type $q)) (export "r" (type (eq $q))))) (import "c" (component (type $t)))`,
      own("c"),
    ],
    [
      "in a component's type",
      '(type (component (export "e" (type $e (sub resource))) (import "r" (type (eq $e)))))',
      own("r"),
    ],
    ["of a component inside", `${maker} (alias export $i "r" (type $q)) (import "r" (type (eq $q)))`, own("r")],
  ])("may not speak of a resource that the component brings itself: %s", async (_, text, message) => {
    await expectInvalid(text, message);
  });

  test("may speak of resources of other imports", async () => {
    await expectValid(
      '(import "i" (instance $i (export "r" (type (sub resource))))) (alias export $i "r" (type $q)) (import "r" (type (eq $q)))',
    );
  });
});

describe("a description", () => {
  test.each([
    ["of a function", '(type $t (instance)) (import "a" (func (type $t)))', "type 0 is not the type of a function"],
    ["of an instance", '(type $t (func)) (import "a" (instance (type $t)))', "type 0 is not the type of an instance"],
    ["of a component", '(type $t (func)) (import "a" (component (type $t)))', "type 0 is not the type of a component"],
    ["of a type", '(import "a" (type (eq 7)))', "type 7 does not exist"],
  ])("%s says that it is one", async (_, text, message) => {
    await expectInvalid(text, message);
  });
});
