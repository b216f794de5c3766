import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createRuntime, type Runtime } from "../../../src/index.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function start(lifecycle: string): Promise<Runtime> {
  const folder = mkdtempSync(join(tmpdir(), "weft-consumer-"));
  folders.push(folder);
  mkdirSync(join(folder, "registry"));
  const index = `
namespace: q
entries:
  - { name: broker, kind: queue.driver.memory, lifecycle: { auto_start: true } }
  - { name: jobs, kind: queue.queue, driver: broker }
  - { name: seen, kind: store.memory, lifecycle: { auto_start: true } }
  - { name: worker, kind: queue.consumer, queue: jobs, func: handle, lifecycle: ${lifecycle} }
  - name: handle
    kind: function.lua
    modules: [store, time]
    source: |
      return function(job)
        store.get("q:seen"):set("began:" .. job, true)
        time.sleep("30ms")
        store.get("q:seen"):set("done:" .. job, true)
      end
  - { name: publish, kind: function.lua, modules: [queue], source: "return function(job) return queue.publish('q:jobs', job) end" }
  - { name: keys, kind: function.lua, modules: [store], source: "return function() return store.get('q:seen'):list() end" }
  - { name: info, kind: function.lua, modules: [queue], source: "return function() return queue.info('q:jobs') end" }
  - name: change
    kind: function.lua
    modules: [registry]
    source: |
      return function(op)
        local entry = { id = "q:worker", kind = "queue.consumer", data = {
          queue = "q:jobs", func = "q:handle", driver_options = {}, lifecycle = { auto_start = true, restart = {} },
        } }
        local changes = registry.snapshot():changes()
        local version, err = changes[op](changes, op == "delete" and entry.id or entry):apply()
        return version and version:id(), err
      end
`;
  writeFileSync(join(folder, "registry", "_index.yaml"), index);
  return await createRuntime({ app: folder, isolates: 0 });
}

test("a consumer handles messages while its service runs, and ends what it has begun when it stops", async () => {
  await using runtime = await start("{ auto_start: true }");
  await runtime.call("q:publish", "a");
  await vi.waitFor(async () => expect(await runtime.call("q:keys")).toContain("began:a"), 20_000);
  expect(await runtime.call("q:change", "delete")).toBeGreaterThan(0);
  expect(await runtime.call("q:keys")).toEqual(["began:a", "done:a"]);
  await runtime.call("q:publish", "b");
  expect(await runtime.call("q:info")).toMatchObject({ messages: 1, consumers: 0 });
  // Empty tables where mappings are meant.
  expect(await runtime.call("q:change", "create")).toBeGreaterThan(0);
  await vi.waitFor(async () => expect(await runtime.call("q:keys")).toContain("done:b"), 20_000);
});

test("a consumer that nobody starts handles nothing", async () => {
  await using runtime = await start("{ auto_start: false }");
  await runtime.call("q:publish", "a");
  expect(await runtime.call("q:info")).toMatchObject({ messages: 1, in_flight: 0, consumers: 0 });
});
