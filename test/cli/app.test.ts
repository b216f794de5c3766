import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appFolder, weft, folderWith, type Folder } from "./weft.ts";

let app: Folder;
beforeAll(async () => {
  app = await appFolder();
});
afterAll(async () => app[Symbol.asyncDispose]());

const run = (...args: string[]) => weft([...args, "--app", app.path]);

test("init makes an app that passes its own check and test, and never overwrites", async () => {
  await using folder = await folderWith({});
  const made = await weft(["init", "hello"], { cwd: folder.path });
  expect(made).toMatchObject({ code: 0, stderr: "" });
  const cwd = join(folder.path, "hello");
  const index = await readFile(join(cwd, "registry/_index.yaml"), "utf8");
  expect(index).toMatch(/^# yaml-language-server: \$schema=/);
  expect(JSON.parse(await readFile(join(cwd, "registry/index.schema.json"), "utf8"))).toBeTypeOf("object");
  expect(await weft(["check", "--json"], { cwd })).toMatchObject({ code: 0, stdout: '{\n  "diagnostics": []\n}\n' });
  const tested = await weft(["test"], { cwd });
  expect(tested).toMatchObject({ code: 0, stderr: "" });
  expect(tested.stdout).toContain("1 passed of 1 test");
  const again = await weft(["init"], { cwd });
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("nothing was written");
  expect(await readFile(join(cwd, "registry/_index.yaml"), "utf8")).toBe(index);
});

test("init leaves an app of the other format alone, and a .gitignore as it is", async () => {
  await using other = await folderWith({ "wippy.lock": "directories: { src: ./src }\n" });
  const refused = await weft(["init"], { cwd: other.path });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("it has wippy.lock; nothing was written");
  await using ignoring = await folderWith({ ".gitignore": "mine\n" });
  expect((await weft(["init"], { cwd: ignoring.path })).code).toBe(0);
  expect(await readFile(join(ignoring.path, ".gitignore"), "utf8")).toBe("mine\n");
});

test("call coerces words by type and prints the result", async () => {
  expect(await run("call", "app:add", "6", "-7")).toEqual({ code: 0, stdout: "-1\n", stderr: "" });
  expect(await run("call", "app:echo", "two words")).toEqual({ code: 0, stdout: "two words\n", stderr: "" });
  expect(await run("call", "app:echo", '{"a": [1, 2]}', "--json")).toMatchObject({
    code: 0,
    stdout: '{\n  "a": [\n    1,\n    2\n  ]\n}\n',
  });
  expect(await weft(["call", "app:echo", "-"], { cwd: app.path, stdin: "from stdin\n" })).toMatchObject({
    stdout: "from stdin\n",
  });
});

test("a wrong argument and an unknown id are failures with help", async () => {
  const wrong = await run("call", "app:add", "six", "7");
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('argument 1 "a"');
  const unknown = await run("call", "app:ad", "--json");
  expect(unknown).toMatchObject({ code: 1, stderr: "" });
  expect(JSON.parse(unknown.stdout)).toMatchObject({
    error: { code: "ENTRY_NOT_FOUND", kind: "NotFound", message: expect.stringContaining("app:add") },
  });
});

test("a WIT err goes to stderr with exit code 1", async () => {
  expect(await run("call", "app:checked", "true")).toEqual({ code: 0, stdout: "7\n", stderr: "" });
  expect(await run("call", "app:checked", "false")).toEqual({ code: 1, stdout: "", stderr: "error: 7\n" });
  const json = await run("call", "app:checked", "false", "--json");
  expect({ code: json.code, value: JSON.parse(json.stdout) }).toEqual({ code: 1, value: { err: 7 } });
});

test("call --report says what the call used, on stderr", async () => {
  const { code, stdout, stderr } = await run("call", "app:add", "6", "7", "--report");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "13\n" });
  expect(stderr).toMatch(/^app:add on isolate 0\n {2}executionMs: [\d.]+ of 2000\n/);
  const json = await run("call", "app:add", "6", "7", "--report", "--json");
  expect(json.stdout).toBe("13\n");
  expect(JSON.parse(json.stderr)).toMatchObject({ entry: "app:add", limits: { executionMs: 2000 } });
});

test("a timeout stops a guest that spins", async () => {
  const { code, stdout } = await run("call", "app:spin", "--timeout", "50", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "CALL_TIMEOUT", kind: "Timeout" } });
});

test("list shows ids, kinds and signatures, and filters", async () => {
  const { code, stdout } = await run("list", "--kind", "function.wat");
  expect(code).toBe(0);
  expect(stdout).toMatch(/app:add +function\.wat +func\(a: s32, b: s32\) -> s32 +ok/);
  expect(stdout).not.toContain("app:echo");
  const json = await run("registry", "list", "--ns", "app", "--json");
  expect(JSON.parse(json.stdout).entries).toContainEqual({
    id: "app:add",
    kind: "function.wat",
    signature: "func(a: s32, b: s32) -> s32",
    method: "add",
    state: "ok",
    file: expect.stringContaining("_index.yaml"),
    line: expect.any(Number),
  });
});

test("test reports every test by suite and order, and fails when one does", async () => {
  const { code, stdout, stderr } = await run("test", "--json");
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    passed: 1,
    failed: 2,
    skipped: 1,
    tests: [
      { id: "app:is_false", suite: "first", status: "failed", error: "the test returned false" },
      { id: "app:passes", suite: "first", status: "passed", duration_ms: expect.any(Number) },
      { id: "app:later", suite: "second", status: "skipped", reason: "not yet" },
      { id: "app:raises", suite: "second", status: "failed", error: expect.stringContaining("broken on purpose") },
    ],
  });
});

test("a filter of test selects by the beginning of ids; one that selects nothing fails", async () => {
  const one = await run("test", "app:pass");
  expect(one).toMatchObject({ code: 0, stderr: "" });
  expect(one.stdout).toMatch(/first\n {2}✓ app:passes .*\n\n1 passed of 1 test/);
  const none = await run("test", "nothing:");
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("no test's id begins with nothing:");
});

test("cache shows what is kept and clears it", async () => {
  const shown = await run("cache", "--json");
  expect(JSON.parse(shown.stdout)).toMatchObject({ directory: join(app.path, ".weft/cache"), cleared: false });
  expect((await run("cache", "clear")).code).toBe(0);
  expect(JSON.parse((await run("cache", "--json")).stdout)).toMatchObject({ files: 0, bytes: 0 });
  expect((await run("cache", "burn")).code).toBe(2);
});

test("schema is a JSON Schema that knows the kinds", async () => {
  const { code, stdout } = await weft(["schema"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty("$schema");
  expect(stdout).toContain("function.wasm");
});

test("inspect shows the fields of an entry as they hold", async () => {
  await using folder = await folderWith({
    "weft.yaml": "name: seen\n",
    "registry/note.txt": Array.from({ length: 20 }, (_, i) => `line ${i + 1}`).join("\n"),
    "registry/_index.yaml": `namespace: app
entries: [{ name: settings, kind: registry.entry, meta: { tag: blue }, greeting: hello, note: "file://note.txt" }]
`,
  });
  const seen = await weft(["registry", "show", "app:settings", "-o", "app:settings:greeting=hi", "--app", folder.path]);
  expect(seen.stdout).toContain("  meta\n    tag: blue\n  data\n    greeting: hi\n");
  expect(seen.stdout).toContain("      line 12\n      … and 8 more lines\n");
  expect(seen.stdout).not.toContain("line 13");
});

test("inspect lists what other entries serve to a guest, by type", async () => {
  await using folder = await folderWith({
    "weft.yaml": "",
    "registry/_index.yaml": `namespace: app
entries:
  - { name: twice, kind: function.wat, method: twice, wit: "twice: func(x: s32) -> s32;", source: '(module (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))' }
  - name: user
    kind: function.wat
    method: f
    wit: "f: func() -> s32;"
    source: '(module (import "env" "twice" (func $t (param i32) (result i32))) (func (export "f") (result i32) (call $t (i32.const 21))))'
    imports: [{ function: twice, from: app:twice }]
`,
  });
  const seen = await weft(["inspect", "app:user", "--app", folder.path]);
  expect(seen.stdout).toMatch(/linked +env#twice: \(i32\) -> i32 by app:twice/);
  const json = await weft(["inspect", "app:user", "--json", "--app", folder.path]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    links: [{ from: "env", name: "twice", entry: "app:twice", type: "(i32) -> i32" }],
  });
});
