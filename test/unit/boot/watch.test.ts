import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ChangesRejected } from "../../../src/boot/live.ts";
import { AppWatcher } from "../../../src/boot/watch.ts";
import { assemble } from "../../../src/engine/wasm/assemble.ts";
import { createRuntime, type Runtime } from "../../../src/index.ts";

const wat = (n: number): string => `(module (func (export "f") (result i32) (i32.const ${n})))`;
const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const index = (hash: string, more = ""): string => `
version: "1.0"
namespace: a
entries:
  - { name: lua, kind: function.lua, source: "file://src/one.lua" }
  - { name: wat, kind: function.wat, source: "file://src/one.wat", wit: "f: func() -> s32;", method: f }
  - { name: files, kind: fs.directory, directory: binaries }
  - { name: bin, kind: function.wasm, fs: files, path: one.wasm, hash: "sha256:${hash}", wit: "f: func() -> s32;", method: f }
  - { name: yaml, kind: function.lua, source: "return function() return 'yaml 1' end" }
${more}`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** An app that is watched: `edit` writes a file and gives what the watcher makes of it. */
class Watched implements AsyncDisposable {
  readonly runtime: Runtime;
  readonly #folder: string;
  readonly #watcher: AppWatcher;
  readonly #heard: Heard;

  private constructor(folder: string, runtime: Runtime, parts: { watcher: AppWatcher; heard: Heard }) {
    this.#folder = folder;
    this.runtime = runtime;
    this.#watcher = parts.watcher;
    this.#heard = parts.heard;
  }

  static async start(): Promise<Watched> {
    const folder = mkdtempSync(join(tmpdir(), "weft-watch-"));
    folders.push(folder);
    mkdirSync(join(folder, "registry", "src"), { recursive: true });
    mkdirSync(join(folder, "binaries"));
    const bytes = await assemble(wat(1), "one");
    writeFileSync(join(folder, "binaries", "one.wasm"), bytes);
    writeFileSync(join(folder, "registry", "_index.yaml"), index(hashOf(bytes)));
    writeFileSync(join(folder, "registry", "src", "one.lua"), "return function() return 'lua 1' end");
    writeFileSync(join(folder, "registry", "src", "one.wat"), wat(1));
    const runtime = await createRuntime({ app: folder, isolates: 1 });
    const heard = new Heard();
    const watcher = await AppWatcher.start(runtime.registry, {
      reloaded: ({ changed }) => heard.hear(changed.toSorted().join(" ")),
      rejected: (error) =>
        heard.hear(
          error instanceof ChangesRejected ? error.diagnostics.map(({ code }) => code).join(" ") : String(error),
        ),
      needsRestart: (file) => heard.hear(`restart for ${file}`),
    });
    return new Watched(folder, runtime, { watcher, heard });
  }

  async edit(file: string, text: string | Uint8Array): Promise<string> {
    const heard = this.#heard.next();
    writeFileSync(join(this.#folder, file), text);
    return await heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher[Symbol.asyncDispose]();
    await this.runtime[Symbol.asyncDispose]();
  }
}

class Heard {
  #next = Promise.withResolvers<string>();

  hear(what: string): void {
    this.#next.resolve(what);
  }

  next(): Promise<string> {
    this.#next = Promise.withResolvers();
    return this.#next.promise;
  }
}

describe("an edit", () => {
  test("of Lua, WAT or YAML reloads just what it touches", async () => {
    await using app = await Watched.start();
    const { runtime } = app;
    expect(await app.edit("registry/src/one.lua", "return function() return 'lua 2' end")).toBe("a:lua");
    expect(await runtime.call("a:lua")).toBe("lua 2");
    expect(await app.edit("registry/src/one.wat", wat(2))).toBe("a:wat");
    expect(await runtime.call("a:wat")).toBe(2);
    const moved = index(hashOf(await assemble(wat(1), "one"))).replace("entries:", "# a line\nentries:");
    expect(await app.edit("registry/_index.yaml", moved.replace("yaml 1", "yaml 2"))).toBe("a:yaml");
    expect(await runtime.call("a:yaml")).toBe("yaml 2");
    expect(
      await app.edit(
        "registry/more.yaml",
        "{ namespace: b, name: new, kind: function.lua, source: 'return function() return 7 end' }",
      ),
    ).toBe("b:new");
    expect(await runtime.call("b:new")).toBe(7);
    expect(await runtime.call("a:bin")).toBe(1);
  });

  test("of a binary that is pinned counts when the pin follows", async () => {
    await using app = await Watched.start();
    const bytes = await assemble(wat(5), "one");
    expect(await app.edit("binaries/one.wasm", bytes)).toBe("hash-mismatch");
    expect(await app.runtime.call("a:bin")).toBe(1);
    expect(await app.edit("registry/_index.yaml", index(hashOf(bytes)))).toBe("a:bin");
    expect(await app.runtime.call("a:bin")).toBe(5);
  });

  test("that is broken leaves what ran before, until it is mended", async () => {
    await using app = await Watched.start();
    const { runtime } = app;
    expect(await app.edit("registry/src/one.lua", "return function(")).toBe("lua-source");
    expect(await app.edit("registry/src/one.wat", "(module (func")).toBe("lua-source wat-source");
    expect(await app.edit("registry/_index.yaml", "namespace: a\nentries: [")).toContain("yaml-syntax");
    expect([await runtime.call("a:lua"), await runtime.call("a:wat"), await runtime.call("a:yaml")]).toEqual([
      "lua 1",
      1,
      "yaml 1",
    ]);
    const hash = hashOf(await assemble(wat(1), "one"));
    expect(await app.edit("registry/_index.yaml", index(hash))).toBe("lua-source wat-source");
    expect(await app.edit("registry/src/one.wat", wat(3))).toBe("lua-source");
    expect(await app.edit("registry/src/one.lua", "return function() return 'lua 3' end")).toBe("a:lua a:wat");
    expect([await runtime.call("a:lua"), await runtime.call("a:wat")]).toEqual(["lua 3", 3]);
  });

  test("that names a missing binary is taken when the binary comes", async () => {
    await using app = await Watched.start();
    const bytes = await assemble(wat(9), "two");
    const pinned = index(hashOf(await assemble(wat(1), "one")));
    const more = `  - { name: two, kind: function.wasm, fs: files, path: two.wasm, hash: "sha256:${hashOf(bytes)}", wit: "f: func() -> s32;", method: f }\n`;
    expect(await app.edit("registry/_index.yaml", pinned + more)).toBe("missing-file");
    expect(await app.edit("binaries/two.wasm", bytes)).toBe("a:two");
    expect(await app.runtime.call("a:two")).toBe(9);
  });

  test("leaves alone what was changed while the app runs", async () => {
    await using app = await Watched.start();
    const source = "return function() return 'live' end";
    const entry = (id: string) => ({ id, kind: "function.lua", data: { source } });
    await app.runtime.registry.apply([
      { op: "update", entry: entry("a:yaml") },
      { op: "create", entry: entry("live:new") },
    ]);
    expect(await app.edit("registry/src/one.wat", wat(2))).toBe("a:wat");
    expect([await app.runtime.call("a:yaml"), await app.runtime.call("live:new")]).toEqual(["live", "live"]);
  });

  test("of the configuration needs a new start", async () => {
    await using app = await Watched.start();
    expect(await app.edit("weft.yaml", "name: x\n")).toBe("restart for weft.yaml");
  });
});
