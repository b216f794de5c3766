import { expect, test } from "vitest";
import { folderWith, weft } from "./weft.ts";

const broken = {
  "weft.yaml": "name: broken\n",
  "registry/_index.yaml": `version: "1.0"
namespace: app
entries:
  - name: fine
    kind: function.lua
    source: return function() return 1 end
  - name: misspelt
    kind: function.lua
    sorce: return function() end
  - name: unread
    kind: function.wat
    source: (module (func (export "f") (i32.bogus)))
    method: f
`,
};

test("check shows every problem with its place and exits with 1", async () => {
  await using app = await folderWith(broken);
  const { code, stdout } = await weft(["check", "--app", app.path]);
  expect(code).toBe(1);
  expect(stdout).toContain("sorce");
  expect(stdout).toMatch(/_index\.yaml:9:\d+/);
  expect(stdout).toMatch(/_index\.yaml:12:\d+/);
  expect(stdout).toMatch(/3 entries: \d+ errors, \d+ warnings?\n$/);
});

test("check --json is nothing but diagnostics", async () => {
  await using app = await folderWith(broken);
  const { code, stdout, stderr } = await weft(["lint", "--json", "--app", app.path]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  const { diagnostics } = JSON.parse(stdout);
  expect(diagnostics).toContainEqual({
    code: "unknown-field",
    severity: "error",
    message: expect.any(String),
    entry: "app:misspelt",
    file: expect.stringContaining("_index.yaml"),
    line: expect.any(Number),
    column: expect.any(Number),
    hint: expect.stringContaining("source"),
  });
});

test("check looks at one namespace, and at errors only, when asked", async () => {
  await using app = await folderWith({
    "wippy.lock": "directories: { src: ./src }\n",
    "src/_index.yaml": `namespace: app
entries: [{ name: odd, kind: registry.entry2 }]
`,
    "src/sub/_index.yaml": `namespace: app.sub
entries: [{ name: bad, kind: function.wat, method: f }]
`,
  });
  const check = async (...args: string[]) => await weft(["lint", "--app", app.path, ...args]);
  expect(await check("--level", "error")).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(": 1 error, 0 warnings"),
  });
  expect(await check("--ns", "app")).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(": 1 error, 1 warning"),
  });
  expect(await check("--ns", "app.sub")).toMatchObject({ stdout: expect.stringContaining(": 1 error, 0 warnings") });
  expect(await check("--ns", "other")).toMatchObject({ code: 0, stdout: "2 entries: 0 errors, 0 warnings\n" });
  expect((await check("--level", "info")).code).toBe(2);
});

test("one broken entry never stops the others, and its callers are told why", async () => {
  await using app = await folderWith(broken);
  expect(await weft(["call", "app:fine", "--app", app.path])).toMatchObject({ code: 0, stdout: "1\n" });
  const { code, stdout } = await weft(["call", "app:misspelt", "--json", "--app", app.path]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "ENTRY_FAILED", kind: "Unavailable" } });
});

test("an app that cannot be read is an error of its own", async () => {
  await using app = await folderWith({ "weft.yaml": "src: [1, 2]\n" });
  const { code, stderr } = await weft(["check", "--app", app.path]);
  expect(code).toBe(1);
  expect(stderr).toContain("weft.yaml");
});

test("an app of the other format leaves out the folders that its environment switches off", async () => {
  const entry = (namespace: string): string => `namespace: ${namespace}
entries: [{ name: x, kind: function.lua, source: "no Lua at all" }]
`;
  const files = {
    "wippy.lock": "directories: { src: ./src }\n",
    "src/test/temporal/_index.yaml": entry("app.temporal"),
    "src/test/queue/sqs/_index.yaml": entry("app.sqs"),
    "src/test/deep/one/_index.yaml": entry("app.one"),
    "src/test/network/_index.yaml": entry("app.network"),
    "src/test/other/_index.yaml": entry("app.other"),
  };
  await using app = await folderWith(files);
  const env = {
    SKIP_TEMPORAL_TESTS: "1",
    SKIP_SQS_TESTS: "true",
    SKIP_NETWORK_TESTS: "false",
    SKIP_TEST_DIRS: "other, ./test/deep/",
  };
  const { stdout } = await weft(["list", "--json", "--app", app.path], { env });
  expect(stdout.match(/app\.\w+:x/g)).toEqual(["app.network:x"]);
  await using ours = await folderWith({ ...files, "weft.yaml": "compat: weft\n" });
  const all = await weft(["list", "--json", "--app", ours.path], { env });
  expect(all.stdout.match(/app\.\w+:x/g)).toHaveLength(5);
});

test("check tells of an undeclared require: an error, or in an app of the other format, where it still runs, a warning", async () => {
  const source = `namespace: app
entries: [{ name: odd, kind: function.lua, source: "local json = require('json') return function() return 1 end" }]
`;
  await using own = await folderWith({ "weft.yaml": "name: own\n", "registry/_index.yaml": source });
  await using other = await folderWith({ "wippy.lock": "directories: { src: ./src }\n", "src/_index.yaml": source });
  const said = `lua-source: "json" is required but not declared`;
  const [strict, lenient] = await Promise.all([own, other].map(({ path }) => weft(["check", "--app", path])));
  expect(strict).toMatchObject({ code: 1, stdout: expect.stringContaining(`error ${said}`) });
  expect(lenient).toMatchObject({ code: 0, stdout: expect.stringContaining(`warning ${said}`) });
});
