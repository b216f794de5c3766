import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { EntryData } from "../../../src/registry/entry.ts";
import { brief, entryOf, forgetCache, guests, guestText, hashOf, place, placeProblems } from "./support/entry.ts";

afterAll(forgetCache);

async function binary(path: string, more: EntryData = {}): Promise<EntryData> {
  return { fs: "guests", path, hash: await hashOf(path), ...more };
}

test("WebAssembly text becomes a core program with its signature", async () => {
  const source = await guestText("wat/answer.wat");
  const entry = entryOf(
    "function.wat",
    { source, method: "answer", wit: "answer: func() -> s32;" },
    { options: { timeout: "2s" } },
  );
  const placement = await place(entry);
  expect(placement).toMatchObject({
    id: "app:it",
    kind: "function.wat",
    role: "function",
    program: { type: "core", method: "answer" },
    signature: { name: "answer", params: [] },
    resultForm: "pair",
    wasi: { args: [], cwd: "/", env: {}, mounts: [] },
    limits: {},
    pool: { type: "lazy", maxSlots: 100 },
    options: { timeoutMs: 2_000 },
    defaultHost: undefined,
  });
  expect(structuredClone(placement)).toEqual(placement);
});

test("without WIT a core function is called by its numbers", async () => {
  const entry = entryOf("function.wat", { source: await guestText("wat/arith.wat"), method: "add" });
  expect(await place(entry)).toMatchObject({ signature: undefined, program: { coreType: { params: ["i32", "i32"] } } });
});

test("a component in WebAssembly text brings its signature along", async () => {
  const entry = entryOf("function.wat", { source: await guestText("wat/component.wat"), method: "echo" });
  expect(await place(entry)).toMatchObject({ program: { type: "component" }, signature: { name: "echo" } });
});

test("a component in a file keeps its grants, limits and mounts", async () => {
  const data = await binary("rust/shapes/shapes.wasm", {
    method: "transform_users",
    imports: ["wasi:clocks", { ns: "wasi", name: "poll" }],
    limits: { max_execution_ms: 100, max_output_bytes: 64 },
    wasi: { args: ["a"], cwd: "/work", mounts: [{ fs: "guests", guest: "/g/", read_only: true }] },
    result: "table",
  });
  expect(await place(entryOf("function.wasm", data))).toMatchObject({
    program: { type: "component", method: "transform-users" },
    imports: ["wasi:clocks", "wasi:poll"],
    limits: { executionMs: 100, outputBytes: 64 },
    wasi: {
      args: ["a"],
      cwd: "/work",
      mounts: [{ guest: "/g", filesystem: "app:guests", path: guests, readOnly: true }],
    },
    resultForm: "table",
  });
});

test("a binary may come through file://, with its hash or without", async () => {
  const source = new Uint8Array(await readFile(join(guests, "wat/answer.wasm")));
  const entry = entryOf("function.wasm", { source, method: "answer" });
  expect(await place(entry)).toMatchObject({ program: { type: "core", method: "answer" } });
  const pinned = entryOf("process.wasm", { source, method: "anser", hash: `sha256:${"0".repeat(64)}` });
  expect((await placeProblems(pinned)).map(brief)).toEqual(["hash-mismatch at hash", "method-not-found at method"]);
  const broken = entryOf("function.wasm", { source: source.slice(0, 12), method: "answer" });
  expect((await placeProblems(broken)).map(brief)).toEqual(["invalid-module at source"]);
});

test("a function without a method is told what there is to call", async () => {
  const [problem] = await placeProblems(entryOf("function.wasm", await binary("wat/arith.wasm")));
  expect(problem?.code).toBe("missing-field");
  expect(problem?.hint).toMatch(/^it exports .*\badd\b/);
});

test("an empty working directory is as good as none", async () => {
  const data = await binary("wat/answer.wasm", { method: "answer", wasi: { cwd: "" } });
  expect(await place(entryOf("function.wasm", data))).toMatchObject({ wasi: { cwd: "/" } });
});

test("under compat: wippy a result is one table unless the entry says otherwise", async () => {
  const data = await binary("wat/answer.wasm", { method: "answer" });
  expect(await place(entryOf("function.wasm", data), "wippy")).toMatchObject({ resultForm: "table" });
  expect(await place(entryOf("function.wasm", { ...data, result: "pair" }), "wippy")).toMatchObject({
    resultForm: "pair",
  });
});

test("a program without a method starts where programs of its sort start", async () => {
  const core = await place(entryOf("process.wasm", await binary("rust/run/run-p1.wasm")));
  expect(core).toMatchObject({
    role: "process",
    program: { type: "core", method: "_start" },
    pool: { type: "inline" },
  });
  const component = await place(entryOf("process.wasm", await binary("rust/run/run-p2.wasm")));
  expect(component.program.type === "component" && component.program.method).toMatch(/^wasi:cli\/run@0\.2\.\d+#run$/);
  const named = await place(entryOf("process.wasm", await binary("rust/run/run-p2.wasm", { method: "wasi:cli/run" })));
  expect(named.program).toMatchObject({
    method: component.program.type === "component" ? component.program.method : "",
  });
});

const wrong: readonly (readonly [
  what: string,
  kind: string,
  data: () => Promise<EntryData>,
  expected: readonly string[],
])[] = [
  [
    "broken WAT",
    "function.wat",
    async () => ({ source: await guestText("wat/broken-syntax.wat"), method: "f" }),
    ["wat-source at source:4:6"],
  ],
  [
    "a wrong method",
    "function.wasm",
    async () => binary("wat/arith.wasm", { method: "ad" }),
    ["method-not-found at method"],
  ],
  [
    "a component that no engine runs",
    "function.wat",
    async () => ({
      source: `(component
        (import "c" (component $c (export "f" (func))))
        (instance $i (instantiate $c))
        (export "f" (func $i "f")))`,
      method: "f",
    }),
    ["unsupported-module at source"],
  ],
  [
    "broken WIT",
    "function.wasm",
    async () => binary("wat/arith.wasm", { method: "add", wit: "add: func(a: s32,\n b: s33) -> s32;" }),
    ["wit-text at wit:2:5"],
  ],
  [
    "WIT of another function",
    "function.wasm",
    async () => binary("wat/arith.wasm", { method: "add", wit: "sub: func();" }),
    ["wit-method at wit"],
  ],
  [
    "WIT that does not fit",
    "function.wasm",
    async () => binary("wat/arith.wasm", { method: "add", wit: "add: func(a: s64) -> s32;" }),
    ["signature-mismatch at wit"],
  ],
  [
    "broken WIT and a wrong method",
    "function.wasm",
    async () => binary("wat/arith.wasm", { method: "ad", wit: "!" }),
    ["wit-text at wit", "method-not-found at method"],
  ],
  [
    "a grant for components only",
    "function.wasm",
    async () => binary("wat/answer.wasm", { method: "answer", imports: ["wasi1", "wasi:http"] }),
    ["component-only at imports[1]"],
  ],
  [
    "truncated bytes",
    "function.wasm",
    async () => binary("wat/truncated.wasm", { method: "f" }),
    ["invalid-module at path"],
  ],
  [
    "no WebAssembly",
    "function.wasm",
    async () => binary("wat/not-wasm.bin", { method: "f" }),
    ["invalid-module at path"],
  ],
  ["an empty file", "function.wasm", async () => binary("wat/empty.bin", { method: "f" }), ["invalid-module at path"]],
  [
    "a missing file",
    "function.wasm",
    async () => ({ fs: "guests", path: "wat/anser.wasm", hash: "sha256:00", method: "f" }),
    ["missing-file at path"],
  ],
  [
    "a folder for a file",
    "function.wasm",
    async () => ({ fs: "guests", path: "/wat", hash: "sha256:00", method: "f" }),
    ["missing-file at path"],
  ],
  [
    "a path that leads out",
    "function.wasm",
    async () => ({ fs: "guests", path: "/../kinds/x", hash: "sha256:00", method: "f" }),
    ["path-outside at path"],
  ],
  [
    "a filesystem without files",
    "function.wasm",
    async () => ({ fs: "other", path: "x", hash: "sha256:00", method: "f" }),
    ["wrong-reference at fs"],
  ],
  [
    "a mount of nothing",
    "function.wasm",
    async () => binary("wat/answer.wasm", { method: "answer", wasi: { mounts: [{ fs: "x:y", guest: "/x" }] } }),
    ["wrong-reference at wasi.mounts[0].fs"],
  ],
  [
    "a component's wrong method and hash",
    "function.wasm",
    async () => ({ ...(await binary("rust/shapes/shapes.wasm")), hash: "md5:1", method: "transform-user" }),
    ["hash-mismatch at hash", "method-not-found at method"],
  ],
  [
    "a program without entry point",
    "process.wasm",
    async () => binary("wat/answer.wasm"),
    ["method-not-found at method"],
  ],
];

test.each(wrong)("%s is reported where it stands", async (_, kind, data, expected) => {
  expect((await placeProblems(entryOf(kind, await data()))).map(brief)).toEqual(expected);
});

test("a missing or wrong hash shows the line to write", async () => {
  const data = { fs: "guests", path: "/wat/answer.wasm", method: "answer" };
  const hint = `hash: ${await hashOf("wat/answer.wasm")}`;
  const [missing, ...more] = await placeProblems(entryOf("function.wasm", data));
  expect(missing).toMatchObject({ code: "missing-hash", hint });
  expect(more).toEqual([]);
  const zeros = `sha256:${"0".repeat(64)}`;
  const [mismatch] = await placeProblems(entryOf("function.wasm", { ...data, hash: zeros }));
  expect(mismatch).toMatchObject({ code: "hash-mismatch", hint, position: { file: "hash" } });
});

test("a wrong method names the exports and the nearest", async () => {
  const data = await binary("wat/arith.wasm", { method: "div" });
  const [found] = await placeProblems(entryOf("function.wasm", data));
  expect(found?.message).toContain("div_s");
  expect(found?.message).not.toContain("app:it: ");
  expect(found?.hint).toContain("div_s");
});

test("a missing file names the nearest", async () => {
  const data = { fs: "guests", path: "wat/anser.wasm", hash: "sha256:00", method: "f" };
  expect((await placeProblems(entryOf("function.wasm", data)))[0]?.hint).toContain("wat/answer.wasm");
});

test("more stack than there is names the most that there can be", async () => {
  const entry = (source: string, max_stack_bytes: number) =>
    entryOf("function.wat", { source, method: "f", limits: { max_stack_bytes } });
  const wat = async (source: string, bytes: number) => await placeProblems(entry(source, bytes));
  const plain = '(module (func (export "f")))';
  expect((await place(entry(plain, 4_194_304))).limits).toEqual({ stackBytes: 4_194_304 });
  expect((await wat(plain, 4_194_305))[0]).toMatchObject({
    code: "over-limit",
    message: expect.stringContaining("max_stack_bytes of 4194305 is more than the 4194304"),
    hint: "write 4194304 at most",
  });
  const waits = `(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (func (export "f")))`;
  expect((await place(entry(waits, 1_007_616))).limits).toEqual({ stackBytes: 1_007_616 });
  expect((await wat(waits, 1_007_617))[0]?.message).toContain("it imports functions that may wait");
});
