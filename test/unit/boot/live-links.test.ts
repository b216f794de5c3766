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

const results = {
  s32: "(i32.const 5)",
  u64: "(i64.const 5)",
  string: "(i32.store (i32.const 32) (i32.const 40)) (i32.store (i32.const 36) (i32.const 3)) (i32.const 32)",
} as const;

/** A function that answers one call at a time, after a wait. */
function queued(result: keyof typeof results) {
  const core = result === "u64" ? "i64" : "i32";
  const source = `(module (import "env" "wait" (func $wait (param i32) (result i32))) ${memory} (data (i32.const 40) "abc")
    (func (export "f") (param i32) (result ${core}) (drop (call $wait (i32.const 1))) ${results[result]}))`;
  const imports = [{ module: "env", function: "wait", from: "a:wait" }];
  const data = {
    source,
    wit: `f: func(n: s32) -> ${result};`,
    method: "f",
    pool: { type: "static", size: 1 },
    imports,
  };
  return { id: "a:queued", kind: "function.wat", data };
}

const first: Name = "text";
let folder = "";
let runtime: Runtime;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-links-"));
  mkdirSync(join(folder, "registry"));
  const caller = `local funcs = require('funcs') return function() local v, e = funcs.call('a:queued', 1) return { e and e:kind() or type(v), v } end`;
  const lua = { name: "lua", kind: "function.lua", modules: ["funcs"], source: caller };
  const gate = { name: "gate", kind: "store.memory", lifecycle: { auto_start: true } };
  const turn = (name: string, body: string) => {
    const source = `local store = require('store') return function(n) local gate = store.get('a:gate') ${body} end`;
    return { name, kind: "function.lua", modules: ["store", "time"], source };
  };
  const waiting = "gate:set('waiting', true) while not gate:get('open') do require('time').sleep('2ms') end return n";
  const all = [
    gate,
    turn("wait", waiting),
    turn("waiting", "return gate:get('waiting') == true"),
    turn("close", "gate:delete('open') gate:delete('waiting')"),
    turn("open", "gate:set('open', true)"),
    lua,
    { name: "queued", kind: "function.wat", ...queued("s32").data },
    ...entries(first).map(({ id, kind, data }) => ({ name: id.slice(2), kind, ...data })),
  ];
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

/** Begins calls that wait until everything was replaced. */
async function across<T>(calls: () => Promise<T>, replace: () => Promise<unknown>): Promise<T> {
  await runtime.call("a:close");
  const begun = calls();
  while ((await runtime.call("a:waiting")) !== true) await new Promise((resolve) => setTimeout(resolve, 2));
  await replace();
  await runtime.call("a:open");
  return await begun;
}

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
    const ended = await across(
      async () => await runtime.call("a:guest", 0).catch((error: unknown) => error),
      async () => await set(to),
    );
    if (typeof outcome === "number") expect(ended).toBe(outcome);
    else expect(ended).toMatchObject({ code: outcome });
    await expect(runtime.call("a:guest", 0)).resolves.toEqual(expect.any(Number));
  });
});

test.each([
  ["s32", "string", ["Internal"]],
  ["string", "s32", ["Internal"]],
  ["s32", "u64", ["number", 5]],
] as const)(
  "a Lua function that waits for a slot while its callee is replaced gets no value of another type: %s to %s",
  async (from, to, second) => {
    const replace = (result: keyof typeof results) => runtime.registry.apply([{ op: "update", entry: queued(result) }]);
    await replace(from);
    const [early, late] = await across(
      async () => await Promise.all([runtime.call("a:lua"), runtime.call("a:lua")]),
      async () => await replace(to),
    );
    expect(early).toEqual(from === "string" ? ["string", "abc"] : ["number", 5]);
    expect(late).toEqual(second);
  },
);
