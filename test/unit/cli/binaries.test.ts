import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { UsageError } from "../../../src/cli/contract.ts";
import { callableExports, commandExport, describeBinary, entryYaml } from "../../../src/cli/describe-binary.ts";
import { parseEnv, parseMount, readSignature } from "../../../src/cli/exec-program.ts";
import { readingOf, readProgram } from "../../../src/cli/read-program.ts";
import { assemble } from "../../../src/engine/wasm/assemble.ts";
import { toolchain } from "../../../src/engine/wasm/component/jco/toolchain.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const guest = (name: string): string => fileURLToPath(new URL(`../../guests/${name}`, import.meta.url));

test("a core module shows imports, exports and hash, and an entry to paste", async () => {
  const file = guest("wat/arith.wasm");
  const description = await describeBinary(await readProgram(file));
  expect(description).toMatchObject({
    type: "core",
    imports: [],
    hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  });
  expect(description.exports).toContainEqual(expect.objectContaining({ name: "add", signature: "(i32, i32) -> i32" }));
  expect(entryYaml(file, description, "half")).toContain(
    '    method: half\n    wit: "half: func(p1: f64) -> f64;" # by the WebAssembly types',
  );
});

test("a text is assembled; its entry is a function.wat", async () => {
  const file = guest("wat/answer.wat");
  const description = await describeBinary(await readProgram(file));
  expect(entryYaml(file, description, undefined)).toContain("    source: file://answer.wat\n    method: answer\n");
});

test("a command is known by its start function, and becomes a process", async () => {
  const file = guest("c/hello/hello.wasm");
  const description = await describeBinary(await readProgram(file));
  expect(commandExport(description)).toBe("_start");
  expect(description.imports.map((item) => item.name)).toEqual(["wasi_snapshot_preview1"]);
  expect(entryYaml(file, description, undefined)).toContain("kind: process.wasm");
});

test("servants of the canonical ABI are not for callers", async () => {
  const description = await describeBinary(await readProgram(guest("rust/core-strings/core-strings.wasm")));
  expect(callableExports(description).map((item) => item.name)).toContain("greet");
  expect(callableExports(description).map((item) => item.name)).not.toContain("cabi_realloc");
});

test("a component says which engine runs it, and why it is not the first one", async () => {
  expect((await describeBinary(await readProgram(guest("wat/component.wasm")))).engine).toEqual({ engine: "direct" });
  const text = `(component
    (core module $m (import "" "return" (func (param i32))) (func (export "f") (result i32) (i32.const 0)))
    (core func $return (canon task.return (result u32)))
    (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
    (func (export "f") async (result u32) (canon lift (core func $i "f") async)))`;
  const declined = await describeBinary(await assemble(text, "test:async"));
  expect(declined.engine).toEqual({ engine: "jco", reason: "it uses task.return" });
  expect((await describeBinary(await readProgram(guest("wat/answer.wasm")))).engine).toBeUndefined();
});

test("a module that imports preview 1 says who serves it", async () => {
  const text = '(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (func (export "f")))';
  expect((await describeBinary(await assemble(text, "test:p1"))).preview1).toBe("own host");
  expect((await describeBinary(await readProgram(guest("wat/answer.wasm")))).preview1).toBeUndefined();
});

test("a broken text names its place, a broken binary its byte", async () => {
  await expect(readProgram(guest("wat/broken-syntax.wat"))).rejects.toThrow(/broken-syntax\.wat:4:\d+: /);
  const truncated = await readProgram(guest("wat/truncated.wasm"));
  await expect(readingOf("truncated.wasm", () => describeBinary(truncated))).rejects.toThrow(
    /^truncated\.wasm: .*at byte/,
  );
  await expect(readProgram(guest("wat/nonesuch.wasm"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("a mount is HOST::GUEST, read-only with ::ro", async () => {
  const wat = guest("wat");
  expect(await parseMount(`${wat}::/data`)).toMatchObject({ guest: "/data", path: wat, readOnly: false });
  expect(await parseMount(`${wat}::/data::ro`)).toMatchObject({ readOnly: true });
  for (const text of ["x", `${wat}::data`, `${wat}::/data::rw`, `${wat}::/a::ro::b`, "/nowhere/at/all::/data"]) {
    await expect(parseMount(text), text).rejects.toThrow(UsageError);
  }
});

test("a variable is NAME=VALUE; its value may be empty or contain =", () => {
  expect(parseEnv(["A=1", "B=", "C=x=y"])).toEqual({ A: "1", B: "", C: "x=y" });
  expect(() => parseEnv(["=x"])).toThrow(UsageError);
  expect(() => parseEnv(["A"])).toThrow(UsageError);
});

test("a component shows WIT types, and its entry the imports that it needs", async () => {
  const shapes = await describeBinary(await readProgram(guest("rust/shapes/shapes.wasm")));
  expect(shapes).toMatchObject({ type: "component", grants: [] });
  expect(shapes.exports).toContainEqual(
    expect.objectContaining({ name: "divide", signature: "func(a: s32, b: s32) -> result<s32, string>" }),
  );
  const file = guest("rust/run/run-p2.wasm");
  const tool = await describeBinary(await readProgram(file));
  expect(commandExport(tool)).toBe("wasi:cli/run@0.2.0#run");
  expect(entryYaml(file, tool, undefined)).toMatch(/imports: \[.*"wasi:filesystem".*\]/);
});

test("--wit gives the signature of the export, and says where it is wrong", () => {
  expect(readSignature("add: func(a: s32) -> s32;", "add")).toMatchObject({ name: "add", result: { kind: "s32" } });
  expect(() => readSignature("add: func(a s32);", "add")).toThrow(UsageError);
  expect(() => readSignature("add: func(a: s32);", "other")).toThrow("--wit says nothing about other");
});
