import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { Document } from "yaml";
import { afterEach, expect, test } from "vitest";
import { createRuntime, type Runtime } from "../../../src/index.ts";
import { collectGarbage, countHeld, countObjects } from "../../support/collect.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** An app in this thread, where its objects can be counted, and how to write its entries. */
async function start(first: string): Promise<{ runtime: Runtime; write: (entries: string) => void }> {
  const folder = mkdtempSync(join(tmpdir(), "weft-retention-"));
  folders.push(folder);
  mkdirSync(join(folder, "registry"));
  const write = (entries: string): void =>
    writeFileSync(join(folder, "registry", "_index.yaml"), `namespace: a\nentries:\n${entries}`);
  write(first);
  return { runtime: await createRuntime({ app: folder, isolates: 0 }), write };
}

test("a file that was read again is forgotten, also by the entries in it that stayed as they were", async () => {
  const notes = Array.from({ length: 12 }, () => 0);
  const entries = (): string =>
    notes.map((n, i) => `  - { name: n${i}, kind: registry.entry, text: note ${n} }\n`).join("");
  const { runtime, write } = await start(entries());
  await using _running = runtime;
  const before = await countObjects(Document);
  for (let i = 0; i < notes.length; i += 1) {
    notes[i] = 1;
    write(entries());
    expect((await runtime.registry.reload()).changed).toEqual([`a:n${i}`]);
  }
  expect(await countObjects(Document)).toBeLessThanOrEqual(before + 1);
}, 120_000);

test("an entry that stayed as it was is shown where it stands now", async () => {
  const at = (inner: string, text: string): string =>
    `  - name: data\n    kind: registry.entry\n    deep:\n      first: 1\n${inner}      field: "x"\n  - { name: other, kind: registry.entry, text: ${text} }\n`;
  const { runtime, write } = await start(at("", "one"));
  await using _running = runtime;
  write(at("      # a comment\n", "two"));
  await runtime.registry.reload();
  const entry = runtime.registry.app.registry.get("a:data")?.entry;
  expect(entry?.locate(["deep", "field"])).toMatchObject({ line: 8 });
});

test("versions keep the texts of their entries, not the files that these stood in", async () => {
  const padding = `# ${"x".repeat(4_000_000)}\n`;
  const entries = (n: number): string =>
    `${padding}  - { name: data, kind: registry.entry, text: a text that is long enough to be cut out ${n} }\n`;
  const { runtime, write } = await start(entries(0));
  await using _running = runtime;
  await collectGarbage();
  const before = getHeapStatistics().used_heap_size;
  for (let n = 1; n <= 20; n += 1) {
    write(entries(n));
    await runtime.registry.reload();
  }
  await collectGarbage();
  const grown = getHeapStatistics().used_heap_size - before;
  expect(runtime.registry.history().length).toBeGreaterThan(20);
  expect(grown).toBeLessThan(40_000_000);
});

const programs = (n: number): string => `
  - name: wat
    kind: function.wat
    source: (module (memory 1) (func (export "f") (result i32) (i32.const ${n})))
    wit: "f: func() -> s32;"
    method: f
  - name: kept
    kind: function.wat
    source: (module (memory 1) (func (export "f") (result i32) (i32.const ${n})))
    wit: "f: func() -> s32;"
    method: f
    pool: { type: lazy, max_size: 2, state: kept }
  - { name: lua, kind: function.lua, modules: [funcs], source: "return function() return require('funcs').call('a:wat') + ${n} end" }
`;

test("of programs that were replaced nothing is left: no registry, no placement, no module or instance", async () => {
  const { runtime, write } = await start(programs(0));
  await using _running = runtime;
  const ids = ["a:wat", "a:kept", "a:lua"];
  const made: WeakRef<object>[] = [];
  let latest = 0;
  for (let n = 1; n <= 20; n += 1) {
    write(programs(n));
    await runtime.registry.reload();
    expect(await Promise.all(ids.map((id) => runtime.call(id)))).toEqual([n, n, 2 * n]);
    const { app } = runtime.registry;
    // An instance holds its module.
    const modules = [...app.placements.values()].flatMap(({ program }) =>
      program.type === "core" ? program.module : [],
    );
    const parts = [app.registry, ...app.placements.values(), ...modules];
    latest = parts.length;
    made.push(...parts.map((part) => new WeakRef(part)));
  }
  expect(latest).toBe(6);
  // Those in force, and at most those before them.
  expect(await countHeld(made)).toBeLessThanOrEqual(2 * latest);
});
