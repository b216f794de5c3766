import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createRuntime, type Runtime } from "../../../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-reload-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** An app whose every function gives the number that it was made with. */
const index = (n: number, libSource = `return { value = ${n} }`): string => `
version: "1.0"
namespace: a
entries:
  - { name: lib, kind: library.lua, source: "${libSource}" }
  - { name: inline, kind: function.lua, imports: { lib: "a:lib" }, source: "local lib = require('lib') return function() return lib.value end" }
  - name: pooled
    kind: function.wat
    source: (module (func (export "f") (result i32) (i32.const ${n})))
    wit: "f: func() -> s32;"
    method: f
    pool: { type: ${n % 2 === 0 ? "lazy" : "static"}, size: 2, max_size: 3 }
  - name: kept
    kind: function.wat
    source: (module (memory 1) (func (export "f") (result i32) (i32.store (i32.const 0) (i32.const ${n})) (i32.load (i32.const 0))))
    wit: "f: func() -> s32;"
    method: f
    pool: { type: lazy, max_size: 4, state: kept }
  - name: chain
    kind: function.lua
    modules: [funcs, time]
    source: |
      return function()
        local funcs = require("funcs")
        local first = funcs.call("a:pooled")
        require("time").sleep("1ms")
        return math.min(first, funcs.call("a:kept"), funcs.call("a:inline"))
      end
`;

/** The number of what was never accepted. */
const rejected = 1_000_000;

function write(text: string): void {
  writeFileSync(join(folder, "registry", "_index.yaml"), text);
}

interface Load {
  readonly failures: unknown[];
  calls: number;
  /** What every call that begins from now on must give at least. */
  least: number;
  stopped: boolean;
}

/** Calls again and again, and notes what fails or is older than it may be. */
async function callOn(runtime: Runtime, id: string, load: Load): Promise<void> {
  while (!load.stopped) {
    const { least } = load;
    load.calls += 1;
    const got = await runtime.call(id).catch((error: unknown) => error);
    if (typeof got !== "number" || got < least || got === rejected) load.failures.push({ id, least, got });
  }
}

test("reloads under load fail no call, and every call that begins after one sees it", async () => {
  mkdirSync(join(folder, "registry"));
  write(index(1));
  await using runtime = await createRuntime({ app: folder, isolates: 2 });
  const load: Load = { failures: [], calls: 0, least: 1, stopped: false };
  const ids = ["a:inline", "a:pooled", "a:kept", "a:chain"];
  const callers = ids.flatMap((id) => Array.from({ length: 6 }, () => callOn(runtime, id, load)));
  let n = 1;
  // On a busy machine, isolates may start more slowly than all of this is done.
  while (n < 40 || load.calls < 100) {
    n += 1;
    if (n % 5 === 0) {
      // Everything is right but the last entry that is compiled: nothing of it may be seen.
      write(index(rejected, "return ("));
      await expect(runtime.registry.reload()).rejects.toMatchObject({ code: "CHANGESET_REJECTED" });
    }
    write(index(n));
    await runtime.registry.reload();
    load.least = n;
  }
  load.stopped = true;
  await Promise.all(callers);
  expect(load.failures).toEqual([]);
  for (const id of ids) expect(await runtime.call(id)).toBe(n);
  expect(runtime.loads).toEqual([0, 0]);
});
