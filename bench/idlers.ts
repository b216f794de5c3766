/** `node --expose-gc bench/idlers.ts lua|wasm COUNT`: that many processes that wait for a letter; prints an `IdleReport`. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createRuntime, type Runtime } from "../src/index.ts";
import { directoryEntry, processEntry, temporaryApp } from "./apps.ts";
import { guestBytes } from "./guests.ts";

/** What came of it. */
export interface IdleReport {
  /** Until each had said that it is there. */
  readonly readyMs: number;
  /** Resident bytes of the process while all waited, beyond those before, for each. */
  readonly bytesEach: number;
  /** Until each had read its letter and ended. */
  readonly wakeMs: number;
}

const folder = fileURLToPath(new URL("../test/guests/rust/worker", import.meta.url));
const worker = { fs: "rust", path: "worker.wasm", bytes: guestBytes("rust/worker/worker.wasm") };

/** A name of its own is taken by each before it waits: that is how it is known to be there. */
const index = `
namespace: b
entries:
  - { name: host, kind: process.host }
${directoryEntry("rust", folder)}${processEntry("wasm", worker, ["method: serve", "imports: [process]"])}
  - name: lua
    kind: process.lua
    source: |
      return function(name)
        assert(process.registry.register(name))
        process.inbox():receive()
      end
  - name: start
    kind: function.lua
    source: |
      return function(id, from, to)
        for i = from, to do assert(process.spawn(id, "b:host", "idle " .. i)) end
      end
  - name: missing
    kind: function.lua
    source: |
      return function(from, to, isGone)
        for i = from, to do
          if (process.registry.lookup("idle " .. i) == nil) ~= isGone then return i end
        end
      end
  - name: stop
    kind: function.lua
    source: |
      return function(from, to)
        for i = from, to do assert(process.send("idle " .. i, "stop")) end
      end
`;

const [sort = "", counted] = process.argv.slice(2);
const count = Number(counted);
if (!["lua", "wasm"].includes(sort) || !(count > 0)) throw new Error("usage: idlers.ts lua|wasm COUNT");
await main();

async function main(): Promise<void> {
  using app = temporaryApp(index);
  await using runtime = await createRuntime({ app: app.directory, isolates: 2, strict: true });
  const warmUps = 20;
  await runtime.call("b:start", `b:${sort}`, 1, warmUps);
  await untilAll(runtime, 1, warmUps);
  const before = await residentBytes(runtime);
  const last = warmUps + count;
  let started = performance.now();
  await runtime.call("b:start", `b:${sort}`, warmUps + 1, last);
  await untilAll(runtime, warmUps + 1, last);
  const readyMs = performance.now() - started;
  const bytesEach = ((await residentBytes(runtime)) - before) / count;
  started = performance.now();
  await runtime.call("b:stop", 1, last);
  await untilAll(runtime, 1, last, { gone: true });
  const report: IdleReport = { readyMs, bytesEach, wakeMs: performance.now() - started };
  console.log(JSON.stringify(report));
}

/** Waits until all have their names, or none has. */
async function untilAll(runtime: Runtime, first: number, last: number, { gone = false } = {}): Promise<void> {
  for (let from: unknown = first; from !== null; await sleep(2)) {
    from = await runtime.call("b:missing", from, last, gone);
  }
}

/** Of the whole process, once what nobody needs is collected. */
async function residentBytes(runtime: Runtime): Promise<number> {
  runtime.collectGarbage();
  await sleep(300);
  return process.memoryUsage.rss();
}
