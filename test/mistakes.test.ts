import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRuntime } from "../src/index.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));
const shapesHash = "sha256:226219ee3ba40bce8f721917d4cf2263cfc57dc1af74bb4102bc9a3e4ab4e4fe";

/** One app with a mistake of each sort, and two entries that are fine. */
const index = `namespace: m
entries:
  - name: guests
    kind: fs.directory
    directory: guests

  - name: unknown_field
    kind: function.wat
    source: (module (func (export "f")))
    methd: f
    method: f

  - name: wrong_type
    kind: function.lua
    source: return function() end
    method: run
    pool: { type: lazy, max_size: many }

  - name: missing_file
    kind: function.lua
    source: file://nowhere.lua
    method: run

  - name: wrong_hash
    kind: function.wasm
    fs: guests
    path: shapes.wasm
    hash: sha256:0000000000000000000000000000000000000000000000000000000000000000
    method: divide

  - name: broken_wat
    kind: function.wat
    method: f
    source: |
      (module
        (func (export "f")
          i32.bogus))

  - name: truncated
    kind: function.wasm
    fs: guests
    path: truncated.wasm
    hash: TRUNCATED
    method: add

  - name: missing_method
    kind: function.wasm
    fs: guests
    path: shapes.wasm
    hash: ${shapesHash}
    method: divid

  - name: bad_wit
    kind: function.wat
    source: (module (func (export "f") (param i32)))
    wit: "f: func(x: u33);"
    method: f

  - name: broken_lua
    kind: function.lua
    method: run
    source: |
      local function run()
        return 1 +
      end
      return { run = run }

  - name: unknown_entry
    kind: function.lua
    source: return function() end
    method: run
    imports: { lib: "m:libary" }

  - name: library
    kind: library.lua
    source: return {}

  - name: circle_a
    kind: library.lua
    source: return {}
    imports: { b: "m:circle_b" }

  - name: circle_b
    kind: library.lua
    source: return {}
    imports: { a: "m:circle_a" }

  - name: unknown_import
    kind: function.wat
    source: (module (func (export "f")))
    imports: ["wasi:clock"]
    method: f

  - name: fine
    kind: function.wat
    source: (module (func (export "f") (result i32) i32.const 1))
    method: f
`;

let app = "";
beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), "weft-mistakes-"));
  mkdirSync(join(app, "guests"));
  mkdirSync(join(app, "registry"));
  cpSync(join(repository, "test/guests/rust/shapes/shapes.wasm"), join(app, "guests/shapes.wasm"));
  cpSync(join(repository, "test/guests/wat/truncated.wasm"), join(app, "guests/truncated.wasm"));
  const hash = createHash("sha256")
    .update(readFileSync(join(app, "guests/truncated.wasm")))
    .digest("hex");
  writeFileSync(join(app, "registry/_index.yaml"), index.replace("TRUNCATED", `sha256:${hash}`));
  writeFileSync(join(app, "registry/broken.yaml"), "namespace: m2\nentries:\n  - { name: x, kind: function.wat\n");
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

interface Found {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly entry: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly hint: string | null;
}

test("weft check reports every mistake of an app in one run, each where it stands", () => {
  const { status, stdout } = spawnSync("node", ["src/cli/weft.js", "check", "--json", "--app", app], {
    cwd: repository,
    encoding: "utf8",
  });
  expect(status).toBe(1);
  const { diagnostics }: { diagnostics: Found[] } = JSON.parse(stdout);
  const at = (entry: string | null): Found[] => diagnostics.filter((found) => found.entry === entry);
  const lineOf = (text: string): number => index.split("\n").findIndex((line) => line.includes(text)) + 1;
  const lineWith = (line: string): number => index.split("\n").findIndex((other) => other.trim() === line) + 1;
  const file = "registry/_index.yaml";

  expect(at("m:unknown_field")).toMatchObject([
    { file, line: lineOf("methd: f"), column: 5, hint: "did you mean method?" },
  ]);
  expect(at("m:wrong_type")).toMatchObject([{ file, line: lineOf("max_size: many"), column: 35 }]);
  expect(at("m:missing_file")).toMatchObject([{ file, line: lineOf("nowhere.lua"), column: 13 }]);
  expect(at("m:wrong_hash")).toMatchObject([{ file, line: lineOf("sha256:0000"), column: 11 }]);
  expect(at("m:wrong_hash")[0]?.message).toContain("22621");
  expect(at("m:broken_wat")).toMatchObject([{ file, line: lineOf("i32.bogus"), column: 11 }]);
  expect(at("m:truncated")).toMatchObject([{ file, line: lineOf("path: truncated.wasm") }]);
  expect(at("m:missing_method")).toMatchObject([{ file, line: lineWith("method: divid") }]);
  expect(JSON.stringify(at("m:missing_method"))).toContain("divide");
  expect(at("m:bad_wit")).toMatchObject([{ file, line: lineOf("u33") }]);
  expect(at("m:broken_lua")).toMatchObject([{ file, line: lineOf("return 1 +") + 1 }]);
  expect(at("m:unknown_entry")).toMatchObject([{ file, line: lineOf("m:libary"), hint: "did you mean m:library?" }]);
  expect(at("m:circle_a")).toMatchObject([{ code: "reference-cycle", line: lineOf("m:circle_b") }]);
  expect(at("m:unknown_import")).toMatchObject([{ file, line: lineOf("wasi:clock"), column: 15 }]);
  expect(JSON.stringify(at("m:unknown_import"))).toContain("wasi:clocks");
  expect(diagnostics.filter((found) => found.file === "registry/broken.yaml")).not.toEqual([]);
  expect(at("m:fine")).toEqual([]);
  expect(diagnostics.every((found) => found.severity === "error" && found.line > 0 && found.column > 0)).toBe(true);
});

test("one broken entry never stops the others, and calling it says what is wrong", async () => {
  await using runtime = await createRuntime({ app, isolates: 1 });
  expect(await runtime.call("m:fine")).toBe(1);
  await expect(runtime.call("m:broken_wat")).rejects.toMatchObject({
    code: "ENTRY_FAILED",
    kind: "Unavailable",
    message: expect.stringContaining("registry/_index.yaml"),
  });
  await expect(createRuntime({ app, isolates: 1, strict: true })).rejects.toMatchObject({ code: "ENTRY_FAILED" });
});
