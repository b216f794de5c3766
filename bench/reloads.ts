/**
 * `node --expose-gc bench/reloads.ts [RELOADS] [--calls-only] [--ordinary]`: an app whose entries all change again and
 * again while calls go on. No call may fail, and after garbage collection the process may not be more than 5 % larger at
 * the end than after a tenth of the reloads. Exits with 1 when either does not hold.
 *
 * After an ordinary collection V8 keeps the room for young objects, which it makes larger the faster they are made,
 * whatever they are made for. What is bounded is the size after a collection that gives this room back. `--ordinary`
 * measures after ordinary collections, and with `--calls-only` nothing is reloaded: together they show that growth.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createRuntime, type Runtime } from "../src/index.ts";

const callsOnly = process.argv.includes("--calls-only");
const ordinary = process.argv.includes("--ordinary");
const reloads = Number(process.argv.slice(2).find((word) => !word.startsWith("-")) ?? 1_000);
/** What a reload takes, about: so long is waited in its place. */
const reloadMs = 15;
const callers = 8;
/** Growth that is allowed from the first mark to the last. */
const mostGrowth = 1.05;

const index = (n: number): string => `
version: "1.0"
namespace: a
entries:
  - { name: lib, kind: library.lua, source: "return { value = ${n} }" }
  - { name: lua, kind: function.lua, imports: { lib: "a:lib" }, source: "local lib = require('lib') return function() return lib.value end" }
  - name: pooled
    kind: function.wat
    source: (module (memory 1) (func (export "f") (result i32) (i32.store (i32.const 0) (i32.const ${n})) (i32.load (i32.const 0))))
    wit: "f: func() -> s32;"
    method: f
    pool: { type: lazy, max_size: 4 }
  - name: kept
    kind: function.wat
    source: (module (memory 1) (func (export "f") (result i32) (i32.store (i32.const 8) (i32.const ${n})) (i32.load (i32.const 8))))
    wit: "f: func() -> s32;"
    method: f
    pool: { type: lazy, max_size: 4, state: kept }
  - name: chain
    kind: function.lua
    modules: [funcs]
    source: |
      return function()
        local funcs = require("funcs")
        return math.min(funcs.call("a:pooled"), funcs.call("a:kept"), funcs.call("a:lua"))
      end
`;

interface Load {
  calls: number;
  failed: number;
  least: number;
  stopped: boolean;
  /** While memory is measured, nobody calls. */
  pause: Promise<void> | undefined;
}

async function callOn(runtime: Runtime, load: Load): Promise<void> {
  while (!load.stopped) {
    await load.pause;
    const { least } = load;
    load.calls += 1;
    const got = await runtime.call("a:chain").catch((error: unknown) => error);
    if (typeof got === "number" && got >= least) continue;
    load.failed += 1;
    if (load.failed <= 3) console.error("failed:", got, "at least", least);
  }
}

/** The size of the process without garbage: collecting may take a few rounds. */
async function residentMb(runtime: Runtime): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 6; round += 1) {
    runtime.collectGarbage({ giveBack: !ordinary });
    await sleep(100);
    least = Math.min(least, process.memoryUsage.rss() / 1e6);
  }
  return least;
}

async function measure(runtime: Runtime, load: Load): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  load.pause = promise;
  const mb = await residentMb(runtime);
  load.pause = undefined;
  resolve();
  return mb;
}

const folder = mkdtempSync(join(tmpdir(), "weft-reloads-"));
const write = (n: number): void => writeFileSync(join(folder, "registry", "_index.yaml"), index(n));
mkdirSync(join(folder, "registry"));
write(1);
const load: Load = { calls: 0, failed: 0, least: 1, stopped: false, pause: undefined };
let growth = 0;
{
  await using runtime = await createRuntime({ app: folder, isolates: 2 });
  const calling = Array.from({ length: callers }, () => callOn(runtime, load));
  const started = performance.now();
  const sizes: number[] = [];
  const step = Math.max(1, Math.floor(reloads / 10));
  for (let n = 1; n <= reloads; n += 1) {
    if (callsOnly) await sleep(reloadMs);
    else {
      write(n + 1);
      await runtime.registry.reload();
      load.least = n + 1;
    }
    if (n % step !== 0) continue;
    const mb = await measure(runtime, load);
    sizes.push(mb);
    const what = callsOnly ? "pauses" : "reloads";
    console.log(`${n} ${what}: ${mb.toFixed(1)} MB, ${load.calls} calls, ${load.failed} failed`);
  }
  load.stopped = true;
  await Promise.all(calling);
  const [first = NaN] = sizes;
  growth = (sizes.at(-1) ?? NaN) / first;
  const ms = (performance.now() - started) / reloads;
  const collected = ordinary ? "ordinary collections" : "collections that give back the room for young objects";
  console.log(
    `${ms.toFixed(1)} ms each, measuring included; ${(100 * (growth - 1)).toFixed(1)} % growth after ${collected}`,
  );
}
rmSync(folder, { recursive: true });
process.exitCode = load.failed === 0 && growth <= mostGrowth ? 0 : 1;
