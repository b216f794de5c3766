import { expect, test } from "vitest";
import { folderWith, weft } from "./weft.ts";

const files = {
  "registry/_index.yaml": `
namespace: app
entries:
  - { name: terminal, kind: terminal.host }
  - { name: word, kind: function.lua, source: "return function() return 'written' end" }
  - { name: say, kind: process.lua, meta: { command: { name: say } }, source: "return function() return 'said' end" }
`,
};

test("-o and --set count for one command line", async () => {
  await using folder = await folderWith(files);
  const options = { cwd: folder.path };
  const override = "app:word:source=return function() return 'given' end";
  expect(await weft(["call", "app:word", "-o", override, "--set", "isolates=0"], options)).toMatchObject({
    code: 0,
    stdout: "given\n",
  });
  expect(await weft(["call", "app:word"], options)).toMatchObject({ code: 0, stdout: "written\n" });
  const said = await weft(["run", "say", "-o", "app:say:source=return function() return 'other' end"], options);
  expect(said).toMatchObject({ code: 0, stdout: "other\n" });
});

test("a wrong -o or --set is told, and nothing runs", async () => {
  await using folder = await folderWith(files);
  const options = { cwd: folder.path };
  const wrong = await weft(["call", "app:word", "-o", "app:wrd:source=x"], options);
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain("did you mean app:word");
  const unknown = await weft(["call", "app:word", "--set", "isolate=0"], options);
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toContain("--set isolate=0: there is no section isolate: did you mean isolates?");
});

test("--config names another file", async () => {
  await using folder = await folderWith({
    ...files,
    "quiet.yaml": "override: { 'app:word:source': 'return function() return 1 end' }",
  });
  const options = { cwd: folder.path };
  expect(await weft(["call", "app:word", "--config", "quiet.yaml"], options)).toMatchObject({ code: 0, stdout: "1\n" });
  const missing = await weft(["call", "app:word", "--config", "none.yaml"], options);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("none.yaml") });
});

const running = `
namespace: app
entries:
  - { name: terminal, kind: terminal.host }
  - { name: about, kind: ns.definition, readme: "# Of the app" }
  - { name: limit, kind: process.lua, modules: [system], meta: { command: { name: limit } },
      source: "return function() return tostring(system.memory.get_limit()) end" }
  - name: hear
    kind: process.lua
    modules: [events]
    meta: { command: { name: hear } }
    source: |
      return function()
        local sub = events.subscribe("logs", "info")
        print("hello")
        return sub:channel():receive().data.message
      end
`;

test("-e makes events of log lines, -m bounds the heap of isolates, -p opens a door for a profiler", async () => {
  await using folder = await folderWith({ "registry/_index.yaml": running });
  const options = { cwd: folder.path, env: { NODE_OPTIONS: "--inspect-port=0" } };
  expect(await weft(["run", "-e", "hear"], options)).toMatchObject({ code: 0, stdout: "hello\n" });
  const limit = async (size: string) =>
    Number((await weft(["run", "--isolates", "1", "-m", size, "limit"], options)).stdout);
  expect(await limit("1GiB")).toBeGreaterThan(800 * 1024 ** 2);
  expect(await limit("200MiB")).toBeLessThan(300 * 1024 ** 2);
  const wrong = await weft(["run", "-m", "much", "limit"], options);
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("memory_limit: expected a size") });
  const profiled = await weft(["run", "-p", "limit"], options);
  expect(profiled).toMatchObject({ code: 0, stderr: expect.stringContaining("profiler: open chrome://inspect") });
});

test("weft readme prints what a module says of itself, or Weft's own", async () => {
  await using folder = await folderWith({ "registry/_index.yaml": running });
  const options = { cwd: folder.path };
  expect(await weft(["readme", "app"], options)).toMatchObject({ code: 0, stdout: "# Of the app\n" });
  expect(await weft(["readme"], options)).toMatchObject({ code: 0, stdout: expect.stringContaining("# Weft") });
  const unknown = await weft(["readme", "ap"], options);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("did you mean app") });
});

test("an app may have its log as JSON, unless the command line asks for another form", async () => {
  const source = `namespace: app
entries: [{ name: speak, kind: function.lua, source: "return function() print('hello') end" }]
`;
  await using own = await folderWith({
    "weft.yaml": "log: { format: json, level: info }\n",
    "registry/_index.yaml": source,
  });
  await using other = await folderWith({
    ".wippy.yaml": "logger: { encoding: json, level: info }\n",
    "src/_index.yaml": source,
  });
  for (const cwd of [own.path, other.path]) {
    const { stderr } = await weft(["call", "app:speak"], { cwd });
    expect(JSON.parse(stderr)).toMatchObject({ level: "info", msg: "hello" });
  }
  const human = await weft(["call", "app:speak", "--log-format", "human"], { cwd: own.path });
  expect(human.stderr).toMatch(/info +hello/);
});
