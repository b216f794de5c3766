import { afterAll, describe, expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { InvalidModuleError } from "../../../../../src/engine/wasm/binary/invalid-module.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { readComponent } from "../../../../../src/engine/wasm/inspect/component/read.ts";
import { validateComponent } from "../../../../../src/engine/wasm/validate/component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

/** A component of sections, each a number and its bytes; what is wrong with it, or which features it is left for. */
function wrongWith(...sections: readonly (readonly number[])[]): string | readonly string[] | undefined {
  const parts = sections.flatMap(([id = 0, ...body]) => [id, body.length, ...body]);
  const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...parts);
  try {
    const tree = readComponent(bytes);
    if (tree.unsupported.length > 0) return tree.unsupported;
    validateComponent(bytes, tree);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof InvalidModuleError) return thrown.message;
    throw thrown;
  }
}

const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
/** A function type without parameters and results. */
const emptyFunction = [7, 1, 0x40, 0, 1, 0];

describe("bytes that mean nothing", () => {
  test.each([
    ["a section", [[13, 0]], "unknown section 13"],
    ["a sort of alias", [[6, 1, 9, 0, 0, 0]], "unknown sort 9"],
    ["a core sort", [[6, 1, 0, 0x13, 1, 0, 0]], "unknown core sort 19"],
    ["a target of an alias", [[6, 1, 3, 3, 0, 0]], "unknown target of an alias 3"],
    ["a form of core instance", [[2, 1, 2, 0]], "unknown form of instance 2"],
    [
      "a sort of core argument",
      [
        [1, 0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        [2, 1, 0, 0, 1, ...name("a"), 0x11, 0],
      ],
      "a core argument of sort 17",
    ],
    ["a form of instance", [[5, 1, 2, 0]], "unknown form of instance 2"],
    ["a type", [[7, 1, 0x3d]], "unknown type 0x3d"],
    ["a form of core type", [[3, 1, 0x5d]], "unknown form of type 0x5d"],
    ["a declaration of a module type", [[3, 1, 0x50, 1, 4]], "unknown declaration 4 of a module type"],
    ["a declaration of a component type", [[7, 1, 0x41, 1, 5]], "unknown declaration 5"],
    [
      "a declaration of an instance type",
      [[7, 1, 0x42, 1, 3, 0, ...name("a"), 1, 0]],
      'the import "a" in the type of an instance',
    ],
    ["results", [[7, 1, 0x40, 0, 2, 0]], "unknown form of results 2"],
    ["a representation of a resource", [[7, 1, 0x3f, 0x7e, 0]], "a resource that is not represented by an i32"],
    ["a presence byte", [[7, 1, 0x3f, 0x7f, 2]], "presence byte 2"],
    ["a bound of a type", [emptyFunction, [10, 1, 0, ...name("a"), 3, 2]], "unknown bound 2 of a type"],
    ["a kind of import", [[10, 1, 0, ...name("a"), 6, 0]], "unknown kind of import 6"],
    ["a core import", [[10, 1, 0, ...name("a"), 0, 0, 0]], "a core import of sort 0"],
    ["a form of name", [[10, 1, 3, ...name("a"), 1, 0]], "unknown form of name 3"],
    ["a canonical function", [[8, 1, 0x60]], "unknown canonical function 0x60"],
    ["a canonical function's sort", [[8, 1, 0, 1, 0, 0, 0]], "a canonical function of sort 1"],
    ["a canonical option", [[8, 1, 1, 0, 0, 1, 0x0a]], "unknown option 10"],
    ["a name that is not UTF-8", [[10, 1, 0, 1, 0xff, 1, 0]], "a name that is not UTF-8"],
    ["a count beyond the section", [[7, 9, 0x7f]], "9 items in 1 bytes"],
    ["bytes after the last definition", [[7, 1, 0x7f, 0]], "1 bytes too many in a section"],
    ["an index of more than 32 bits", [[7, 1, 0x69, 0xff, 0xff, 0xff, 0xff, 0x7f]], "a number beyond 32 bits"],
    ["an end in the middle", [[7, 1, 0x72, 1, ...name("a")]], "unexpected end"],
    ["a nested component that is none", [[4, 0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]], "a nested component that is none"],
    ["a core module that is none", [[1, 0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]], "a core module that is none"],
    [
      "an export of a core function",
      [[11, 1, 0, ...name("a"), 0, 0, 0, 0]],
      "core function 0 does not exist, or is of a sort that cannot be given",
    ],
  ])("are refused: %s", (_, sections, message) => {
    expect(wrongWith(...sections)).toContain(message);
  });

  test("components have an end", () => {
    let inner = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];
    for (let depth = 0; depth < 40; depth++) {
      const length = inner.length < 128 ? [inner.length] : [(inner.length & 0x7f) | 0x80, inner.length >> 7];
      inner = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 4, ...length, ...inner];
    }
    expect(() => readComponent(Uint8Array.from(inner))).toThrow("components nested more than 32 deep");
  });
});

describe("what is asynchronous, or newer, is left to jco, whatever it is", () => {
  test.each([
    ["a function type", [[7, 1, 0x43, 0, 1, 0]], "async functions"],
    ["an asynchronous destructor", [[7, 1, 0x3e, 0x7f, 0, 0]], "asynchronous destructors"],
    ["a built-in", [[8, 1, 0x0d]], "subtask.drop"],
    ["a lowered function", [emptyFunction, [10, 1, 0, ...name("a"), 1, 0], [8, 1, 1, 0, 0, 1, 6]], "async lower"],
    ["values that are written out", [[12, 1, 0x7f, 1, 1]], "values that are written out"],
    ["named results", [[7, 1, 0x40, 0, 1, 1, ...name("a"), 0x7f]], "named results"],
  ])("%s", (_, sections, feature) => {
    expect(wrongWith(...sections)).toEqual([feature]);
  });
});

/** Built-ins of the asynchronous part in text: definitions for them stand before. */
const builtins = [
  "backpressure.inc",
  "backpressure.dec",
  "task.return (result u32)",
  "task.return",
  "task.return (result string) (memory $mem)",
  "task.cancel",
  "context.get i32 0",
  "context.set i32 0",
  "thread.yield",
  "thread.index",
  "thread.new-indirect $ft (core table $t)",
  "thread.resume-later",
  "thread.suspend",
  "thread.suspend-then-resume",
  "thread.suspend-then-promote",
  "thread.yield-then-resume",
  "thread.yield-then-promote",
  "subtask.drop",
  "subtask.cancel",
  "subtask.cancel async",
  ...["new", "cancel-read", "cancel-write", "drop-readable", "drop-writable"].flatMap((name) => [
    `stream.${name} $s`,
    `future.${name} $f`,
  ]),
  "stream.read $s (memory $mem) async",
  "stream.write $s (memory $mem)",
  "future.read $f (memory $mem) async",
  "future.write $f (memory $mem)",
  "error-context.new (memory $mem)",
  "error-context.debug-message (memory $mem) (realloc $realloc)",
  "error-context.drop",
  "waitable-set.new",
  "waitable-set.wait (memory $mem)",
  "waitable-set.poll (memory $mem)",
  "waitable-set.drop",
  "waitable.join",
];

describe("built-ins of the asynchronous part are read over", () => {
  test.each(builtins)("%s", async (builtin) => {
    const text = `(component
      (core module $m (memory (export "m") 1) (table (export "t") 1 funcref) (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable))
      (core instance $i (instantiate $m)) (alias core export $i "m" (core memory $mem)) (alias core export $i "t" (core table $t))
      (alias core export $i "r" (core func $realloc)) (type $s (stream u8)) (type $f (future u8)) (core type $ft (func (param i32)))
      (core func (canon ${builtin})) (type u8))`;
    const { items, unsupported } = readComponent(await assemble(text, "test:builtin"));
    expect(unsupported).toEqual([builtin.split(" ")[0]]);
    expect(items.at(-1)).toMatchObject({ kind: "type", type: { kind: "primitive", type: "u8" } });
  });
});

describe("what is newer than the assembler", () => {
  test("attributes of names are read over", () => {
    const attributed = [2, ...name("a"), 2, 1, ...name("x:y/z"), 2, ...name("an id")];
    expect(wrongWith(emptyFunction, [10, 1, ...attributed, 1, 0])).toBeUndefined();
  });

  test("the older form of names, too", () => {
    expect(wrongWith(emptyFunction, [10, 1, 1, ...name("a:b/c"), 1, 0])).toBeUndefined();
  });
});
