import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createRuntime } from "../../../src/index.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const index = (storeSize: number, more = ""): string => `
namespace: a
entries:
  - { name: store, kind: store.memory, max_size: ${storeSize} }
  - { name: storage, kind: env.storage.memory, meta: { size: ${storeSize} } }
  - { name: variable, kind: env.variable, storage: storage, variable: V }
  - { name: driver, kind: queue.driver.memory }
  - { name: queue, kind: queue.queue, driver: driver, meta: { size: ${storeSize} } }
  - name: put
    kind: function.lua
    modules: [store, env, queue]
    source: |
      return function()
        for i = 1, 3 do assert(require("store").get("a:store"):set("k" .. i, i)) end
        assert(require("env").set("a:variable", "set"))
        assert(require("queue").publish("a:queue", 1))
        return true
      end
  - name: get
    kind: function.lua
    modules: [store, env, queue]
    source: |
      return function()
        local store = require("store").get("a:store")
        local full = not store:set("new", 1)
        store:delete("new")
        return { #store:list(), full, require("env").get("a:variable"), require("queue").info("a:queue").messages }
      end
${more}`;

/** Of two services that one host has room for, one does not start: that takes the whole change back. */
const broken = `
  - { name: host, kind: process.host, host: { max_processes: 1 }, lifecycle: { auto_start: true } }
  - { name: waits, kind: process.lua, modules: [process], source: "return function() require('process').events():receive() end" }
  - { name: one, kind: process.service, process: waits, host: host, lifecycle: { auto_start: true } }
  - { name: two, kind: process.service, process: waits, host: host, lifecycle: { auto_start: true } }
`;

test("stores, variables and queues keep what they hold when their entries change, also when the change is taken back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-held-"));
  folders.push(folder);
  mkdirSync(join(folder, "registry"));
  const write = (text: string): void => writeFileSync(join(folder, "registry", "_index.yaml"), text);
  write(index(10));
  await using runtime = await createRuntime({ app: folder, isolates: 1 });
  await runtime.call("a:put");
  expect(await runtime.call("a:get")).toEqual([3, false, "set", 1]);
  write(index(20));
  await runtime.registry.reload();
  expect(await runtime.call("a:get")).toEqual([3, false, "set", 1]);
  write(index(2));
  await runtime.registry.reload();
  expect(await runtime.call("a:get")).toEqual([3, true, "set", 1]);
  write(index(30, broken));
  await expect(runtime.registry.reload()).rejects.toMatchObject({
    code: "CHANGESET_REJECTED",
    message: expect.stringContaining("already runs 1") as unknown,
  });
  expect(await runtime.call("a:get")).toEqual([3, true, "set", 1]);
});
