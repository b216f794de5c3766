import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { adjustEntries, parseOverride, readOverride, type DisableRules } from "../../../src/boot/adjust.ts";
import { readConfig } from "../../../src/boot/config.ts";
import { createRuntime, loadApp } from "../../../src/index.ts";
import { liveEntry } from "../../../src/registry/live/live-entry.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-config-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const index = `
version: "1.0"
namespace: app
entries:
  - { name: one, kind: function.lua, meta: { tags: [slow, old] }, source: "return function() return 1 end", pool: { type: lazy, max_size: 2 } }
  - { name: two, kind: function.lua, meta: { env: dev }, source: "return function() return 2 end" }
  - { name: list, kind: registry.entry, data: { hosts: [a, { name: b }] } }
`;

describe("an override", () => {
  test.each([
    ["app:one:source=return", { id: "app:one", path: ["data", "source"], value: "return" }],
    ["app:one:data.pool.size=4", { id: "app:one", path: ["data", "pool", "size"], value: 4 }],
    ["a.b:c.d:meta.on=true", { id: "a.b:c.d", path: ["meta", "on"], value: true }],
    ["app:one:kind=registry.entry", { id: "app:one", path: ["kind"], value: "registry.entry" }],
    ["app:one:kind.x=1", { id: "app:one", path: ["data", "kind", "x"], value: 1 }],
    ["app:one:list=[1, x]", { id: "app:one", path: ["data", "list"], value: [1, "x"] }],
    ["app:one:empty=", { id: "app:one", path: ["data", "empty"], value: "" }],
    ["app:one:none=null", { id: "app:one", path: ["data", "none"], value: null }],
    ["app:one:odd=a: b: c", { id: "app:one", path: ["data", "odd"], value: "a: b: c" }],
    ["app:one:eq=a=b", { id: "app:one", path: ["data", "eq"], value: "a=b" }],
  ])("is read from the command line: %s", (text, expected) => {
    expect(parseOverride(text)).toEqual(expected);
  });

  test.each(["app:one=1", "app=1", "app:one:=1", ":one:x=1", "app:one:a..b=1", "app:one:x"])(
    "may be malformed: %s",
    (text) => {
      expect(() => parseOverride(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    },
  );

  test("replaces values, in lists too, and makes what is missing on the way", () => {
    const entry = liveEntry({ id: "a:x", kind: "k", meta: {}, data: { hosts: ["a", { name: "b" }] }, root: "/" });
    const overrides = [
      readOverride("a:x:hosts.1.name", "c"),
      readOverride("a:x:deep.er.still", 1),
      readOverride("a:x:meta.m", "n"),
      readOverride("a:x:kind", "l"),
    ];
    const read = { entries: [{ entry, problems: [] }], duplicates: [], diagnostics: [] };
    const [adjusted] = adjustEntries(read, { overrides, disable: nothing }).entries;
    expect(adjusted?.entry).toMatchObject({
      kind: "l",
      meta: { m: "n" },
      data: { hosts: ["a", { name: "c" }], deep: { er: { still: 1 } } },
    });
  });

  test("counts in the app, from files and from the command line, which wins", async () => {
    const app = folderWith({
      "registry/_index.yaml": index,
      ".wippy.yaml": 'override: { "app:two:source": "return function() return 20 end" }\n',
      "weft.yaml": 'override: { "app:one:source": "return function() return 10 end" }\n',
    });
    const loaded = await loadApp(app, { settings: { override: ["app:one:source=return function() return 11 end"] } });
    expect(loaded.registry.get("app:one")?.entry.data["source"]).toContain("11");
    await using runtime = await createRuntime({ app, isolates: 0 });
    expect([await runtime.call("app:one"), await runtime.call("app:two")]).toEqual([10, 20]);
  });

  test("of an entry that does not exist is an error", async () => {
    const app = folderWith({ "registry/_index.yaml": index, "weft.yaml": 'override: { "app:ones:x": 1 }\n' });
    await expect(loadApp(app)).rejects.toMatchObject({
      code: "ENTRY_NOT_FOUND",
      message: expect.stringContaining("did you mean app:one"),
    });
  });
});

const nothing: DisableRules = { namespaces: [], entries: [], meta: {} };

describe("disabled", () => {
  const entries = ["app:a", "app.test:b", "app.test.deep:c", "other:a.x", "other:z"].map((id) => ({
    entry: liveEntry({
      id,
      kind: "k",
      meta: id === "other:z" ? { env: "dev", tags: ["x", "y"] } : {},
      data: {},
      root: "/",
    }),
    problems: [],
  }));

  test.each([
    [{ namespaces: ["app"] }, ["app.test:b", "app.test.deep:c", "other:a.x", "other:z"]],
    [{ namespaces: ["app.*"] }, ["app:a", "app.test.deep:c", "other:a.x", "other:z"]],
    [{ namespaces: ["app.**"] }, ["app:a", "other:a.x", "other:z"]],
    [{ namespaces: ["(app|other)"] }, ["app.test:b", "app.test.deep:c"]],
    [{ entries: ["*:a"] }, ["app.test:b", "app.test.deep:c", "other:a.x", "other:z"]],
    [{ entries: ["other:**"] }, ["app:a", "app.test:b", "app.test.deep:c"]],
    [{ meta: { env: "dev" } }, ["app:a", "app.test:b", "app.test.deep:c", "other:a.x"]],
    [{ meta: { tags: "y" } }, ["app:a", "app.test:b", "app.test.deep:c", "other:a.x"]],
    [{ meta: { env: ["prod", "stage"] } }, ["app:a", "app.test:b", "app.test.deep:c", "other:a.x", "other:z"]],
  ])("entries are left out: %j", (rules, left) => {
    const read = { entries, duplicates: [], diagnostics: [] };
    const adjusted = adjustEntries(read, { overrides: [], disable: { ...nothing, ...rules } });
    expect(adjusted.entries.map(({ entry }) => entry.id)).toEqual(left);
  });

  test("a pattern that is none is an error", () => {
    const disable = { ...nothing, entries: ["(a"] };
    expect(() => adjustEntries({ entries, duplicates: [], diagnostics: [] }, { overrides: [], disable })).toThrow(
      /is no pattern/,
    );
  });

  test("entries of an app are left out", async () => {
    const app = folderWith({
      "registry/_index.yaml": index,
      "weft.yaml": "disable: { entries: ['app:two'], meta: { tags: slow } }\n",
    });
    const { registry } = await loadApp(app);
    expect(registry.entries.map(({ entry }) => entry.id)).toEqual(["app:list"]);
  });
});

describe("settings", () => {
  test("of the command line stand over the file's", async () => {
    const root = folderWith({ "registry/_index.yaml": index, "weft.yaml": "shutdown: { timeout: 5s }\nisolates: 2\n" });
    expect(await readConfig(root)).toMatchObject({
      shutdownMs: 5_000,
      isolates: 2,
      history: { type: "memory", versions: 1_000 },
    });
    const set = ["shutdown.timeout=1m", "isolates=1", "security.strict_mode=true", "registry.history_type=sqlite"];
    expect(await readConfig(root, { set })).toMatchObject({
      shutdownMs: 60_000,
      isolates: 1,
      strictSecurity: true,
      history: { type: "sqlite", path: join(root, ".weft", "registry.db") },
    });
  });

  test.each([
    ["isolates=many", /--set/],
    ["isolates", /is no setting/],
    ["=1", /is no setting/],
    ["isolate=1", /--set isolate=1: there is no section isolate: did you mean isolates\?/],
    ["nothing.like=1", /--set nothing.like=1: there is no section nothing: there are name, /],
    ["log.levell=debug", /--set log.levell=debug: log has no field levell: did you mean level\?/],
    ["limits.max_fuell=1", /limits has no field max_fuell: did you mean max_fuel\?/],
  ])("may be wrong: %s", async (text, message) => {
    const root = folderWith({ "registry/_index.yaml": index });
    await expect(readConfig(root, { set: [text] })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(message),
    });
  });

  test("that are wrong in the file are told with the file", async () => {
    const root = folderWith({ "registry/_index.yaml": index, "weft.yaml": "isolate: 2\nlimits: { fuel: 1 }\n" });
    const message = new RegExp(`^${root}/weft.yaml: .*limits has no field fuel.*\n.*no section isolate.*isolates`);
    await expect(readConfig(root, { set: ["isolates=1"] })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(message),
    });
  });

  test("may be in another file", async () => {
    const root = folderWith({
      "registry/_index.yaml": index,
      "weft.yaml": "isolates: 2\n",
      "other.yaml": "isolates: 3\n",
    });
    expect(await readConfig(root, { config: join(root, "other.yaml") })).toMatchObject({ isolates: 3 });
    await expect(readConfig(root, { config: join(root, "none.yaml") })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
    const other = folderWith({
      "src/_index.yaml": index,
      ".wippy.yaml": "shutdown: { timeout: 1s }\n",
      "prod.yaml": "shutdown: { timeout: 2s }\nunknown: 1\n",
    });
    const settings = { config: join(other, "prod.yaml") };
    expect(await readConfig(other, settings)).toMatchObject({ shutdownMs: 2_000, compat: "wippy" });
  });

  test("of every section of the other format are accepted, and of those that nobody knows", async () => {
    const sections = [
      "logmanager",
      "supervisor",
      "functions",
      "metrics",
      "prometheus",
      "otel",
      "relay",
      "cluster",
      "profiler",
    ];
    const yaml = sections.map((name) => `${name}: { x: 1 }\n`).join("");
    const lua = "lua: { proto_cache_size: 100, type_system: { enabled: true, strict: true } }\n";
    const registry = "registry: { enable_history: false, event_wait_timeout: 120s }\n";
    const root = folderWith({
      "src/_index.yaml": index,
      ".wippy.yaml": `version: "1.0"\nlogger: { level: debug, encoding: json }\nmade_up: 1\n${yaml}${lua}${registry}`,
    });
    expect(await readConfig(root)).toMatchObject({
      compat: "wippy",
      logLevel: "debug",
      logFormat: "json",
      history: { type: "memory", versions: 1 },
    });
    const own = folderWith({ "registry/_index.yaml": index, "weft.yaml": `${yaml}${lua}${registry}` });
    expect(await readConfig(own)).toMatchObject({ compat: "weft", history: { type: "memory", versions: 1 } });
  });
});

describe("a module that stands in for another", () => {
  const module = `
namespace: them
entries:
  - { name: files, kind: fs.directory, directory: data }
  - { name: word, kind: function.lua, source: "file://word.lua" }
`;

  test("has its entries in the app, with folders and texts of its own", async () => {
    const root = folderWith({
      "wippy.lock": "directories: { src: ./src }\nreplacements: [{ from: they/them, to: ./modules/them }]\n",
      "src/_index.yaml": index,
      "modules/them/src/_index.yaml": module,
      "modules/them/src/word.lua": "return function() return 'theirs' end",
      "modules/them/data/x": "",
    });
    const app = await loadApp(root);
    expect(app.diagnostics).toEqual([]);
    expect(app.registry.get("them:files")?.checked?.provides.directory?.path).toBe(join(root, "modules/them/data"));
    expect(app.registry.get("them:word")?.entry.position.file).toBe("modules/them/src/_index.yaml");
    await using runtime = await createRuntime({ app: root, isolates: 0 });
    expect([await runtime.call("them:word"), await runtime.call("app:one")]).toEqual(["theirs", 1]);
  });

  test("is read once when it is below the app's own folder", async () => {
    const root = folderWith({
      "wippy.lock": "directories: { src: . }\nreplacements: [{ from: they/them, to: modules/them }]\n",
      "_index.yaml": index,
      "modules/them/_index.yaml": module,
      "modules/them/word.lua": "return function() return 'theirs' end",
      "modules/them/data/x": "",
    });
    expect((await loadApp(root)).diagnostics).toEqual([]);
  });

  test("must be there", async () => {
    const root = folderWith({
      "wippy.lock": "replacements: [{ from: they/them, to: gone }]\n",
      "src/_index.yaml": index,
    });
    await expect(readConfig(root)).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: expect.stringContaining("they/them"),
    });
  });

  test("is found where it was installed, unless another replaces it", async () => {
    const entry = (namespace: string) => `namespace: ${namespace}\nentries: [{ name: x, kind: registry.entry }]\n`;
    const root = folderWith({
      "wippy.lock": `directories: { src: ./src, modules: .parts }
modules:
  - { name: they/plain, version: 1.0.0, hash: abc }
  - { name: they/versioned, version: v0.2 }
  - { name: they/replaced, version: 1.0.0 }
  - { name: they/packed, version: 1.0.0 }
replacements: [{ from: they/replaced, to: other }]
`,
      "src/_index.yaml": index,
      ".parts/they/plain/src/_index.yaml": entry("plain"),
      ".parts/vendor/they/versioned-v0.2/_index.yaml": entry("versioned"),
      ".parts/they/replaced/_index.yaml": entry("wrong"),
      ".parts/they/packed": "not a folder",
      "other/_index.yaml": entry("right"),
    });
    const { registry, diagnostics } = await loadApp(root);
    expect(diagnostics).toEqual([]);
    expect(
      registry.entries
        .map((item) => item.entry.id)
        .filter((id) => id.endsWith(":x"))
        .toSorted(),
    ).toEqual(["plain:x", "right:x", "versioned:x"]);
  });

  test("needs no more of wippy.lock than is written", async () => {
    const root = folderWith({ "wippy.lock": "directories:\nmodules:\nreplacements:\n", "src/_index.yaml": index });
    expect(await readConfig(root)).toMatchObject({ source: join(root, "src"), modules: [] });
  });
});
