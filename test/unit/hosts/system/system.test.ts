import { hostname } from "node:os";
import { expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { SystemService } from "../../../../src/hosts/system/service.ts";
import { instance } from "../lua/support/instance.ts";

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
  "exit",
  "memory.set_limit",
  "memory.heap_objects",
  "gc.set_percent",
  "runtime.goroutines",
  "lock.acquire",
  "raft.state",
  "node.addr",
])("system.%s says that it is not supported", async (name) => {
  expect(await run(`local v, e = system.${name}(1) return { v == nil, e:message() }`)).toEqual([
    true,
    `system.${name} is not supported`,
  ]);
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
  const service = new SystemService({
    state(id) {
      if (id === report.id) return report;
      throw new WeftError("ENTRY_NOT_FOUND", `there is no service ${id}`);
    },
    states: () => [report],
  });
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
