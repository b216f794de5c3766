import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createRuntime, type Runtime } from "../../../src/index.ts";

const base = `
version: "1.0"
namespace: a
entries:
  - { name: answer, kind: function.lua, imports: { lib: "a:lib" }, source: "local lib = require('lib') return function() return lib.value end" }
  - { name: lib, kind: library.lua, source: "return { value = 1 }" }
  - name: add
    kind: function.wat
    source: (module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
    wit: "f: func(n: s32) -> s32;"
    method: f
  - { name: slow, kind: function.lua, modules: [time], source: "return function(ms) require('time').sleep(ms .. 'ms') return 'old' end" }
  - { name: data, kind: registry.entry, meta: { type: note }, text: first }
`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folderWith(index: string): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-live-"));
  folders.push(folder);
  mkdirSync(join(folder, "registry"));
  writeIndex(folder, index);
  return folder;
}

function writeIndex(folder: string, index: string): void {
  writeFileSync(join(folder, "registry", "_index.yaml"), index);
}

async function start(index = base, isolates = 2): Promise<Runtime> {
  return await createRuntime({ app: folderWith(index), isolates });
}

const lib = (value: string) => ({ id: "a:lib", kind: "library.lua", data: { source: `return { value = ${value} }` } });

const wat = (by: number, type = "s32") => ({
  id: "a:add",
  kind: "function.wat",
  data: {
    source: `(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const ${by}))))`,
    wit: `f: func(n: ${type}) -> s32;`,
    method: "f",
  },
});

describe("a changeset", () => {
  test("updates what it names and whatever uses it", async () => {
    await using runtime = await start();
    expect(await runtime.call("a:answer")).toBe(1);
    const version = await runtime.registry.apply([{ op: "update", entry: lib("2") }]);
    expect(version).toBe(2);
    expect(runtime.registry.version).toBe(2);
    expect(await runtime.call("a:answer")).toBe(2);
  });

  test("creates, updates and deletes at once", async () => {
    await using runtime = await start();
    await runtime.registry.apply([
      { op: "create", entry: { ...wat(10), id: "a:more" } },
      { op: "update", entry: wat(2) },
      { op: "delete", id: "a:data" },
    ]);
    expect(await runtime.call("a:more", 1)).toBe(11);
    expect(await runtime.call("a:add", 1)).toBe(3);
    expect(() => runtime.get("a:data")).toThrow(expect.objectContaining({ code: "ENTRY_NOT_FOUND" }));
    expect(runtime.find({ ".kind": "function.wat" }).map(({ id }) => id)).toEqual(["a:add", "a:more"]);
  });

  test("lets calls in flight end on the program they began with", async () => {
    await using runtime = await start();
    const calls = Array.from({ length: 8 }, () => runtime.call("a:slow", 200));
    const source = "return function() return 'new' end";
    await runtime.registry.apply([{ op: "update", entry: { id: "a:slow", kind: "function.lua", data: { source } } }]);
    expect(await runtime.call("a:slow", 1)).toBe("new");
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["old"]));
  });

  test("goes on when an entry that is deleted is called, and when it comes back", async () => {
    await using runtime = await start();
    const call = runtime.call("a:slow", 100);
    const entry = runtime.get("a:slow");
    await runtime.registry.apply([{ op: "delete", id: "a:slow" }]);
    await expect(runtime.call("a:slow", 1)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
    expect(await call).toBe("old");
    await runtime.registry.apply([{ op: "create", entry }]);
    expect(await runtime.call("a:slow", 1)).toBe("old");
  });

  test("checks arguments by the signature of the program that runs", async () => {
    await using runtime = await start();
    await runtime.registry.apply([{ op: "update", entry: wat(1, "u32") }]);
    await expect(runtime.call("a:add", -1)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("of no changes makes no version", async () => {
    await using runtime = await start();
    expect(await runtime.registry.apply([])).toBe(1);
  });
});

describe("a rejected changeset", () => {
  test.each([
    ["a program that does not compile", { op: "update", entry: lib("(") }, "lua-source"],
    [
      "a field that does not exist",
      { op: "update", entry: { ...wat(1), data: { ...wat(1).data, spurce: 1 } } },
      "unknown-field",
    ],
    ["an entry that is there", { op: "create", entry: wat(1) }, "duplicate-id"],
    ["an entry that is not there", { op: "update", entry: { ...wat(1), id: "a:adding" } }, "missing-entry"],
    ["a deletion of what others need", { op: "delete", id: "a:lib" }, "unknown-reference"],
    [
      "a circle",
      { op: "update", entry: { ...lib("1"), data: { source: "return {}", imports: { x: "a:lib" } } } },
      "reference-cycle",
    ],
  ] as const)("names the reason and leaves everything as it was: %s", async (_name, wrong, code) => {
    await using runtime = await start();
    const good = { op: "update", entry: { ...wat(2), id: "a:add" } } as const;
    const rejection: unknown = await runtime.registry.apply([good, wrong]).catch((error: unknown) => error);
    expect(rejection).toMatchObject({ code: "CHANGESET_REJECTED" });
    expect(rejection).toHaveProperty("diagnostics[0].code", code);
    expect(rejection).toHaveProperty("details.diagnostics[0].code", code);
    expect(runtime.registry.version).toBe(1);
    expect(await runtime.call("a:add", 1)).toBe(2);
    expect(await runtime.call("a:answer")).toBe(1);
    expect(runtime.get("a:lib").data).toEqual({ source: "return { value = 1 }" });
  });

  test("is one that finds no room for its threads when half of it is in force", async () => {
    await using runtime = await start();
    const pool = { type: "static", size: 1, worker_class: "many", workers: 33 };
    const rejection = runtime.registry.apply([
      { op: "update", entry: wat(50) },
      { op: "create", entry: { ...wat(7), id: "a:aaa" } },
      { op: "create", entry: { ...wat(100), id: "a:x", data: { ...wat(100).data, pool } } },
    ]);
    await expect(rejection).rejects.toMatchObject({
      code: "CHANGESET_REJECTED",
      message: expect.stringContaining("worker classes"),
    });
    expect(await runtime.call("a:add", 1)).toBe(2);
    for (const id of ["a:aaa", "a:x"]) {
      await expect(runtime.call(id, 1)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
    }
    expect(runtime.registry.version).toBe(1);
    await runtime.registry.apply([{ op: "create", entry: { ...wat(7), id: "a:aaa" } }]);
    expect(await runtime.call("a:aaa", 1)).toBe(8);
  });

  test("is none that gives a worker class another name, again and again", async () => {
    await using runtime = await start();
    const pool = (n: number) => ({ type: "static", size: 2, worker_class: `class${n}`, workers: 2 });
    const threads = new Set<number>();
    for (let n = 0; n < 20; n += 1) {
      const data = { ...wat(n).data, pool: pool(n) };
      await runtime.registry.apply([{ op: "update", entry: { ...wat(n), data } }]);
      expect(await runtime.call("a:add", 1)).toBe(n + 1);
      threads.add(runtime.loads.length);
    }
    // Those of all entries, and those of the class that is, the one that was, and one more that was still busy.
    expect(Math.max(...threads)).toBeLessThanOrEqual(2 + 3 * 2);
  });

  test("does not stand in the way of the next", async () => {
    await using runtime = await start();
    const bad = runtime.registry.apply([{ op: "update", entry: lib("(") }]);
    const good = runtime.registry.apply([{ op: "update", entry: lib("3") }]);
    await expect(bad).rejects.toMatchObject({ code: "CHANGESET_REJECTED" });
    await good;
    expect(await runtime.call("a:answer")).toBe(3);
  });

  test("is one made for a version that is no longer in force", async () => {
    await using runtime = await start();
    await runtime.registry.apply([{ op: "update", entry: lib("2") }], { base: 1 });
    await expect(runtime.registry.apply([{ op: "update", entry: lib("3") }], { base: 1 })).rejects.toMatchObject({
      code: "VERSION_CONFLICT",
      kind: "Conflict",
    });
  });

  test("is not one that leaves alone what was broken before", async () => {
    await using runtime = await start(`${base}  - { name: broken, kind: function.lua, source: "return (" }\n`);
    await runtime.registry.apply([{ op: "update", entry: lib("2") }]);
    expect(await runtime.call("a:answer")).toBe(2);
    await expect(runtime.call("a:broken")).rejects.toMatchObject({ code: "ENTRY_FAILED" });
    const source = "return function() return 'mended' end";
    await runtime.registry.apply([{ op: "update", entry: { id: "a:broken", kind: "function.lua", data: { source } } }]);
    expect(await runtime.call("a:broken")).toBe("mended");
  });
});

describe("versions", () => {
  test("go back and forth", async () => {
    await using runtime = await start();
    const { registry } = runtime;
    await registry.apply([{ op: "update", entry: lib("2") }]);
    await registry.apply([
      { op: "delete", id: "a:data" },
      { op: "update", entry: lib("3") },
    ]);
    await registry.applyVersion(1);
    expect([registry.version, await runtime.call("a:answer")]).toEqual([1, 1]);
    expect(runtime.get("a:data").data).toEqual({ text: "first" });
    await registry.applyVersion(3);
    expect([registry.version, await runtime.call("a:answer")]).toEqual([3, 3]);
    await registry.applyVersion(2);
    expect(await registry.apply([{ op: "update", entry: lib("4") }])).toBe(4);
    expect(registry.history().map(({ id, previous }) => [id, previous])).toEqual([
      [0, undefined],
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 2],
    ]);
    await registry.applyVersion(3);
    expect(await runtime.call("a:answer")).toBe(3);
    await expect(registry.applyVersion(9)).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
  });

  test("have snapshots that later changes do not reach", async () => {
    await using runtime = await start();
    const { registry } = runtime;
    const before = registry.snapshot();
    await registry.apply([{ op: "delete", id: "a:data" }]);
    expect(before.version).toBe(1);
    expect(before.get("a:data")?.meta).toEqual({ type: "note" });
    expect(before.find({ type: "note" })).toHaveLength(1);
    expect(registry.snapshot().get("a:data")).toBeUndefined();
    expect(registry.snapshot(1).namespace("a")).toEqual(before.entries());
    expect(registry.snapshot(0).entries()).toEqual([]);
  });

  test("tell who listens what happened, in the order in which entries need each other", async () => {
    await using runtime = await start();
    const heard: string[] = [];
    using _listening = runtime.registry.onEvent(({ kind, path }) => heard.push(`${kind} ${path}`));
    await runtime.registry.apply([
      {
        op: "create",
        entry: {
          ...runtime.get("a:answer"),
          id: "a:z",
          data: { source: "return require('l')", imports: { l: "a:y" } },
        },
      },
      { op: "create", entry: { ...lib("1"), id: "a:y" } },
      { op: "delete", id: "a:data" },
    ]);
    expect(heard.splice(0)).toEqual([
      "registry.begin 1",
      "entry.delete a:data",
      "entry.create a:y",
      "entry.create a:z",
      "entry.accept a:data",
      "entry.accept a:y",
      "entry.accept a:z",
      "registry.commit 2",
    ]);
    await runtime.registry.apply([{ op: "update", entry: lib("(") }]).catch(() => undefined);
    expect(heard).toEqual(["registry.begin 2", "entry.update a:lib", "entry.reject a:lib", "registry.discard 2"]);
  });
});

describe("a history in memory", () => {
  test("keeps as many versions as the configuration says", async () => {
    const app = folderWith(base);
    writeFileSync(join(app, "weft.yaml"), "registry: { history_versions: 3 }\n");
    await using runtime = await createRuntime({ app, isolates: 0 });
    for (const value of ["2", "3", "4"]) await runtime.registry.apply([{ op: "update", entry: lib(value) }]);
    expect(runtime.registry.history().map(({ id }) => id)).toEqual([2, 3, 4]);
    expect(runtime.registry.describeVersion(1)).toBeUndefined();
    expect(runtime.registry.describeVersion(3)).toMatchObject({ id: 3, previous: 2, changes: 1 });
    await expect(runtime.registry.applyVersion(1)).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
    await runtime.registry.applyVersion(2);
    expect(await runtime.call("a:answer")).toBe(2);
  });
});

describe("a history in a file", () => {
  test("goes on where it ended, and can bring back what was", async () => {
    const app = folderWith(base);
    writeFileSync(join(app, "weft.yaml"), "registry: { history_type: sqlite, history_path: state/versions.db }\n");
    {
      await using first = await createRuntime({ app, isolates: 0 });
      await first.registry.apply([{ op: "update", entry: lib("2") }]);
    }
    // The files say what they said before: that is a change.
    await using second = await createRuntime({ app, isolates: 0 });
    expect(second.registry.history().map(({ id }) => id)).toEqual([0, 1, 2, 3]);
    expect(await second.call("a:answer")).toBe(1);
    await second.registry.applyVersion(2);
    expect(await second.call("a:answer")).toBe(2);
  });
});

const services = `
version: "1.0"
namespace: s
entries:
  - { name: host, kind: process.host, lifecycle: { auto_start: true } }
  - { name: log, kind: function.lua, source: "return function() end" }
  - { name: lib, kind: library.lua, source: "return { word = 'one' }" }
  - name: worker
    kind: process.lua
    imports: { lib: "s:lib" }
    source: |
      return function(name)
        process.registry.register(name .. "." .. require("lib").word)
        process.events():receive()
      end
  - { name: first, kind: process.service, process: worker, host: host, input: [first], lifecycle: { auto_start: true } }
  - { name: second, kind: process.service, process: worker, host: host, input: [second], lifecycle: { auto_start: true, requires: [first] } }
  - { name: bystander, kind: process.lua, source: "return function() process.registry.register('by') process.events():receive() end" }
  - { name: third, kind: process.service, process: bystander, host: host, lifecycle: { auto_start: true } }
  - name: pid
    kind: function.lua
    source: "return function(name) return (process.registry.lookup(name)) end"
`;

describe("services", () => {
  const pidOf = async (runtime: Runtime, name: string): Promise<unknown> => {
    for (let left = 100; left > 0; left -= 1) {
      const pid = await runtime.call("s:pid", name);
      if (pid !== null) return pid;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return null;
  };

  test("start again when what they run changes, however far away; others go on", async () => {
    await using runtime = await start(services);
    const before = { first: await pidOf(runtime, "first.one"), by: await pidOf(runtime, "by") };
    const source = "return { word = 'two' }";
    await runtime.registry.apply([{ op: "update", entry: { id: "s:lib", kind: "library.lua", data: { source } } }]);
    expect(await pidOf(runtime, "first.two")).not.toBe(before.first);
    expect(await pidOf(runtime, "second.two")).toBeTypeOf("string");
    expect(await runtime.call("s:pid", "first.one")).toBeNull();
    expect(await pidOf(runtime, "by")).toBe(before.by);
    expect(runtime.services.map(({ status }) => status)).toEqual(["running", "running", "running", "running"]);
  });

  test("stop when they are deleted and start when they are made", async () => {
    await using runtime = await start(services);
    const { id, kind, data, meta } = runtime.get("s:third");
    await pidOf(runtime, "by");
    await runtime.registry.apply([{ op: "delete", id }]);
    expect(runtime.services.map((service) => service.id)).not.toContain(id);
    await runtime.registry.apply([{ op: "create", entry: { id, kind, data, meta } }]);
    expect(await pidOf(runtime, "by")).toBeTypeOf("string");
  });

  test("may change their own code: they have their answer first, and their successor follows them", async () => {
    await using runtime = await start(`
version: "1.0"
namespace: s
entries:
  - { name: host, kind: process.host, lifecycle: { auto_start: true } }
  - name: phoenix
    kind: process.lua
    modules: [registry, time]
    source: |
      local generation = 1
      return function()
        process.registry.register("phoenix." .. generation)
        local events, inbox = process.events(), process.inbox()
        while true do
          local got = channel.select{ inbox:case_receive(), events:case_receive() }
          if got.channel == events then
            if generation == 1 then process.registry.register("ash") require("time").sleep("30ms") end
            return
          end
          local registry = require("registry")
          local snapshot = registry.snapshot()
          local entry = snapshot:get("s:phoenix")
          entry.data.source = entry.data.source:gsub("generation = 1", "generation = 2", 1)
          local changes = snapshot:changes()
          changes:update(entry)
          local version, err = changes:apply()
          process.send(got.value:from(), "applied", version and version:id(), tostring(err))
        end
      end
  # The service stands between two others that change with it.
  - { name: below, kind: process.service, process: s:phoenix_like, host: s:host }
  - { name: phoenix_like, kind: process.lua, imports: { code: "s:code" }, source: "return function() process.events():receive() end" }
  - { name: code, kind: library.lua, source: "return {}" }
  - { name: bird, kind: process.service, process: s:phoenix, host: s:host, lifecycle: { auto_start: true, stop_timeout: 60s, requires: ["s:below"] } }
  - { name: user, kind: process.service, process: s:phoenix_like, host: s:host, lifecycle: { auto_start: true, requires: ["s:bird"] } }
  - name: pid
    kind: function.lua
    source: "return function(name) return (process.registry.lookup(name)) end"
  - name: change
    kind: function.lua
    source: |
      return function()
        local applied = process.listen("applied")
        assert(process.send("phoenix.1", "change"))
        return applied:receive()[1]
      end
`);
    const first = await pidOf(runtime, "phoenix.1");
    const version = runtime.registry.version;
    expect(await runtime.call("s:change")).toBe(version + 1);
    const second = await pidOf(runtime, "phoenix.2");
    expect(second).toBeTypeOf("string");
    expect(second).not.toBe(first);
    expect(await runtime.call("s:pid", "phoenix.1")).toBeNull();
    await expect
      .poll(() => runtime.services.map(({ status }) => status))
      .toEqual(["running", "running", "running", "running"]);
  });

  test("that do not start take the whole changeset back", async () => {
    await using runtime = await start(
      services.replace(
        "{ name: host, kind: process.host,",
        "{ name: host, kind: process.host, host: { max_processes: 3 },",
      ),
    );
    const before = await pidOf(runtime, "by");
    const rejection = runtime.registry.apply([
      {
        op: "update",
        entry: { id: "s:log", kind: "function.lua", data: { source: "return function() return 'new' end" } },
      },
      {
        op: "create",
        entry: {
          id: "s:fourth",
          kind: "process.service",
          data: { process: "bystander", host: "host", lifecycle: { auto_start: true } },
        },
      },
    ]);
    await expect(rejection).rejects.toMatchObject({
      code: "CHANGESET_REJECTED",
      message: expect.stringContaining("already runs 3"),
    });
    expect(await runtime.call("s:log")).toBeNull();
    expect(runtime.services.map(({ id }) => id)).not.toContain("s:fourth");
    expect(await pidOf(runtime, "by")).toBe(before);
    expect(runtime.registry.version).toBe(1);
  });
});
