/** `node bench/sleepers.ts raw|weft|jco COUNT`: that many guests asleep at once, in this process; prints a `SleepReport`. */
import { fileURLToPath } from "node:url";
import { createRuntime } from "../src/index.ts";
import { assemble } from "../src/engine/wasm/assemble.ts";
import { directoryEntry, temporaryApp, wasmEntry } from "./apps.ts";
import { guestBytes, temporaryCache } from "./guests.ts";
import { jcoInstances } from "./jco.seam.ts";

/** What came of it. */
export interface SleepReport {
  /** Milliseconds beyond the sleep until all had answered: making, suspending, waking and ending them. */
  readonly extraMs: number;
  /** Resident bytes of the process while all slept, beyond those before, for each. */
  readonly bytesEach: number;
}

interface Sleepers extends AsyncDisposable {
  sleep(ms: number): Promise<unknown>;
}

const component = guestBytes("rust/sleeper/sleeper.wasm");

const kinds: Readonly<Record<string, (count: number) => Promise<Sleepers>>> = { raw, weft, jco };

/** Sleeps whose clock starts at the call must last until the last one was called. */
const leastSleepMs = 3_000;
const sleepMsEach = 1.5;
const warmUps = 20;

await main(process.argv[2] ?? "", Number(process.argv[3]));

async function main(name: string, count: number): Promise<void> {
  const make = kinds[name];
  if (make === undefined || !(count > 0)) throw new Error("usage: sleepers.ts raw|weft|jco COUNT");
  await using sleepers = await make(count);
  const sleepMs = count < 100 ? 200 : leastSleepMs + count * sleepMsEach;
  await Promise.all(Array.from({ length: warmUps }, () => sleepers.sleep(5)));
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  let awake = 0;
  const sampling = setInterval(() => {
    if (awake === 0) peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const started = performance.now();
  const all = Array.from({ length: count }, async () => {
    await sleepers.sleep(sleepMs);
    awake += 1;
  });
  await Promise.all(all);
  clearInterval(sampling);
  const report: SleepReport = {
    extraMs: performance.now() - started - sleepMs,
    bytesEach: (peak - before) / count,
  };
  console.log(JSON.stringify(report));
}

/** Stacks alone: nothing but JSPI. */
async function raw(): Promise<Sleepers> {
  const wat = `(module (import "host" "sleep" (func $sleep (param f64)))
    (func (export "run") (param f64) (call $sleep (local.get 0))))`;
  const module = new WebAssembly.Module(await assemble(wat, "sleeper"));
  const sleep = new WebAssembly.Suspending((ms: number) => new Promise((resolve) => setTimeout(resolve, ms)));
  return {
    async sleep(ms) {
      const { run } = new WebAssembly.Instance(module, { host: { sleep } }).exports;
      if (typeof run !== "function") throw new Error("no run");
      await WebAssembly.promising(run)(ms);
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function weft(count: number): Promise<Sleepers> {
  const file = { fs: "rust", path: "sleeper.wasm", bytes: component };
  const fields = [
    "method: test-sleep#sleep-ms",
    "imports: [wasi:clocks, wasi:io, wasi:poll]",
    `pool: { type: static, size: ${count}, workers: ${count} }`,
  ];
  const folder = fileURLToPath(new URL("../test/guests/rust/sleeper", import.meta.url));
  const app = temporaryApp(
    `\nnamespace: b\nentries:${directoryEntry("rust", folder)}${wasmEntry("sleep", file, fields)}\n`,
  );
  const runtime = await createRuntime({ app: app.directory, isolates: 1, strict: true });
  return {
    sleep: (ms) => runtime.call("b:sleep", Math.round(ms)),
    async [Symbol.asyncDispose]() {
      await runtime[Symbol.asyncDispose]();
      app[Symbol.dispose]();
    },
  };
}

/** jco's instances with the least host that lets them sleep. */
async function jco(): Promise<Sleepers> {
  const cache = temporaryCache();
  class Pollable {
    readonly #until: number;
    constructor(until: number) {
      this.#until = until;
    }
    block(): Promise<void> {
      return new Promise((resolve) => setTimeout(resolve, Math.max(0, this.#until - performance.now())));
    }
  }
  const clock = {
    now: () => process.hrtime.bigint(),
    subscribeDuration: (ns: bigint) => new Pollable(performance.now() + Number(ns) / 1e6),
  };
  const poll = { Pollable, poll: () => [] };
  const make = await jcoInstances(component, {
    cacheDir: cache.cacheDir,
    interface: "testSleep",
    imports: {
      "wasi:io/poll": poll,
      "wasi:io/poll@0.2.0": poll,
      "wasi:clocks/monotonic-clock": clock,
      "wasi:clocks/monotonic-clock@0.2.0": clock,
    },
    suspending: {
      imports: ["wasi:io/poll#[method]pollable.block", "wasi:io/poll@0.2.0#[method]pollable.block"],
      exports: ["test-sleep#sleep-ms"],
    },
  });
  return {
    async sleep(ms) {
      await (await make())["sleepMs"]?.(BigInt(Math.round(ms)));
    },
    [Symbol.asyncDispose]: async () => cache[Symbol.dispose](),
  };
}
