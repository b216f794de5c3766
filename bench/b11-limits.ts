import { fileURLToPath } from "node:url";
import { createRuntime, type CallReport, type Runtime } from "../src/index.ts";
import { directoryEntry, temporaryApp, wasmEntry } from "./apps.ts";
import { shapes } from "./guests.ts";
import { compare, printMatrix, printRows, quantile, scaled, type Contender, type Measured } from "./harness.ts";
import { kernels, type Kernel } from "./kernels.ts";

/** What is measured beside no limits at all: far from what any kernel takes. */
const limitRows = {
  "no limit": "{}",
  "deadline and memory": "{ max_execution_ms: 10000, max_memory_bytes: 268435456 }",
  "deadline, memory, fuel": "{ max_execution_ms: 10000, max_memory_bytes: 268435456, max_fuel: 1000000000000 }",
  "deadline, memory, stack": "{ max_execution_ms: 10000, max_memory_bytes: 268435456, max_stack_bytes: 524288 }",
};

/** B11: what limits cost, and what a guest that does not end costs its neighbours. */
export async function bench(): Promise<void> {
  await costOfLimits();
  await neighbours();
}

/** Calls of CPU-bound functions through one isolate, instances kept, without limits and with them. */
async function costOfLimits(): Promise<void> {
  const limited = (write: (limits: string) => string): string => Object.values(limitRows).map(write).join("");
  const rows = Object.keys(limitRows);
  const kernelEntry = ({ name, wat }: Kernel, limits: string): string => `
  - name: ${name}_${rowOf(limits)}
    kind: function.wat
    source: ${JSON.stringify(wat)}
    wit: "run: func(n: s32) -> s32;"
    method: run
    limits: ${limits}
    pool: { type: lazy, state: kept }`;
  const file = { fs: "rust", path: "shapes.wasm", bytes: shapes };
  const records = (limits: string): string =>
    wasmEntry(`records_${rowOf(limits)}`, file, [
      "method: transform-users",
      `limits: ${limits}`,
      "pool: { type: lazy, state: kept }",
    ]);
  const rust = directoryEntry("rust", fileURLToPath(new URL("../test/guests/rust/shapes", import.meta.url)));
  const entries = kernels.map((kernel) => limited((limits) => kernelEntry(kernel, limits))).join("");
  using app = temporaryApp(`\nnamespace: b\nentries:${rust}${limited(records)}${entries}\n`);
  await using runtime = await createRuntime({ app: app.directory, isolates: 1, strict: true });
  const users = Array.from({ length: 1_000 }, (_, id) => ({ id, name: `user ${id}`, tags: ["a"], active: true }));
  const guests: readonly { readonly name: string; readonly arg: unknown }[] = [
    ...kernels.map(({ name, n }) => ({ name, arg: n })),
    { name: "records", arg: users },
  ];
  const columns: (readonly Measured[])[] = [];
  for (const { name, arg } of guests) {
    const contenders = rows.map((row, index): Contender => ({
      name: row,
      async run(times) {
        for (let i = 0; i < times; i += 1) await runtime.call(`b:${name}_${index}`, arg);
      },
    }));
    columns.push(await compare(contenders, { times: 2, rounds: 41, clock: "process" }));
  }
  const names = [...kernels.map(({ name }) => name), "1,000 records there and back"];
  printMatrix("B11: limits, a pooled call, time of all threads", names, columns);
}

function rowOf(limits: string): number {
  return Object.values(limitRows).indexOf(limits);
}

const goodCallers = 31;
const spinLimitMs = 50;
/** Pause between the spins of the second row. */
const pauseMs = 500;

/** What callers saw during one measurement. */
interface Seen {
  readonly latencies: number[];
  readonly spins: Spin[];
}

/** How long a guest spun until it was cut, and when its caller had the answer: some wait for their turn. */
interface Spin {
  readonly cutMs: number;
  readonly answeredMs: number;
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
  const spinners: Readonly<Record<string, Spinners>> = {
    "no spinner": { count: 0, pauseMs: 0 },
    [`a spin every ${pauseMs} ms`]: { count: 1, pauseMs },
    "spins without a pause": { count: 1, pauseMs: 0 },
    "four that spin without a pause": { count: 4, pauseMs: 0 },
  };
  const cases = [
    { isolates: 1, id: "b:good", title: "1 isolate" },
    { isolates: 1, id: "b:good_limited", title: "1 isolate, callers with a limit of 5 s" },
    { isolates: 2, id: "b:good", title: "2 isolates" },
  ];
  const rows: (readonly string[])[] = [];
  for (const { isolates, id, title } of cases) {
    await using runtime = await createRuntime({ app: app.directory, isolates, strict: true });
    await observe(runtime, { id, ms: scaled(1_000, 50), spinners: { count: 0, pauseMs: 0 } });
    for (const [name, those] of Object.entries(spinners)) {
      const seen = await observe(runtime, { id, ms: scaled(4_000, 120), spinners: those });
      rows.push([`${title}: ${name}`, ...cells(seen)]);
    }
  }
  const columns = ["calls", "p50", "p99", "p99.9", "longest", `spins, cut after (limit ${spinLimitMs} ms)`];
  printRows(`B11: a spinning guest among ${goodCallers} good callers`, columns, rows);
}

function cells({ latencies, spins }: Seen): string[] {
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  const cuts = spins.map(({ cutMs }) => cutMs);
  const answers = spins.map(({ answeredMs }) => answeredMs);
  const cut =
    spins.length === 0
      ? ""
      : `${spins.length}: p50 ${ms(quantile(cuts, 0.5))}, longest ${ms(Math.max(...cuts))}; answered p50 ${ms(quantile(answers, 0.5))}`;
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
  readonly spinners: Spinners;
}

/** Callers of the guest that spins, and how long each waits between two calls. */
interface Spinners {
  readonly count: number;
  readonly pauseMs: number;
}

async function observe(runtime: Runtime, { id, ms, spinners }: Observation): Promise<Seen> {
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
    while (performance.now() < end) {
      const started = performance.now();
      let cutMs = 0;
      const onReport = ({ executionMs }: CallReport): void => void (cutMs = executionMs);
      const failed = await runtime.callWith("b:spin", [], { onReport }).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failed === undefined) throw new Error("the spinner came to an end");
      seen.spins.push({ cutMs, answeredMs: performance.now() - started });
      await new Promise((resolve) => setTimeout(resolve, spinners.pauseMs));
    }
  };
  await Promise.all([...Array.from({ length: spinners.count }, spin), ...Array.from({ length: goodCallers }, good)]);
  return seen;
}
