import { Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { createRuntime } from "../src/index.ts";
import { addEntry, temporaryApp } from "./apps.ts";
import { compare, printMatrix, printRows, type Contender, type Measured } from "./harness.ts";

/** Calls in flight at once, and how many make a sample. */
const loads = [
  { inFlight: 1, times: 500 },
  { inFlight: 16, times: 4_000 },
  { inFlight: 256, times: 20_000 },
] as const;

/** As `add`, with a memory: an instance may not be used twice. */
const withMemory = `
  - name: add_pristine
    kind: function.wat
    source: '(module (memory 1) (func (export "add") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0)) (i32.add (i32.load (i32.const 8)) (local.get 1))))'
    wit: "add: func(a: s32, b: s32) -> s32;"
    method: add
    pool: { type: static, size: 256, workers: 256 }`;

/** B5: a pooled call from TypeScript through one isolate, beside bare messages to a thread and piscina's tasks. */
export async function bench(): Promise<void> {
  using app = temporaryApp(`
namespace: b
entries:${addEntry("add", "type: static, size: 256, workers: 256")}${withMemory}
`);
  await using runtime = await createRuntime({ app: app.directory, isolates: 1, strict: true });
  const echo = new Piscina({ filename: new URL("echo-worker.js", import.meta.url).href, minThreads: 1, maxThreads: 1 });
  const port = echoPort();
  try {
    const tasks: readonly (readonly [string, (i: number) => Promise<unknown>])[] = [
      ["bare messages to a thread and back", (i) => port.echo(i)],
      ["piscina echo", (i) => echo.run(i)],
      ["weft pooled call", (i) => runtime.call("b:add", i, 1)],
      ["weft pooled call, pristine memory", (i) => runtime.call("b:add_pristine", i, 1)],
    ];
    const columns: (readonly Measured[])[] = [];
    for (const { inFlight, times } of loads) {
      const contenders = tasks.map(([name, task]): Contender => ({
        name,
        run: (count) => manyAtOnce(task, inFlight, count),
      }));
      columns.push(await compare(contenders, { times }));
    }
    const titles = loads.map(({ inFlight }) => `${inFlight} in flight`);
    printMatrix("B5: a pooled call through one isolate, time per call", titles, columns);
    const rate = (name: string, column: readonly Measured[]): string => {
      const ns = column.find((row) => row.name === name)?.ns ?? Number.NaN;
      return Math.round(1e6 / ns).toLocaleString("en");
    };
    const rows = tasks.map(([name]) => [name, ...columns.map((column) => rate(name, column))]);
    printRows("B5: the same, thousands of calls a second", titles, rows);
  } finally {
    await echo.destroy();
    await port.stop();
  }
}

/** So many callers, each with its next call as soon as it has its answer. */
async function manyAtOnce(task: (i: number) => Promise<unknown>, callers: number, count: number): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await task(next);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** A thread that sends each message back; the least that a hop can cost without batches. */
function echoPort(): { echo(value: number): Promise<unknown>; stop(): Promise<unknown> } {
  const worker = new Worker(new URL("port-worker.js", import.meta.url));
  const waiting = new Map<number, (value: unknown) => void>();
  let last = 0;
  worker.on("message", ({ id, value }: { id: number; value: unknown }) => {
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  return {
    echo(value) {
      last += 1;
      const { promise, resolve } = Promise.withResolvers<unknown>();
      waiting.set(last, resolve);
      worker.postMessage({ id: last, value }, []);
      return promise;
    },
    stop: () => worker.terminate(),
  };
}
