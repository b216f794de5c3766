/**
 * `node --expose-gc bench/soak.ts [CALLS]`: mixed calls of every sort, traps and errors included, and what memory does
 * meanwhile. Compares the resident set after garbage collection at the end with that after a fifth of the calls.
 */
import { createRuntime } from "../src/index.ts";
import { soakApp } from "./soak-app.ts";

const calls = Number(process.argv[2] ?? 100_000);
/** Calls in flight at once. */
const inFlight = 64;
/** How much the resident set may grow from the first fifth to the end. */
const allowedGrowth = 1.05;

if (globalThis.gc === undefined) throw new Error("run with node --expose-gc");
using app = soakApp();
await using runtime = await createRuntime({ app: app.directory, isolates: 2, strict: true });

const mix: readonly (readonly [id: string, ...args: readonly unknown[]])[] = [
  ["s:add", 1, 2],
  ["s:users", [{ id: 1, name: "Alice", tags: ["a", "b"], active: true }]],
  ["s:core_users", [{ id: 2, name: "Bob", tags: [], active: false }]],
  ["s:pipeline", 3],
  ["s:divide", 1, 0],
  ["s:trap"],
  ["s:raise"],
  ["s:users", [{ id: -1 }]],
  ["s:wait", 1],
];

let failures = 0;
async function run(from: number, to: number): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) {
      const [id, ...args] = mix[next % mix.length] ?? ["s:add", 1, 2];
      next += 1;
      await runtime.call(id, ...args).catch(() => {
        failures += 1;
      });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

async function residentMb(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    runtime.collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

const started = performance.now();
await run(0, calls / 5);
const early = await residentMb();
await run(calls / 5, calls);
const late = await residentMb();
const seconds = (performance.now() - started) / 1_000;
const ratio = late / early;
console.log(
  `${calls} calls, ${failures} of them failed as they should, ${(calls / seconds).toFixed(0)} a second; resident set ` +
    `${early.toFixed(0)} MB after ${calls / 5}, ${late.toFixed(0)} MB at the end: ratio ${ratio.toFixed(3)}`,
);
if (ratio > allowedGrowth) process.exitCode = 1;
