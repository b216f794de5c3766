import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { brief, checked, entryOf, place, placeProblems } from "./support/entry.ts";

test("a Lua function is placed with its modules, imports and pool", async () => {
  const source = 'local json = require("json")\nlocal lib = require("lib")\nreturn { run = function() return 1 end }';
  const data = {
    source,
    method: "run",
    modules: ["json"],
    imports: { lib: "tools" },
    pool: { size: 2 },
    limits: { max_execution_ms: 50 },
  };
  expect(await place(entryOf("function.lua", data))).toMatchObject({
    role: "function",
    program: {
      type: "lua",
      name: "app:it",
      source,
      file: "source",
      firstLine: 1,
      method: "run",
      modules: ["json"],
      imports: { lib: "app:tools" },
    },
    signature: undefined,
    pool: { type: "inline" },
    limits: { executionMs: 50 },
  });
});

test("libraries and processes have roles of their own", async () => {
  expect(await place(entryOf("library.lua", { source: "return {}" }))).toMatchObject({ role: "library" });
  const meta = { default_host: "host", options: { retry: { max_attempts: 2, initial_delay: "1s" } } };
  expect(await place(entryOf("process.lua", { source: "return {}" }, meta))).toMatchObject({
    role: "process",
    defaultHost: "app:host",
    options: { retry: { maxAttempts: 2, initialDelayMs: 1_000, maxDelayMs: 10_000 } },
  });
});

test("mistakes in Lua are reported inside the source", async () => {
  const broken = entryOf("function.lua", { source: "local x = 1\nlocal = 2\nreturn x" });
  expect((await placeProblems(broken)).map(brief)).toEqual([expect.stringMatching(/^lua-source at source:2:/)]);
  const undeclared = entryOf("function.lua", { source: 'local a = 1\nlocal b = require("nope")\nreturn a' });
  expect((await placeProblems(undeclared)).map(brief)).toEqual(["lua-source at source:2:11"]);
});

test("a folder is given by its absolute path, and made when the entry says so", async () => {
  const root = await mkdtemp(join(tmpdir(), "weft-folder-"));
  try {
    const entry = { ...entryOf("fs.directory", { directory: "data/in", auto_init: true, mode: "0700" }), root };
    expect(checked(entry).provides).toMatchObject({ directory: { path: join(root, "data/in") } });
    expect(existsSync(join(root, "data/in"))).toBe(true);
  } finally {
    await rm(root, { recursive: true });
  }
});
