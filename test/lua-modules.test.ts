import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentedModules, readModuleExample } from "../scripts/lua-pages.ts";
import { createRuntime, type Runtime } from "../src/index.ts";

const names = documentedModules.map(({ name }) => name);

describe("the page of each Lua module", () => {
  test.each(documentedModules)("$name names all its functions", ({ name, functions }) => {
    const { text } = readModuleExample(name);
    // `.put(…)` in a list stands for `http_client.put(…)`, and `select{…}` calls too.
    const plain = text.replaceAll("{", "(");
    const missing = functions.filter((each) => !plain.includes(each) && !plain.includes(each.replace(/^\w+\./, ".")));
    expect(missing).toEqual([]);
  });
});

describe("the example of each Lua module", () => {
  let folder: string;
  let runtime: Runtime;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "weft-modules-"));
    const index = join(folder, "_index.yaml");
    copyFileSync(fileURLToPath(new URL("../scripts/examples/lua/app.yaml", import.meta.url)), index);
    const entries = names.map((name) => {
      const { source } = readModuleExample(name);
      const modules = [...source.matchAll(/require\("(\w+)"\)/g)].map(([, module]) => module);
      return `  - ${JSON.stringify({ name, kind: "function.lua", modules, source })}\n`;
    });
    await appendFile(index, entries.join(""));
    runtime = await createRuntime({ app: folder, isolates: 0 });
  }, 60_000);

  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(names)("%s returns what its page says", async (name) => {
    expect(await runtime.call(`docs:${name}`)).toEqual(readModuleExample(name).result);
  });
});
