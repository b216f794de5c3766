import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRuntime } from "../../../src/index.ts";
import { readConfig } from "../../../src/boot/config.ts";

const entries = `
version: "1.0"
namespace: a
entries:
  - name: sum
    kind: function.lua
    source: return function() return 5 * 1000 * 1000 * 1000 end
`;

function app(engine: string): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "weft-lua-engine-"));
  mkdirSync(join(path, "registry"));
  writeFileSync(join(path, "registry", "_index.yaml"), entries);
  writeFileSync(join(path, "weft.yaml"), engine === "" ? "{}" : `lua: { engine: ${engine} }`);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

describe("lua.engine in weft.yaml", () => {
  test.each([
    ["", 5_000_000_000],
    ["patched", 5_000_000_000],
    ["fengari", 5_000_000_000],
    ["stock", 705_032_704],
  ])("%o says which interpreter every isolate runs", async (engine, sum) => {
    using folder = app(engine);
    for (const isolates of [0, 1]) {
      await using runtime = await createRuntime({ app: folder.path, isolates });
      expect(await runtime.call("a:sum")).toBe(sum);
    }
  });

  test("takes no other name", async () => {
    using folder = app("luajit");
    await expect(readConfig(folder.path)).rejects.toThrow(/lua.engine/);
  });
});
