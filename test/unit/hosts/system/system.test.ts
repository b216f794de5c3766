import { rmSync } from "node:fs";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { SystemService, type Supervision } from "../../../../src/hosts/system/service.ts";
import { createRuntime } from "../../../../src/index.ts";
import { instance } from "../lua/support/instance.ts";
import { folderOf, lua, running } from "../security/support/app.ts";

const { run } = instance();

test("tells about memory, process, machine and modules", async () => {
  expect(
    await run(`local m = system.memory.stats()
      local names = {} for _, name in ipairs(system.modules()) do names[name] = true end
      return { m.alloc > 0, m.sys >= m.heap_sys, system.memory.allocated() > 0, system.memory.get_limit() > m.alloc,
        system.runtime.cpu_count() >= 1, system.runtime.max_procs() >= 1, system.process.pid(), system.process.hostname(),
        system.node.id(), system.node.role(), names.system and names.json }`),
  ).toEqual([true, true, true, true, true, true, process.pid, hostname(), "local", "standalone", true]);
});

test.each([
  ["memory.set_limit", "set `memory_limit` in weft.yaml"],
  ["memory.heap_objects", "memory.stats() tells bytes"],
  ["gc.set_percent", "V8 decides by itself"],
  ["gc.get_percent", "V8 decides by itself"],
])("system.%s says that it is not supported, and why", async (name, why) => {
  expect(await run(`local v, e = system.${name}(1) return { v == nil, e:message() }`)).toEqual([
    true,
    expect.stringMatching(new RegExp(`^system\\.${name} is not supported: .*${why.replace(/[()]/g, "\\$&")}`)),
  ]);
});

test("collects garbage when it is asked to", async () => {
  expect(await run(`return { system.gc.collect() }`)).toEqual([true]);
});

test("the only node is its own cluster and its own leader", async () => {
  expect(
    await run(`local c, r = system.cluster, system.raft
      return { #c.members(), c.members()[1].id, c.leader(), c.info().size, system.node.addr() == "", r.state(), r.leader(), r.stats().num_peers }`),
  ).toEqual([1, "local", "local", 1, true, "leader", "local", 0]);
});

test.each([
  ["-1", "an exit code is 0 to 255, not -1"],
  ["256", "an exit code is 0 to 255, not 256"],
  ["3", "`weft run` lets an app end itself"],
])("system.exit(%s) is refused where the program around allows none", async (code, message) => {
  expect(await run(`local v, e = system.exit(${code}) return e:message()`)).toContain(message);
});

test("tells how services are, in the form that programs know", () => {
  const report = {
    id: "app:s",
    status: "running",
    desired: "running",
    retryCount: 2,
    lastUpdate: 5,
    startedAt: undefined,
    details: "",
  } as const;
  const supervision: Supervision = {
    state(id) {
      if (id === report.id) return report;
      throw new WeftError("ENTRY_NOT_FOUND", `there is no service ${id}`);
    },
    states: () => [report],
  };
  const service = new SystemService({ supervision });
  const value = {
    id: "app:s",
    status: "running",
    desired: "running",
    retry_count: 2,
    last_update: 5_000_000n,
    details: "",
  };
  expect(service.ask({ do: "services" })).toEqual([value]);
  expect(service.ask({ do: "service", id: "app:s" })).toEqual(value);
  expect(() => service.ask({ do: "service", id: "app:x" })).toThrow("there is no service");
});

test("system.exit tells the program around the app, which goes on", async () => {
  const app = folderOf([lua("quit", "return system.exit(...)")]);
  const codes: number[] = [];
  await using runtime = await createRuntime({ app, isolates: 0, onExit: (code) => codes.push(code) });
  expect(await runtime.call("t:quit", 5)).toBe(true);
  expect(await runtime.call("t:quit")).toBe(true);
  expect(codes).toEqual([5, 0]);
  rmSync(app, { recursive: true });
});

test("system.runtime.goroutines counts processes", async () => {
  using runtime = await running([
    { name: "host", kind: "process.host", lifecycle: { auto_start: true } },
    { name: "idle", kind: "process.lua", source: "return function() process.events():receive() end" },
    lua(
      "count",
      `local before = system.runtime.goroutines()
      for i = 1, 3 do assert(process.spawn("t:idle", "t:host")) end
      return system.runtime.goroutines() - before`,
    ),
  ]);
  expect(await runtime.call("t:count")).toBe(3);
  await runtime[Symbol.asyncDispose]();
});
