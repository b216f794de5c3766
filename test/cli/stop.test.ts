import { afterAll, beforeAll, expect, test } from "vitest";
import { folderWith, weft, type Folder } from "./weft.ts";

const index = `
version: "1.0"
namespace: app
entries:
  - { name: terminal, kind: terminal.host, hide_logs: true }
  - { name: host, kind: process.host }
  # Puts things in order when it is asked to end.
  - name: tidy
    kind: process.lua
    meta: { command: { name: tidy } }
    method: main
    modules: [io, time, logger]
    source: |
      local io, time = require("io"), require("time")
      return { main = function(how)
        require("logger"):warn("a line of the log")
        local events = process.events()
        io.print("waiting")
        local event = events:receive()
        io.print("told: " .. event.reason)
        if how == "slow" then time.sleep("1m") end
        return 7
      end }
  # Calls of all sorts, for as long as the app runs.
  - name: slow
    kind: function.lua
    pool: { type: lazy, max_size: 4 }
    modules: [time]
    source: return function() require("time").sleep("2ms") return 1 end
  - name: sum
    kind: function.wat
    source: (module (memory 1) (func (export "sum") (param i32 i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (i32.add (i32.load (i32.const 0)) (local.get 1))))
    wit: "sum: func(a: s32, b: s32) -> s32;"
    method: sum
    pool: { type: static, size: 2, workers: 2 }
  - name: caller
    kind: process.lua
    method: main
    modules: [funcs, logger]
    source: |
      local funcs, logger = require("funcs"), require("logger")
      return { main = function(name)
        local running, ok, failed = true, 0, {}
        coroutine.spawn(function() process.events():receive() running = false end)
        while running do
          local calls = {}
          for i = 1, 8 do calls[i] = funcs.async("app:slow") end
          for _, call in ipairs(calls) do
            local _, received = pcall(function() return call:response():receive():data() end)
            if received == 1 then ok = ok + 1 else failed[#failed + 1] = tostring(received) end
          end
          for i = 1, 8 do
            local value, err = funcs.call("app:sum", i, 1)
            if value == i + 1 then ok = ok + 1 else failed[#failed + 1] = err:kind() end
          end
          if ok == 16 then logger:info(name .. " calls") end
        end
        logger:info(name .. " ends", { ok = ok > 0, failed = #failed })
      end }
  - { name: first, kind: process.service, process: "app:caller", host: "app:host", input: [first], lifecycle: { auto_start: true } }
  - { name: second, kind: process.service, process: "app:caller", host: "app:host", input: [second], lifecycle: { auto_start: true, requires: ["app:first"] } }
  - name: quitter
    kind: process.lua
    meta: { command: { name: quit } }
    modules: [io, system]
    source: |
      return function()
        require("io").print("asks")
        assert(require("system").exit(5))
        require("io").print("told: " .. process.events():receive().reason)
        return 7
      end
  - name: mule
    kind: process.lua
    method: main
    modules: [time, logger]
    source: return { main = function() require("logger"):info("mule runs") require("time").sleep("1m") end }
`;
const mule = `
  - { name: stubborn, kind: process.service, process: "app:mule", host: "app:host", lifecycle: { auto_start: true, stop_timeout: 50s } }
`;

let app: Folder;
beforeAll(async () => {
  app = await folderWith({ "weft.yaml": "name: stop\n", "registry/_index.yaml": index });
});
afterAll(async () => app[Symbol.asyncDispose]());

test("Ctrl-C asks a command to end, and its own result is the exit code", async () => {
  const ended = await weft(["run", "tidy", "--app", app.path, "--log-level", "info"], { interruptAt: "waiting" });
  expect(ended).toEqual({ code: 7, stdout: "waiting\ntold: process terminated\n", stderr: "" });
});

test("a second Ctrl-C ends a command that takes its time", async () => {
  const signals = [
    { at: "waiting", signal: "SIGINT" },
    { at: "told:", signal: "SIGINT" },
  ] as const;
  const ended = await weft(["run", "tidy", "slow", "--app", app.path], { signals });
  expect(ended).toMatchObject({ code: 1, stdout: "waiting\ntold: process terminated\n" });
});

test("system.exit ends a command as a signal would, with its exit code", async () => {
  const ended = await weft(["run", "quit", "--app", app.path]);
  expect(ended).toEqual({ code: 5, stdout: "asks\ntold: process terminated\n", stderr: "" });
});

test("system.exit in a service stops the app in order, with its exit code", async () => {
  const quitter = `
  - { name: quits, kind: process.service, process: "app:quitter", host: "app:host", lifecycle: { auto_start: true } }
`;
  await using quitting = await folderWith({ "weft.yaml": "name: stop\n", "registry/_index.yaml": index + quitter });
  const ended = await weft(["run", "--app", quitting.path, "--log-format", "json"]);
  expect(ended.code).toBe(5);
  expect(ended.stderr).toContain("stopping");
  expect(ended.stderr.split("\n").filter((line) => line.includes(" ends"))).toHaveLength(2);
});

test("SIGTERM under load: services are asked to end, every call of theirs has ended well, and the exit code is 0", async () => {
  const ended = await weft(["run", "--app", app.path, "--log-format", "json"], {
    signals: [{ at: "second calls", signal: "SIGTERM" }],
  });
  expect(ended.code).toBe(0);
  const lines = ended.stderr.split("\n").filter((line) => line.includes(" ends"));
  expect(lines).toHaveLength(2);
  // What requires another one stops first.
  expect(lines[0]).toContain("second ends");
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ ok: true, failed: 0 });
});

test("a second signal ends an app that takes its time", async () => {
  await using slow = await folderWith({ "weft.yaml": "name: stop\n", "registry/_index.yaml": index + mule });
  const signals = [
    { at: "mule runs", signal: "SIGTERM" },
    { at: "stopping", signal: "SIGTERM" },
  ] as const;
  expect((await weft(["run", "--app", slow.path], { signals })).code).toBe(1);
});
