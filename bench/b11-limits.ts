import type { Value } from "../src/core/values.ts";
import { assemble } from "../src/engine/wasm/assemble.ts";
import type { WasmLimits } from "../src/engine/wasm/limits/plan.ts";
import { inspectComponent } from "../src/engine/wasm/inspect/component.ts";
import { createRuntime, type Runtime } from "../src/index.ts";
import { threadGuard } from "../src/runtime/isolate/guard/guard.ts";
import { temporaryApp } from "./apps.ts";
import { linkedCore, rawExports, rawFunction, shapes, shapesModule, type Call } from "./guests.ts";
import { compare, printMatrix, printRows, quantile, scaled, type Contender, type Measured } from "./harness.ts";
import { kernels } from "./kernels.ts";

const memoryBytes = 256 * 1024 * 1024;
/** More than any kernel takes. */
const fuel = 1e12;
const deadlineMs = 10_000;

/** B11: what limits cost, and what a guest that does not end costs its neighbours. */
export async function bench(): Promise<void> {
  await costOfLimits();
  await neighbours();
}

/** CPU-bound functions without limits, and with them. */
async function costOfLimits(): Promise<void> {
  const columns: (readonly Measured[])[] = [];
  for (const { wat, n } of kernels) {
    const bytes = await assemble(wat, "kernel");
    const limited = (limits: WasmLimits): Call => warm(bytes, { method: "run", limits });
    const run = rawFunction(rawExports(bytes), "run");
    columns.push(
      await compare(
        limitContenders(() => run(n), limited, [n]),
        { times: 1, rounds: 25 },
      ),
    );
  }
  const signature = inspectComponent(shapes).exports.find(({ name }) => name === "transform-users");
  if (signature === undefined) throw new Error("shapes has no transform-users");
  const users = Array.from({ length: 1_000 }, (_, id) => ({ id, name: `user ${id}`, tags: ["a"], active: true }));
  const guest = (limits: WasmLimits): Call => warm(shapesModule(), { signature, limits });
  const plain = guest({});
  columns.push(
    await compare(
      limitContenders(() => plain([users]), guest, [users]),
      { times: 10, rounds: 25 },
    ),
  );
  printMatrix("B11: limits", [...kernels.map(({ name }) => name), "1,000 records (base: rewritten)"], columns);
}

function warm(bytes: Uint8Array, how: Parameters<typeof linkedCore>[1]): Call {
  const made = linkedCore(bytes, how).instantiate({});
  if (made instanceof Promise) throw new Error("an instance that waits");
  return (args) => made.call(args);
}

function limitContenders(base: () => unknown, limited: (limits: WasmLimits) => Call, args: readonly Value[]) {
  const guard = threadGuard();
  const inGuard = (call: Call) => (): unknown => guard.run(() => call(args), deadlineMs);
  const runs: Readonly<Record<string, () => unknown>> = {
    "no limit": base,
    "deadline and memory": inGuard(limited({ memoryBytes })),
    "deadline, memory, fuel": inGuard(limited({ memoryBytes, fuel })),
    "deadline, memory, stack": inGuard(limited({ memoryBytes, stackBytes: 512 * 1024 })),
  };
  return Object.entries(runs).map(([name, run]): Contender => ({
    name,
    run(times) {
      for (let i = 0; i < times; i += 1) run();
    },
  }));
}

const goodCallers = 31;
const spinLimitMs = 50;
/** Pause between the spins of the second row. */
const pauseMs = 500;

/** What callers saw during one measurement. */
interface Seen {
  readonly latencies: number[];
  readonly spins: number[];
}

/** Callers of a short function on one isolate, and a guest that spins there until it is cut. */
async function neighbours(): Promise<void> {
  const good = (name: string, limits: string): string => `
  - name: ${name}
    kind: function.wat
    source: ${JSON.stringify(kernels[0]?.wat)}
    wit: "run: func(n: s32) -> s32;"
    method: run
    pool: { type: static, size: 32, workers: 32 }${limits}`;
  using app = temporaryApp(`
namespace: b
entries:${good("good", "")}${good("good_limited", "\n    limits: { max_execution_ms: 5000 }")}
  - name: spin
    kind: function.wat
    source: '(module (func (export "spin") (loop (br 0))))'
    method: spin
    limits: { max_execution_ms: ${spinLimitMs} }
    pool: { type: lazy }
`);
  const pauses = { "no spinner": undefined, [`a spin every ${pauseMs} ms`]: pauseMs, "spins without a pause": 0 };
  const cases = [
    { isolates: 1, id: "b:good", title: "1 isolate" },
    { isolates: 1, id: "b:good_limited", title: "1 isolate, callers with a limit of 5 s" },
    { isolates: 2, id: "b:good", title: "2 isolates" },
  ];
  const rows: (readonly string[])[] = [];
  for (const { isolates, id, title } of cases) {
    await using runtime = await createRuntime({ app: app.directory, isolates, strict: true });
    await observe(runtime, { id, ms: scaled(1_000, 50), pauseMs: undefined });
    for (const [name, pause] of Object.entries(pauses)) {
      const seen = await observe(runtime, { id, ms: scaled(4_000, 120), pauseMs: pause });
      rows.push([`${title}: ${name}`, ...cells(seen)]);
    }
  }
  const columns = ["calls", "p50", "p99", "p99.9", "longest", `spins, cut after (limit ${spinLimitMs} ms)`];
  printRows(`B11: a spinning guest among ${goodCallers} good callers`, columns, rows);
}

function cells({ latencies, spins }: Seen): string[] {
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  const cut =
    spins.length === 0 ? "" : `${spins.length}: p50 ${ms(quantile(spins, 0.5))}, longest ${ms(Math.max(...spins))}`;
  return [
    String(latencies.length),
    ...[0.5, 0.99, 0.999].map((share) => ms(quantile(latencies, share))),
    ms(latencies.reduce((longest, value) => Math.max(longest, value), 0)),
    cut,
  ];
}

interface Observation {
  /** What the good callers call. */
  readonly id: string;
  readonly ms: number;
  /** Between spins; undefined for none. */
  readonly pauseMs: number | undefined;
}

async function observe(runtime: Runtime, { id, ms, pauseMs }: Observation): Promise<Seen> {
  const seen: Seen = { latencies: [], spins: [] };
  const end = performance.now() + ms;
  const good = async (): Promise<void> => {
    while (performance.now() < end) {
      const started = performance.now();
      await runtime.call(id, 12);
      seen.latencies.push(performance.now() - started);
    }
  };
  const spin = async (): Promise<void> => {
    if (pauseMs === undefined) return;
    while (performance.now() < end) {
      const started = performance.now();
      const failed = await runtime.call("b:spin").then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failed === undefined) throw new Error("the spinner came to an end");
      seen.spins.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  await Promise.all([spin(), ...Array.from({ length: goodCallers }, good)]);
  return seen;
}
