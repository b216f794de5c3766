/**
 * B12: `node --expose-gc bench/soak.ts [CALLS]`: mixed calls of every sort, traps, cuts, refusals and errors included, and
 * what memory does meanwhile. Compares the resident set after garbage collection at the end with that after a tenth of
 * the calls, at most 100,000. 100,000 calls take about a minute; a release is soaked with a million, or ten, by hand.
 */
import { createRuntime, WeftError, type ErrorCode } from "../src/index.ts";
import { soakApp } from "./soak-app.ts";

const calls = Number(process.argv[2] ?? 100_000);
/** Calls after which memory is measured first. */
const early = Math.min(calls / 10, 100_000);
/** Calls in flight at once. */
const inFlight = 64;
/** How much the resident set may grow from the first measurement to the last. */
const allowedGrowth = 1.05;
/** One call of so many spins until it is cut: each holds its isolate for 5 ms. */
const callsPerSpin = 1_000;

if (globalThis.gc === undefined) throw new Error("run with node --expose-gc");
using app = soakApp();
await using runtime = await createRuntime({ app: app.directory, isolates: 2, strict: true });

/** A call, and the code that it must fail with. */
interface SoakCall {
  readonly id: string;
  readonly args: readonly unknown[];
  readonly fails?: ErrorCode;
}

const users = [{ id: 1, name: "Alice", tags: ["a", "b"], active: true }];
const spin: SoakCall = { id: "s:spin", args: [], fails: "CALL_TIMEOUT" };
const mix: readonly SoakCall[] = [
  { id: "s:add", args: [1, 2] },
  { id: "s:users", args: [users] },
  { id: "s:guarded_users", args: [users] },
  { id: "s:core_users", args: [users] },
  { id: "s:pipeline", args: [3] },
  { id: "s:divide", args: [1, 0] },
  { id: "s:wait", args: [1] },
  { id: "s:nap", args: [1] },
  { id: "s:ask", args: ["s:nothing", "?"] },
  { id: "s:trap", args: [], fails: "TRAP_UNREACHABLE" },
  { id: "s:panics", args: ["on purpose"], fails: "TRAP_UNREACHABLE" },
  { id: "s:hungry", args: [], fails: "MEMORY_EXCEEDED" },
  { id: "s:burning", args: [], fails: "FUEL_EXHAUSTED" },
  { id: "s:no_host", args: [1, 2], fails: "TRAP_MISSING_IMPORT" },
  { id: "s:raise", args: [], fails: "GUEST_ERROR" },
  { id: "s:users", args: [[{ id: -1 }]], fails: "INVALID_ARGUMENT" },
  { id: "s:nowhere", args: [], fails: "ENTRY_NOT_FOUND" },
];

const failures = new Map<string, number>();
const surprises = new Map<string, number>();
let alive = 0;

async function run(from: number, to: number): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) {
      const call = next % callsPerSpin === 0 ? spin : mix[next % mix.length];
      next += 1;
      if (call !== undefined) await runOne(call);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

async function runOne({ id, args, fails }: SoakCall): Promise<void> {
  try {
    await runtime.call(id, ...args);
    alive += 1;
    if (fails !== undefined) count(surprises, `${id} came back`);
  } catch (error) {
    const code = error instanceof WeftError ? error.code : String(error);
    count(failures, code);
    if (code !== fails) count(surprises, `${id}: ${code}`);
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

async function residentMb(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    runtime.collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

const list = (counts: Map<string, number>): string => [...counts].map(([key, n]) => `${key} ${n}`).join(", ");

const started = performance.now();
await run(0, early);
const first = await residentMb();
console.log(`after ${early} calls: ${first.toFixed(0)} MB`);
for (let step = 1; step < 10; step += 1) {
  const [from, to] = [step, step + 1].map((tenths) => early + ((calls - early) * (tenths - 1)) / 9);
  await run(Math.round(from ?? 0), Math.round(to ?? 0));
  console.log(`after ${Math.round(to ?? 0)} calls: ${(await residentMb()).toFixed(0)} MB`);
}
const last = await residentMb();
const seconds = (performance.now() - started) / 1_000;
console.log(
  `${calls} calls, ${alive} came back, the others failed as they should (${list(failures)}); ` +
    `${(calls / seconds).toFixed(0)} a second; resident set ${first.toFixed(0)} MB after ${early}, ` +
    `${last.toFixed(0)} MB at the end: ratio ${(last / first).toFixed(3)}`,
);
if (surprises.size > 0) console.log(`unexpected: ${list(surprises)}`);
if (last / first > allowedGrowth || surprises.size > 0) process.exitCode = 1;
