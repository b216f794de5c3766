import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Value } from "../../../src/core/values.ts";
import { notYetActedUpon } from "../../../src/kinds/shared/not-yet.ts";
import type { EntryData, FieldPath } from "../../../src/registry/entry.ts";
import { fieldNames } from "../../../src/registry/fields/shape.ts";
import { brief, checked, entryOf, kindOf, problemsOf } from "./support/entry.ts";
import { smallest } from "./support/smallest.ts";

const guide = readFileSync(new URL("../../../src/kinds/README.md", import.meta.url), "utf8");

function nested(path: FieldPath, value: Value): EntryData {
  return Object.fromEntries([[String(path[0]), path.length === 1 ? value : nested(path.slice(1), value)]]);
}

const wat = { source: "(module)", method: "f" };
const wasm = { fs: "guests", path: "a.wasm", hash: "sha256:00", method: "f" };

const rules: readonly (readonly [what: string, kind: string, data: EntryData, expected: readonly string[]])[] = [
  ["a missing source and method", "function.wat", {}, ["missing-field at source", "missing-field at method"]],
  ["a blank source", "function.wat", { ...wat, source: "  " }, ["invalid-field at source"]],
  ["a blank method", "function.wat", { ...wat, method: " " }, ["invalid-field at method"]],
  ["missing fs and path", "function.wasm", { method: "f" }, ["missing-field at fs", "missing-field at path"]],
  ["an fs without a name", "function.wasm", { ...wasm, fs: "app:" }, ["invalid-field at fs"]],
  ["a transport nobody knows", "function.wat", { ...wat, transport: "http" }, ["invalid-field at transport"]],
  ["a transport in another spelling", "function.wat", { ...wat, transport: " Payload" }, []],
  ["the transport for requests", "function.wat", { ...wat, transport: "wasi-http" }, []],
  ["an import without a name", "function.wat", { ...wat, imports: [""] }, ["invalid-field at imports[0]"]],
  ["an unknown import", "function.wat", { ...wat, imports: ["funcs", "wasi:clock"] }, ["unknown-import at imports[1]"]],
  ["imports as a mapping", "function.wat", { ...wat, imports: { a: "b" } }, ["invalid-field at imports"]],
  [
    "a negative time",
    "function.wat",
    { ...wat, limits: { max_execution_ms: -1 } },
    ["invalid-field at limits.max_execution_ms"],
  ],
  [
    "two memory limits",
    "function.wat",
    { ...wat, limits: { max_memory_bytes: 1, max_memory_pages: 1 } },
    ["invalid-field at limits.max_memory_pages"],
  ],
  [
    "limits of WebAssembly",
    "function.wat",
    { ...wat, limits: { max_fuel: 5, max_memory_pages: 1, max_stack_bytes: 1000 } },
    [],
  ],
  ["a relative cwd", "function.wat", { ...wat, wasi: { cwd: "tmp" } }, ["invalid-field at wasi.cwd"]],
  [
    "a blank variable",
    "function.wat",
    { ...wat, wasi: { env: [{ id: "e", name: " " }] } },
    ["invalid-field at wasi.env[0].name"],
  ],
  [
    "a variable with neither id nor value, or both",
    "function.wat",
    { ...wat, wasi: { env: [{ name: "A" }, { id: "e", name: "B", value: "b" }] } },
    ["invalid-field at wasi.env[0].id", "invalid-field at wasi.env[1].value"],
  ],
  [
    "variables with values, and a seed",
    "function.wat",
    { ...wat, wasi: { env: [{ name: "A", value: "" }], random: { seed: 7 } } },
    [],
  ],
  [
    "a seed that is none",
    "function.wat",
    { ...wat, wasi: { random: { seed: -1 } } },
    ["invalid-field at wasi.random.seed"],
  ],
  [
    "a variable twice",
    "function.wat",
    {
      ...wat,
      wasi: {
        env: [
          { id: "e", name: "A" },
          { id: "f", name: " A" },
        ],
      },
    },
    ["invalid-field at wasi.env[1].name"],
  ],
  [
    "rules for the network",
    "function.wat",
    { ...wat, wasi: { network: { allow: ["10.0.0.0/8:80", "*.example.org"], deny: ["[::1]:1-9"] } } },
    [],
  ],
  [
    "a network rule that is none",
    "function.wat",
    { ...wat, wasi: { network: { allow: ["10.0.0.0/40"], deny: ["*", 7] } } },
    ["invalid-field at wasi.network.allow[0]", "invalid-field at wasi.network.deny[1]"],
  ],
  [
    "a relative mount",
    "function.wat",
    { ...wat, wasi: { mounts: [{ fs: "g", guest: "x" }] } },
    ["invalid-field at wasi.mounts[0].guest"],
  ],
  [
    "two mounts at one place",
    "function.wat",
    {
      ...wat,
      wasi: {
        mounts: [
          { fs: "g", guest: "/x" },
          { fs: "h", guest: "/y/..//x/" },
        ],
      },
    },
    ["invalid-field at wasi.mounts[1].guest"],
  ],
  [
    "a mount without fs",
    "function.wat",
    { ...wat, wasi: { mounts: [{ guest: "/x" }] } },
    ["missing-field at wasi.mounts[0].fs"],
  ],
  ["an unknown engine", "function.wasm", { ...wasm, engine: "v8" }, ["invalid-field at engine"]],
  ["an unknown result form", "function.wasm", { ...wasm, result: "list" }, ["invalid-field at result"]],
  [
    "a binary named twice",
    "function.wasm",
    { ...wasm, source: Uint8Array.of(0) },
    ["invalid-field at fs", "invalid-field at path"],
  ],
  ["text for a binary", "function.wasm", { source: "(module)", method: "f" }, ["invalid-field at source"]],
  ["a binary for text", "function.wat", { ...wat, source: Uint8Array.of(0) }, ["invalid-field at source"]],
  ["output of Lua", "function.lua", { source: "return 1", limits: { max_output_bytes: 5 } }, []],
  ["a pool of a process", "process.wasm", { ...wasm, pool: {} }, ["warning no-effect at key pool"]],
  [
    "a wrong pool of a process",
    "process.wasm",
    { ...wasm, pool: { type: "x" } },
    ["invalid-field at pool.type", "warning no-effect at key pool"],
  ],
  ["a missing Lua source", "function.lua", { method: "run" }, ["missing-field at source"]],
  [
    "a module with a namespace",
    "function.lua",
    { source: "return 1", modules: ["app:x"] },
    ["invalid-field at modules[0]"],
  ],
  ["an empty module", "library.lua", { source: "return 1", modules: [""] }, ["invalid-field at modules[0]"]],
  [
    "an unknown module",
    "process.lua",
    { source: "return 1", modules: ["funcs", "jsn"] },
    ["unknown-module at modules[1]"],
  ],
  ["Lua imports as a list", "function.lua", { source: "return 1", imports: ["a"] }, ["invalid-field at imports"]],
  ["a pool of a process in Lua", "process.lua", { source: "return 1", pool: {} }, ["unknown-field at key pool"]],
  ["a method of a library", "library.lua", { source: "return 1", method: "f" }, ["unknown-field at key method"]],
  ["a folder that is missing", "fs.directory", { directory: "nowhere" }, ["missing-directory at directory"]],
  ["a folder that is a file", "fs.directory", { directory: "README.md" }, ["missing-directory at directory"]],
  ["a wrong mode", "fs.directory", { directory: ".", mode: "rwx" }, ["invalid-field at mode"]],
  [
    "a wrong duration",
    "process.host",
    { lifecycle: { start_timeout: "soon" } },
    ["invalid-field at lifecycle.start_timeout"],
  ],
  ["an unknown start-up", "terminal.host", { lifecycle: { startup: "maybe" } }, ["invalid-field at lifecycle.startup"]],
];

test.each(rules)("%s is reported where it stands (%s)", (_, kind, data, expected) => {
  expect(problemsOf(entryOf(kind, data)).map(brief)).toEqual(expected);
});

test("a command of a process without a name is a warning, and a function's is its own", () => {
  const lua = { source: "return {}", method: "main" };
  const said = (kind: string, command: Value) => problemsOf(entryOf(kind, lua, { command })).map(brief);
  expect(said("process.lua", { short: "Greets" })).toEqual(["warning invalid-field at meta.command"]);
  expect(said("process.lua", "greet")).toEqual(["warning invalid-field at meta.command"]);
  expect(said("process.lua", { name: "greet" })).toEqual([]);
  expect(said("process.lua", { main: true })).toEqual([]);
  expect(said("function.lua", "/start")).toEqual([]);
});

test("all problems of an entry are reported at once, those of meta and imports too", () => {
  const data = { sorce: "x", method: "", imports: ["wasi:pol"], limits: { max_execution_ms: "1s" } };
  const problems = problemsOf(entryOf("function.wat", data, { options: { timeout: "soon" }, default_host: 3 }));
  expect(problems.map(brief).toSorted()).toEqual([
    "invalid-field at limits.max_execution_ms",
    "invalid-field at meta.default_host",
    "invalid-field at meta.options.timeout",
    "invalid-field at method",
    "missing-field at source",
    "unknown-field at key sorce",
    "unknown-import at imports[0]",
  ]);
  expect(problems.find(({ code }) => code === "unknown-import")?.hint).toContain("wasi:poll");
  const far = problemsOf(entryOf("function.wat", { ...wat, imports: ["databases"] }));
  expect(far[0]?.hint).toContain("wasi:filesystem");
});

test("every retry option is checked at its own place", () => {
  const meta = { options: { retry: { max_attempts: -1, initial_delay: "x", retry_kinds: "Timeout" } } };
  expect(problemsOf(entryOf("function.wat", wat, meta)).map(brief)).toEqual([
    "invalid-field at meta.options.retry.max_attempts",
    "invalid-field at meta.options.retry.initial_delay",
    "invalid-field at meta.options.retry.retry_kinds",
  ]);
});

test.each(notYetActedUpon)(
  "$path of $kinds is accepted, listed in the guide, and warned of where it misleads",
  (row) => {
    const { path, kinds, value, warns } = row;
    expect(guide).toContain(`\`${path.join(".")}\``);
    for (const kind of kinds) {
      const owner = kindOf(kind);
      expect(fieldNames(owner.schema, path.slice(0, -1))).toContain(path.at(-1));
      const data = { ...smallest[kind], ...nested(path, value ?? 1) };
      const warnings = problemsOf(entryOf(kind, data)).filter(({ code }) => code === "no-effect");
      expect(warnings.length).toBe(warns ? 1 : 0);
    }
  },
);

test("unknown fields are warnings under compat: wippy", () => {
  const entry = entryOf("terminal.host", { hide_logs: true, colour: "green" });
  expect(problemsOf(entry, "wippy").map(brief)).toEqual(["warning unknown-field at key colour"]);
});

test("registry.entry takes any data", () => {
  expect(problemsOf(entryOf("registry.entry", { anything: [1, { goes: true }] }))).toEqual([]);
});

test("a program names the entries it needs", () => {
  const data = {
    ...wasm,
    fs: { ns: "other", name: "files" },
    wasi: { mounts: [{ fs: "guests", guest: "/g" }], env: [{ id: "x:home", name: "HOME" }] },
  };
  const meta = { depends_on: ["first", "group:all", "ns:app"], options: { default_host: "host" } };
  const { references } = checked(entryOf("process.wasm", data, meta));
  expect(references.map(({ path, id, kinds, required }) => [path.join("."), id, kinds.join(), required])).toEqual([
    ["fs", "other:files", "fs.directory", true],
    ["wasi.mounts.0.fs", "app:guests", "fs.directory", true],
    ["wasi.env.0.id", "x:home", "env.variable", false],
    ["meta.options.default_host", "app:host", "process.host,terminal.host", true],
    ["meta.depends_on.0", "app:first", "", false],
  ]);
});

test("imports of Lua entries are required and may not run in circles", () => {
  const entry = entryOf("function.lua", { source: "return 1", imports: { a: "lib", b: { ns: "x", name: "y" } } });
  const common = { kinds: ["library.lua", "function.lua"], required: true, acyclic: true };
  expect(checked(entry).references).toEqual([
    { path: ["imports", "a"], id: "app:lib", ...common },
    { path: ["imports", "b"], id: "x:y", ...common },
  ]);
});

test("services need what their lifecycle requires", () => {
  const lifecycle = { auto_start: true, requires: ["a"], depends_on: ["b:c", "group:all", "ns:app"] };
  const { references, service } = checked(entryOf("process.host", { lifecycle }));
  expect(references.map(({ id, acyclic }) => [id, acyclic])).toEqual([
    ["app:a", true],
    ["b:c", true],
  ]);
  expect(service).toMatchObject({ autoStart: true });
});

test("hosts say how they run processes", () => {
  expect(checked(entryOf("process.host", { host: { workers: 4, queue_size: 10 } })).provides).toEqual({
    processHost: { type: "pool", hideLogs: false, maxProcesses: Infinity, workers: 4, mailbox: 10 },
  });
  expect(checked(entryOf("terminal.host", { hide_logs: true })).provides).toEqual({
    processHost: { type: "terminal", hideLogs: true, maxProcesses: 1 },
  });
});
