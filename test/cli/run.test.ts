import { afterAll, beforeAll, expect, test } from "vitest";
import { appFolder, folderWith, weft, type Folder } from "./weft.ts";

let app: Folder;
beforeAll(async () => {
  app = await appFolder();
});
afterAll(async () => app[Symbol.asyncDispose]());

const run = (...args: string[]) => weft(["run", ...args, "--app", app.path]);

test("run list shows the commands of the app", async () => {
  const { code, stdout } = await run("list");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^say +Say the words; talking +app:say$/m);
  const { commands } = JSON.parse((await run("list", "--json")).stdout);
  expect(commands).toContainEqual({
    name: "say",
    id: "app:say",
    short: "Say the words",
    use_case: "talking",
    main: false,
  });
});

test("a command takes its words as they are, and a text that it returns is printed", async () => {
  expect(await run("say", "hello", "--loud", "7")).toEqual({ code: 0, stdout: "hello --loud 7\n", stderr: "" });
  expect(await weft(["run", "say", "--app", app.path, "--", "--json"])).toMatchObject({ stdout: "--json\n" });
});

test("a number that it returns is the exit code", async () => {
  expect(await run("code", "7")).toEqual({ code: 7, stdout: "", stderr: "" });
  expect((await run("code", "0")).code).toBe(0);
});

test("an error goes to stderr with exit code 1", async () => {
  const { code, stdout, stderr } = await run("boom");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("boom");
});

test("words of a typed method are coerced", async () => {
  expect((await run("sum", "20", "22")).code).toBe(42);
  const wrong = await run("sum", "twenty", "22");
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("expected s32");
});

test("-x runs an entry by its id", async () => {
  expect(await run("-x", "app:say", "by", "id")).toMatchObject({ code: 0, stdout: "by id\n" });
  const unknown = await run("-x", "app:sy");
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain("app:say");
});

test("an unknown command and an unknown host are failures with help", async () => {
  const command = await run("sya");
  expect(command.code).toBe(1);
  expect(command.stderr).toContain("Did you mean say?");
  const host = await run("say", "--host", "app:nowhere");
  expect(host.code).toBe(1);
  expect(host.stderr).toContain("HOST_NOT_FOUND");
});

test("Ctrl-C ends a command with 130", async () => {
  const ended = await weft(["run", "wait", "--app", app.path], { interruptAt: "waiting" });
  expect(ended).toEqual({ code: 130, stdout: "waiting\n", stderr: "" });
});

test("an app without a main command runs until Ctrl-C and ends well", async () => {
  const ended = await weft(["run", "--app", app.path, "--isolates", "1"], { interruptAt: "runs:" });
  expect(ended.code).toBe(0);
  expect(ended.stdout).toBe("");
  expect(ended.stderr).toMatch(/runs: \d+ functions, 5 processes\. Ctrl-C stops it\./);
  expect(ended.stderr).toContain("stopping");
});

test("a command that prints to nobody any more just ends, and broken neighbours are mentioned", async () => {
  await using folder = await folderWith({
    "weft.yaml": "name: endless\n",
    "registry/_index.yaml": `namespace: app
entries:
  - { name: terminal, kind: terminal.host }
  - { name: broken, kind: function.wat, method: f }
  - name: count
    kind: process.lua
    meta: { command: { name: count } }
    modules: [io, time]
    source: |
      local io, time = require("io"), require("time")
      return function() while true do io.print("one more") time.sleep("1ms") end end
`,
  });
  const ended = await weft(["run", "count", "--app", folder.path], { leaveAt: "one more" });
  expect(ended.code).toBe(0);
  expect(ended.stderr).toBe("warning: one entry of the app has an error: `weft check` shows every one\n");
});
