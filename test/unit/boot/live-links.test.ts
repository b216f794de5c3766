import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRuntime, type Runtime } from "../../../src/index.ts";

const memory = `(memory (export "memory") 1) (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))`;

/** A type of the linked function: its WIT, what it is for core modules, what serves it and how it is called. */
interface Form {
  readonly wit: string;
  readonly core: string;
  readonly body: string;
  readonly imported: string;
  readonly call: string;
}

const taking = (type: string, core: string, body: string, args: string): Form => ({
  wit: `f: func(x: ${type}) -> s32;`,
  core: `(param ${core}) (result i32)`,
  body,
  imported: `(param ${core}) (result i32)`,
  call: `(call $f ${args})`,
});

const giving = (type: string): Form => ({
  wit: `f: func(x: u8) -> ${type};`,
  core: "(param i32) (result i32)",
  body: "(i32.store (i32.const 32) (i32.const 40)) (i32.store (i32.const 36) (i32.const 3)) (i32.const 32)",
  imported: "(param i32 i32)",
  call: "(call $f (i32.const 1) (i32.const 16)) (i32.const 2)",
});

const forms = {
  text: taking("string", "i32 i32", "(local.get 1)", "(i32.const 0) (i32.const 3)"),
  list: taking("list<u32>", "i32 i32", "(local.get 1)", "(i32.const 0) (i32.const 3)"),
  small: taking("u8", "i32", "(local.get 0)", "(i32.const 1)"),
  large: taking("u64", "i64", "(i32.wrap_i64 (local.get 0))", "(i64.const 1)"),
  givesText: giving("string"),
  givesList: giving("list<u64>"),
} as const;
type Name = keyof typeof forms;

/** The entry that serves, and the guest that calls it after a wait, both of one form. */
function entries(name: Name) {
  const { wit, core, body, imported, call } = forms[name];
  const served = { source: `(module ${memory} (func (export "f") ${core} ${body}))`, wit, method: "f" };
  const guest = {
    source: `(module (import "env" "wait" (func $wait (param i32) (result i32))) (import "env" "f" (func $f ${imported})) ${memory}
      (func (export "run") (param i32) (result i32) (drop (call $wait (i32.const 1))) ${call}))`,
    wit: "run: func(n: s32) -> s32;",
    method: "run",
    imports: [
      { module: "env", function: "wait", from: "a:wait" },
      { module: "env", function: "f", from: "a:served", wit },
    ],
  };
  return [
    { id: "a:served", kind: "function.wat", data: served },
    { id: "a:guest", kind: "function.wat", data: guest },
  ];
}

const first: Name = "text";
let folder = "";
let runtime: Runtime;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-links-"));
  mkdirSync(join(folder, "registry"));
  const wait = {
    name: "wait",
    kind: "function.lua",
    modules: ["time"],
    source: "return function(n) require('time').sleep('80ms') return n end",
  };
  const all = [wait, ...entries(first).map(({ id, kind, data }) => ({ name: id.slice(2), kind, ...data }))];
  writeFileSync(
    join(folder, "registry", "_index.yaml"),
    JSON.stringify({ version: "1.0", namespace: "a", entries: all }),
  );
  runtime = await createRuntime({ app: folder, isolates: 1, strict: true });
});
afterAll(async () => {
  await runtime[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const set = (name: Name) => runtime.registry.apply(entries(name).map((entry) => ({ op: "update" as const, entry })));

describe("a guest that waits while both it and what it is linked to are replaced", () => {
  test.each([
    ["text", "list", "INVALID_ARGUMENT"],
    ["text", "small", "INVALID_ARGUMENT"],
    ["list", "text", "INVALID_ARGUMENT"],
    ["list", "large", "INVALID_ARGUMENT"],
    ["large", "text", "INVALID_ARGUMENT"],
    ["small", "large", 1],
    ["small", "givesText", "INVALID_RESULT"],
    ["givesText", "small", "INVALID_RESULT"],
    ["givesText", "givesList", "INVALID_RESULT"],
  ] as const)("has its values checked by the types that there are then: %s to %s", async (from, to, outcome) => {
    await set(from);
    const call = runtime.call("a:guest", 0).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await set(to);
    const ended = await call;
    if (typeof outcome === "number") expect(ended).toBe(outcome);
    else expect(ended).toMatchObject({ code: outcome });
    await expect(runtime.call("a:guest", 0)).resolves.toEqual(expect.any(Number));
  });
});
