import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { loadApp } from "../../../src/boot/app.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function app(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "weft-ns-"));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const lock = "directories: { src: ./src }\nreplacements: [{ from: they/cache, to: ./modules/cache }]\n";

const module = `
namespace: cache
entries:
  - { name: about, kind: ns.definition, readme: Keeps things. }
  - name: host
    kind: ns.requirement
    targets:
      - { entry: keeper, path: .host }
      - { entry: "cache:keeper", path: "lifecycle.requires +=" }
  - name: size
    kind: ns.requirement
    default: 10
    targets: [{ entry: kept, path: data.max_size }, { entry: kept, path: meta.sizes.all }]
  - { name: kept, kind: store.memory }
  - { name: work, kind: process.lua, source: "return function() end" }
  - { name: keeper, kind: process.service, process: work, host: nothing, lifecycle: { requires: [kept] } }
`;

const own = (parameters: string): string => `
namespace: app
entries:
  - { name: host, kind: process.host }
  - { name: cache, kind: ns.dependency, component: they/cache, version: ">=1", parameters: ${parameters} }
`;

test("values of a dependency reach the fields that its module's requirements name", async () => {
  const root = app({
    "wippy.lock": lock,
    "src/_index.yaml": own(`[{ name: host, value: "app:host" }]`),
    "modules/cache/_index.yaml": module,
  });
  const { diagnostics, registry } = await loadApp(root);
  expect(diagnostics).toEqual([]);
  expect(registry.get("cache:keeper")?.entry.data).toMatchObject({
    host: "app:host",
    lifecycle: { requires: ["kept", "app:host"] },
  });
  expect(registry.get("cache:kept")?.entry).toMatchObject({ data: { max_size: 10 }, meta: { sizes: { all: 10 } } });
});

test("a parameter may name the requirement in full, and goes before its default", async () => {
  const root = app({
    "wippy.lock": lock,
    "src/_index.yaml": own(`[{ name: "cache:host", value: "app:host" }, { name: size, value: 7 }]`),
    "modules/cache/_index.yaml": module,
  });
  expect((await loadApp(root)).registry.get("cache:kept")?.entry.data).toEqual({ max_size: 7 });
});

test("what is missing is said where it stands: missing-parameter, missing-module, unknown-reference", async () => {
  const root = app({
    "wippy.lock": lock,
    "src/_index.yaml": `${own("[]")}  - { name: other, kind: ns.dependency, component: they/other }\n`,
    "modules/cache/_index.yaml": module.replace("entry: kept, path: data", "entry: kep, path: data"),
  });
  const found = (await loadApp(root)).diagnostics.map(({ code, entry, hint }) => ({ code, entry, hint }));
  expect(found).toEqual(
    expect.arrayContaining([
      {
        code: "missing-parameter",
        entry: "cache:host",
        hint: "add {name: host, value: …} to the dependency's parameters",
      },
      { code: "missing-module", entry: "app:other", hint: expect.stringContaining("from: they/other") },
      { code: "unknown-reference", entry: "cache:size", hint: "did you mean cache:kept or cache:keeper?" },
    ]),
  );
});
