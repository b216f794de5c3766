import { globSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { isComponent } from "../../../../src/engine/wasm/binary/preamble.ts";
import { InvalidModuleError } from "../../../../src/engine/wasm/binary/invalid-module.ts";
import { toolchain } from "../../../../src/engine/wasm/component/jco/toolchain.ts";
import { inspectComponent } from "../../../../src/engine/wasm/inspect/component.ts";
import { inspectCore } from "../../../../src/engine/wasm/inspect/core.ts";
import { formatDocument, formatFunction } from "../../../../src/wit/format.ts";
import { parseWit } from "../../../../src/wit/parse/parse.ts";
import { guest, guestText } from "./support.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const guestFolder = join(import.meta.dirname, "../../../guests");
const committed = globSync("{wat,rust,c,zig,assemblyscript}/**/*.wasm", { cwd: guestFolder }).filter(
  (path) => path !== "wat/truncated.wasm",
);

async function component(text: string): Promise<ReturnType<typeof inspectComponent>> {
  return inspectComponent(await assemble(text, "test:component"));
}

describe("core modules", () => {
  test("imports, exports, memories, start and names", async () => {
    const text = `(module (import "env" "f" (func (param i32 f64) (result i64))) (import "env" "m" (memory 2 5))
      (import "env" "g" (global (mut i32))) (import "env" "t" (table 1 externref)) (import "env" "e" (tag (param i32)))
      (func $s) (start $s) (func (export "pair") (param v128 funcref) (result i32 f32) unreachable) (export "re" (func 0)))`;
    const info = inspectCore(await assemble(text, "test:core"));
    expect(info.imports.map((item) => item.extern.kind)).toEqual(["function", "memory", "global", "table", "tag"]);
    expect(info.exports).toEqual([
      { name: "pair", kind: "function", index: 2, type: { params: ["v128", "anyfunc"], results: ["i32", "f32"] } },
      { name: "re", kind: "function", index: 0, type: { params: ["i32", "f64"], results: ["i64"] } },
    ]);
    expect(info.memories).toEqual([{ min: 2, max: 5, shared: false, wide: false }]);
    expect([info.start, info.hasNames]).toEqual([1, true]);
  });

  test("types of garbage collection are passed over", async () => {
    const text = `(module (rec (type $a (sub (struct (field (ref null $b)) (field (mut i8))))) (type $b (array (ref $a))))
      (type $f (func (param (ref null $a)) (result i32))) (func (export "f") (type $f) (i32.const 1)))`;
    expect(inspectCore(await assemble(text, "test:gc")).exports[0]?.type).toEqual({
      params: ["externref"],
      results: ["i32"],
    });
  });

  test.each(committed.filter((path) => !isComponent(guest(path))))("%s agrees with V8", (path) => {
    const info = inspectCore(guest(path));
    const module = new WebAssembly.Module(guest(path));
    expect(info.exports.map(({ name, kind }) => ({ name, kind }))).toEqual(
      WebAssembly.Module.exports(module).map(({ name, kind }) => ({ name, kind })),
    );
    expect(info.imports.map(({ module: from, name }) => [from, name])).toEqual(
      WebAssembly.Module.imports(module).map((item) => [item.module, item.name]),
    );
    expect(info.hasNames).toBe(WebAssembly.Module.customSections(module, "name").length > 0);
  });
});

describe("components", () => {
  test("the types of shapes.wasm are those of its WIT text", () => {
    const written = new Map(parseWit(guestText("rust/shapes/shapes.wit")).functions.map((item) => [item.name, item]));
    const { exports, imports, unsupported } = inspectComponent(guest("rust/shapes/shapes.wasm"));
    expect(exports).toHaveLength(written.size);
    for (const signature of exports) {
      const { name, ...rest } = signature;
      expect({ name, ...rest }).toEqual({ ...written.get(name), name });
    }
    expect(imports).toEqual([{ name: "weft:shapes/kinds@0.1.0", functions: [], resources: [] }]);
    expect(unsupported).toEqual([]);
  });

  test("their formatted text is read back as the same types", () => {
    const functions = inspectComponent(guest("rust/shapes/shapes.wasm")).exports.filter(
      (item) => !item.name.includes("#"),
    );
    expect(parseWit(formatDocument(functions)).functions).toEqual(functions);
  });

  test("resources have their names, in imports and in exports", () => {
    const counter = inspectComponent(guest("rust/counter/counter.wasm"));
    expect(counter.exportedInterfaces.map((item) => [item.name, item.resources])).toEqual([
      ["weft:counter/counters@0.1.0", ["counter"]],
    ]);
    const texts = new Map(counter.exports.map((item) => [item.name.replace(/^.*#/, ""), formatFunction(item)]));
    expect(texts.get("[constructor]counter")).toBe("func(start: s32) -> counter");
    expect(texts.get("[method]counter.increment")).toBe("func(self: borrow<counter>, by: s32) -> s32");
    expect(texts.get("merge")).toBe("func(a: counter, b: borrow<counter>) -> counter");
    const poll = inspectComponent(guest("rust/sleeper/sleeper.wasm")).imports.find(
      (item) => item.name === "wasi:io/poll@0.2.0",
    );
    expect(poll?.resources).toEqual(["pollable"]);
    expect(poll?.functions.map((item) => `${item.name}: ${formatFunction(item)}`)).toContain(
      "poll: func(in: list<borrow<pollable>>) -> list<u32>",
    );
  });

  test("plain function imports stand apart from interfaces", () => {
    const info = inspectComponent(guest("wat/component-imports.wasm"));
    expect(info.importedFunctions.map((item) => `${item.name}: ${formatFunction(item)}`)).toEqual([
      "log: func(line: string)",
      "unused: func() -> u32",
    ]);
  });

  test("outer aliases, nested instances and equal types keep their names", async () => {
    const info = await component(`(component
      (type $color (enum "red" "deep-blue"))
      (import "a:b/types@1.0.0" (instance $types
        (alias outer 1 $color (type $c)) (export "color" (type $named (eq $c)))
        (type $r (record (field "c" $named))) (export "pair" (type $pair (eq $r)))
        (export "thing" (type $thing (sub resource)))
        (type $own (own $thing)) (type $f (func (param "p" $pair) (result $own))) (export "make" (func (type $f)))))
      (component $inner
        (import "make" (func $make (result u32)))
        (instance $nested (export "again" (func $make)))
        (export "nested" (instance $nested)))
      (core module $m (func (export "one") (result i32) (i32.const 1)))
      (core instance $i (instantiate $m))
      (func $one (result u32) (canon lift (core func $i "one")))
      (instance $made (instantiate $inner (with "make" (func $one))))
      (alias export $made "nested" (instance $nested))
      (export "c:d/nested@0.1.0" (instance $nested)))`);
    const [types] = info.imports;
    expect(types?.functions.map(formatFunction)).toEqual(["func(p: pair) -> thing"]);
    expect(formatDocument(types?.functions ?? [])).toContain("enum color { red, deep-blue }");
    expect(info.exports.map((item) => `${item.name} ${formatFunction(item)}`)).toEqual([
      "c:d/nested@0.1.0#again func() -> u32",
    ]);
  });

  test("async features are named, not refused", async () => {
    const info = await component(
      `(component
      (type $s (stream u8)) (type $fu (future (error (string))))
      (type $e error-context)
      (core module $m (func (export "f")) (func (export "cb") (param i32 i32 i32) (result i32) unreachable) (memory (export "memory") 1))
      (core instance $i (instantiate $m))
      (core func (canon stream.new $s))
      (core func (canon stream.read $s (memory (core memory $i "memory"))))
      (core func (canon task.return (result u32)))
      (core func (canon waitable-set.new))
      (core func (canon context.get i32 0))
      (core func (canon subtask.drop))
      (type $ft (func (param "s" $s) (result u32)))
      (import "f" (func (type $ft))))`.replace("(future (error (string)))", "(future string)"),
    );
    expect(info.unsupported).toEqual([
      "stream.new",
      "stream.read",
      "task.return",
      "waitable-set.new",
      "context.get",
      "subtask.drop",
    ]);
    expect(info.importedFunctions.map(formatFunction)).toEqual(["func(s: stream<u8>) -> u32"]);
  });

  test("a core module is not a component, and the other way round", () => {
    expect(() => inspectComponent(guest("wat/answer.wasm"))).toThrow("a core module where a component was expected");
    expect(() => inspectCore(guest("wat/component.wasm"))).toThrow("a component where a core module was expected");
  });
});

describe("small files that mean a lot", () => {
  test("types that double with every line are refused", async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `(type $t${index + 1} (tuple $t${index} $t${index}))`);
    await expect(component(`(component (type $t0 (tuple u8 u8)) ${lines.join("\n")})`)).rejects.toThrow(
      InvalidModuleError,
    );
  });

  test("components that instantiate each other exponentially are refused", async () => {
    const levels = Array.from({ length: 40 }, (_, index) => {
      const inner =
        index === 0
          ? ""
          : `(alias outer 1 $c${index - 1} (component $c)) (instance (instantiate $c)) (instance (instantiate $c))`;
      return `(component $c${index} ${inner})`;
    });
    await expect(component(`(component ${levels.join("\n")} (instance (instantiate $c39)))`)).rejects.toThrow(
      "instantiates too much",
    );
  });
});

describe("damaged binaries", () => {
  const read = (bytes: Uint8Array) => {
    try {
      if (isComponent(bytes)) inspectComponent(bytes);
      else inspectCore(bytes);
    } catch (thrown) {
      if (!(thrown instanceof InvalidModuleError)) throw thrown;
      expect(thrown.offset).toBeLessThanOrEqual(bytes.length);
    }
  };

  test.each(committed.filter((path) => guest(path).length < 70_000))(
    "%s, cut off at any place or with any bit flipped",
    (path) => {
      const bytes = guest(path);
      // Every place of small files, a thousand of the larger ones.
      const step = Math.max(1, Math.floor(bytes.length / 1000));
      for (let at = 0; at < bytes.length; at += step) {
        read(bytes.subarray(0, at));
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at & 7)), at);
        read(flipped);
        flipped.writeUInt8(0xff, at);
        read(flipped);
      }
    },
  );
});
