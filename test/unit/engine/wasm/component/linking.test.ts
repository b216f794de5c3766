import { afterAll, describe, expect, test } from "vitest";
import { WeftError } from "../../../../../src/core/errors.ts";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { InvalidModuleError } from "../../../../../src/engine/wasm/binary/invalid-module.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { chooseEngine, prepareComponent, programForExport } from "../../../../../src/engine/wasm/component/prepare.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { readComponent } from "../../../../../src/engine/wasm/inspect/component/read.ts";
import { guest } from "../support.ts";
import { callOnce, directInstance, prepareDirect, smallComponent } from "./small-component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

/** Assembles a component, and puts another core module in the place of its first, which the assembler would refuse. */
async function withModule(text: string, module: string): Promise<Buffer> {
  const bytes = Buffer.from(await assemble(text, "test:linking"));
  const first = readComponent(bytes).items.find((item) => item.kind === "core module");
  if (first === undefined) throw new Error("no module");
  const other = await assemble(`(module ${module})`, "test:module");
  const head = bytes.subarray(0, first.start - leb(first.end - first.start).length);
  return Buffer.concat([head, leb(other.length), other, bytes.subarray(first.end)]);
}

function leb(length: number): Buffer {
  return length < 0x80 ? Buffer.of(length) : Buffer.of((length & 0x7f) | 0x80, length >> 7);
}

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await prepareComponent(bytes, { name: "test:linking", method: "f" });
  } catch (thrown) {
    if (thrown instanceof InvalidModuleError) return thrown.message;
    throw thrown;
  }
  return "accepted";
}

describe("core types are checked when a component is loaded", () => {
  const lifting = (module: string, options = "", type = '(param "x" u32)') =>
    `(component (core module $m ${module}) (core instance $i (instantiate $m))
      (func (export "f") ${type} (canon lift (core func $i "f") ${options})))`;

  test.each([
    [
      "a lifted function",
      '(func (export "f") (param i32))',
      '(func (export "f") (param f32))',
      "",
      "the core function of func(x: u32) should be (i32) -> (), but is (f32) -> ()",
    ],
    [
      "a lifted function that is missing",
      '(func (export "f") (param i32))',
      '(func (export "g") (param i32))',
      "",
      'a core instance has no export "f"',
    ],
    [
      "a post-return function",
      '(func (export "f") (param i32)) (func (export "p"))',
      '(func (export "f") (param i32)) (func (export "q"))',
      '(post-return (core func $i "p"))',
      'a core instance has no export "p"',
    ],
    [
      "an allocator",
      '(func (export "f") (param i32)) (memory (export "m") 1) (func (export "r") (param i32 i32 i32 i32) (result i32) i32.const 0)',
      '(func (export "f") (param i32)) (memory (export "m") 1) (func (export "r") (param i32 i32 f32 i32) (result i32) i32.const 0)',
      '(memory (core memory $i "m")) (realloc (core func $i "r"))',
      "an allocator should be (i32, i32, i32, i32) -> i32",
    ],
    [
      "a memory",
      '(func (export "f") (param i32)) (memory (export "m") 1)',
      '(func (export "f") (param i32)) (memory (export "n") 1)',
      '(memory (core memory $i "m"))',
      'a core instance has no export "m"',
    ],
  ])("%s", async (_, good, bad, options, message) => {
    expect(await refusal(await withModule(lifting(good, options), bad))).toContain(message);
  });

  test.each([
    [
      "a lowered function",
      '(import "" "h" (func (param i32)))',
      '(import "" "h" (func (param i64)))',
      "should be (i64) -> (), but is (i32) -> ()",
    ],
    [
      "an import of another name",
      '(import "" "h" (func (param i32)))',
      '(import "" "g" (func (param i32)))',
      'nothing is given for the import "g"',
    ],
    [
      "an import of another sort",
      '(import "" "h" (func (param i32)))',
      '(import "" "h" (table 05 funcref))',
      "is a table, and is given a function",
    ],
  ])("%s", async (_, good, bad, message) => {
    const rest = '(func (export "f") (param i32))';
    const text = `(component (import "h" (func $h (param "x" u32))) (core func $h (canon lower (func $h)))
      (core module $m ${good} ${rest})
      (core instance $i (instantiate $m (with "" (instance (export "h" (func $h))))))
      (func (export "f") (param "x" u32) (canon lift (core func $i "f"))))`;
    expect(await refusal(await withModule(text, `${bad} ${rest}`))).toContain(message);
  });
});

test("core modules whose memories do not fit are refused at load", async () => {
  const good = '(import "a" "m" (memory 1)) (func (export "f") (param i32))';
  const text = `(component (core module $a (memory (export "m") 1)) (core instance $a (instantiate $a))
    (core module $m ${good}) (core instance $i (instantiate $m (with "a" (instance $a))))
    (func (export "f") (param "x" u32) (canon lift (core func $i "f"))))`;
  const bytes = await withModule(text, '(memory (export "m") 0)');
  expect(await refusal(bytes)).toContain("is a memory, and is given one with a minimum of 0, less than 1");
});

describe("what this engine leaves to jco, it names", () => {
  const declined = async (text: string) => chooseEngine(await assemble(text, "test:declined"));
  const plain =
    '(core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f")))';

  test.each([
    ["async functions", "(component (type (func async)) )", "it uses async functions"],
    ["streams", "(component (type $s (stream u8)) (core func (canon stream.new $s)))", "it uses stream.new"],
    [
      "a stream as a value",
      `(component (type $s (stream u8)) (import "h" (func $h (param "s" $s))) (core func $h (canon lower (func $h))) (core module $m (import "" "h" (func (param i32)))) (core instance (instantiate $m (with "" (instance (export "h" (func $h)))))))`,
      "it uses stream",
    ],
  ])("%s", async (_, text, reason) => {
    expect(await declined(text)).toEqual({ engine: "jco", reason });
  });

  test("but nothing that is not asynchronous", async () => {
    const [list, map] = [0x67, 0x63].map((code) => {
      return Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 4, 1, code, 0x7d, code === 0x67 ? 3 : 0x73]);
    });
    for (const bytes of [
      list,
      map,
      await assemble(`(component ${plain} (func $s (canon lift (core func $i "f"))) (start $s))`, "t"),
    ]) {
      expect(chooseEngine(bytes ?? Buffer.of())).toEqual({ engine: "direct", reason: undefined });
    }
  });

  test("and nothing that it does", () => {
    for (const path of ["rust/shapes/shapes.wasm", "rust/run/run-adapted.wasm", "wat/component-nested.wasm"]) {
      expect(chooseEngine(guest(path))).toEqual({ engine: "direct", reason: undefined });
    }
  });
});

describe("sizes are bounded", () => {
  test.each([
    ["core modules", "(core module)".repeat(501), "more than 500 core modules"],
    [
      "core instances",
      `(core module $m) ${"(core instance (instantiate $m))".repeat(1_001)}`,
      "more than 1000 core instances",
    ],
    [
      "definitions",
      `(component $c ${"(type u8)".repeat(1_000)}) ${"(instance (instantiate $c))".repeat(101)}`,
      "more than 100000 definitions",
    ],
  ])("%s", async (_, parts, message) => {
    const bytes = await assemble(
      `(component ${parts} (core module $f (func (export "f"))) (core instance $i (instantiate $f)) (func (export "f") (canon lift (core func $i "f"))))`,
      "test:large",
    );
    const failure: unknown = await prepareComponent(bytes, { name: "test:large", method: "f" }).catch(
      (thrown: unknown) => thrown,
    );
    expect(failure).toBeInstanceOf(WeftError);
    expect(failure).toMatchObject({ code: "UNSUPPORTED", message: expect.stringContaining(message) });
  });

  test("parts of one signature", async () => {
    const wide = `(type $t0 (tuple ${"u8 ".repeat(99)})) (type $t1 (tuple ${"$t0 ".repeat(99)}))`;
    const text = `(component ${wide} (type (func (param "a" $t1) (param "b" $t1))))`;
    await expect(async () => readAll(await assemble(text, "test:large"))).rejects.toThrow(
      "a signature of more than 10000 parts",
    );
  });

  test("the code of all signatures together", async () => {
    const wide = `(type $t1 (tuple ${"string ".repeat(4_500)}))`;
    const lifts = Array.from(
      { length: 120 },
      (_, index) =>
        `(func (export "f${index}") (param "a" $t1) (result $t1) (canon lift (core func $i "f") (memory (core memory $i "m")) (realloc (core func $i "r"))))`,
    );
    const text = `(component ${wide} (core module $m (memory (export "m") 1) (func (export "f") (param i32) (result i32) i32.const 0) (func (export "r") (param i32 i32 i32 i32) (result i32) i32.const 0))
      (core instance $i (instantiate $m)) ${lifts.join(" ")})`;
    const bytes = await assemble(text, "test:large");
    expect(() => chooseEngine(bytes)).toThrow("its code would have more than");
    // One of them is no trouble.
    expect((await prepareDirect(bytes, { method: "f7" })).artefact.engine).toBe("direct");
  });

  function readAll(bytes: Uint8Array): void {
    readComponent(bytes);
    chooseEngine(bytes);
  }
});

describe("linking", () => {
  test("an import that is exported as it is can be called", async () => {
    const text = '(component (import "h" (func $h (param "x" u32) (result string))) (export "f" (func $h)))';
    expect(await callOnce(text, [7], { imports: { h: { default: (x: number) => `got ${x}` } } })).toBe("got 7");
  });

  test("versions of an import do not matter to the engine: hosts decide which they serve", async () => {
    for (const version of ["0.2.0", "0.2.8", "1.4.2"]) {
      const text = {
        before: `(import "test:it/host@${version}" (instance $h (export "get" (func (result u32)))))`,
        uses: { get: { type: "(result i32)", canon: '(canon lower (func $h "get"))' } },
        core: '(func (export "f") (result i32) (call $get))',
        type: "(result u32)",
      };
      expect(await callOnce(text, [], { imports: { "test:it/host": { get: () => 42 } } })).toBe(42);
    }
  });

  test("instances have only the exports of core modules that their method uses", async () => {
    const text = smallComponent({ core: '(func (export "f")) (func (export "other"))', type: "" });
    const { artefact } = await prepareDirect(text);
    const exports = Object.values(artefact.modules).flatMap((module) =>
      WebAssembly.Module.exports(module).map(({ name }) => name),
    );
    expect(exports).toContain("f");
    expect(exports).not.toContain("other");
  });

  test("a module may refer to a function that it only exports", async () => {
    const core = `(type $v (func (result i32))) (table 1 funcref)
      (func $g (export "g") (result i32) (i32.const 9))
      (func (export "f") (result i32) (table.set (i32.const 0) (ref.func $g)) (call_indirect (type $v) (i32.const 0)))`;
    expect(await callOnce({ core, type: "(result u32)" })).toBe(9);
  });

  test("another export of the same component has a program of its own", async () => {
    const bytes = guest("rust/shapes/shapes.wasm");
    const program = await prepareDirect(bytes, { method: "echo-u8" });
    const other = program.exports.find(({ name }) => name === "echo-string");
    if (other === undefined) throw new Error("no such export");
    const instance = await linkComponent(programForExport(program, other)).instantiate({});
    expect(instance.call(["there"])).toBe("there");
  });

  test("names cannot break out of the code", async () => {
    const name = "x-y";
    const text = `(component (core module $m (func (export "\\"]; throw 1; //\\n\\u{2028}__proto__")) (func (export "__proto__")))
      (core instance $i (instantiate $m)) (core module $n (import "__proto__" "\\"]; throw 1; //\\n\\u{2028}__proto__" (func)) (import "__proto__" "__proto__" (func)))
      (core instance (instantiate $n (with "__proto__" (instance $i))))
      (func (export "${name}") (canon lift (core func $i "__proto__"))))`;
    expect((await directInstance(text, { method: name })).call([])).toBeNull();
  });

  test("a core module inside that V8 refuses is refused at load", async () => {
    const bytes = Buffer.from(
      await assemble(
        smallComponent({ core: '(func (export "f") (result i32) (i32.const 77))', type: "(result u32)" }),
        "t",
      ),
    );
    // The body `i32.const 77` becomes `i32.const 77` of a type that leaves nothing: `nop nop nop`.
    const at = bytes.indexOf(Buffer.from([0x41, 0xcd, 0x00]));
    bytes.fill(1, at, at + 3);
    expect(await refusal(bytes)).toMatch(/failed|expected/);
  });
});

describe("names of exports and imports", () => {
  const exporting = (...names: readonly string[]): string =>
    `(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
      (func $f (canon lift (core func $i "f")))
      ${names.map((name) => `(export ${JSON.stringify(name)} (func $f))`).join("\n")})`;

  test.each(["a1", "a-b", "ABC-d", "a-1b"])("%s is one", async (name) => {
    await expect(directInstance(exporting(name, "f"))).resolves.toBeDefined();
  });

  test.each(["", "a_b", "aB", "1a", "a--b", "-a", "a-", "a.b", "[other]a"])("%j is none", async (name) => {
    await expect(directInstance(exporting(name))).rejects.toThrow(/is no name of an export/);
  });

  test("one name cannot be there twice, nor two that differ in case", async () => {
    await expect(directInstance(exporting("f", "f"))).rejects.toThrow('among the exports, "f" is there twice');
    await expect(directInstance(exporting("ab", "AB"))).rejects.toThrow('"ab" and "AB" are too much alike');
  });
});

describe("a function that is given to a component inside", () => {
  const giving = (outer: string, inner: string): string => `(component
    (core module $m (func (export "f") (param i32) (result i32) local.get 0)) (core instance $i (instantiate $m))
    (func $f ${outer} (canon lift (core func $i "f")))
    (component $c (import "g" (func $g ${inner})) (export "f" (func $g)))
    (instance $n (instantiate $c (with "g" (func $f))))
    (export "f" (func $n "f")))`;

  test("may be of the very type that it imports", async () => {
    const type = '(param "x" u32) (result u32)';
    await expect(directInstance(giving(type, type))).resolves.toBeDefined();
  });

  test.each([
    ["parameters of another type", '(param "x" s32) (result u32)'],
    ["another result", '(param "x" u32) (result s32)'],
    ["parameters of other names", '(param "y" u32) (result u32)'],
    ["more parameters", '(param "x" u32) (param "y" u32) (result u32)'],
  ])("may not have %s", async (_, inner) => {
    await expect(directInstance(giving('(param "x" u32) (result u32)', inner))).rejects.toThrow(
      /the import "g", func\(.*\).*, of a component inside is given func/,
    );
  });
});
