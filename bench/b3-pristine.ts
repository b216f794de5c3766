import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime, type Runtime } from "../src/index.ts";
import { assemble } from "../src/engine/wasm/assemble.ts";
import type { LinkedWasm } from "../src/engine/wasm/program.ts";
import { directoryEntry, temporaryApp, wasmEntry, type GuestFile } from "./apps.ts";
import { extismPlugins } from "./extism.ts";
import { linkedComponent, rawFunction, shapes, shapesModule, temporaryCache } from "./guests.ts";
import {
  compare,
  formatNs,
  isSmoke,
  median,
  printRows,
  printTable,
  quantile,
  scaled,
  type Contender,
} from "./harness.ts";
import { jcoInstances } from "./jco.seam.ts";

/** Pages of the guest with a megabyte, and how much of it a call writes to. */
const megabytePages = 16;
const touchedBytes = 65_536;

const touchModule = `core module $m
    (memory (export "memory") ${megabytePages})
    (func (export "touch") (result i32)
      (memory.fill (i32.const 4096) (i32.const 7) (i32.const ${touchedBytes}))
      (i32.load8_u (i32.const 5000)))`;
const touchComponent = `(component
  (${touchModule})
  (core instance $i (instantiate $m))
  (func (export "touch") (result u32) (canon lift (core func $i "touch"))))`;

/** Between calls that are apart: the next instance is ready then. A large one takes longer. */
const pauseMs = 1;
const longPauseMs = 10;
const leastApart = 100;

/** Calls in flight in the tables of pooled calls under load. */
const inFlight = 16;

/** B3: what it costs that every call finds an instance that nobody has used. */
export async function bench(): Promise<void> {
  using cache = temporaryCache();
  const { cacheDir } = cache;
  const makePlugin = await extismPlugins(megabytePages);
  await inThisThread("a small Rust component, count()", {
    ours: await linkedComponent(shapes, { method: "count", engine: "direct", cacheDir }),
    raw: { module: new WebAssembly.Module(shapesModule()), export: "count" },
    jco: { make: await jcoInstances(shapes, { cacheDir }), export: "count" },
    others: [],
  });
  const touch = await assemble(touchComponent, "touch");
  const core = await assemble(`(${touchModule.replace("core module $m", "module")})`, "touch");
  await inThisThread("a component with 1 MB, 64 KB of it written", {
    ours: await linkedComponent(touch, { method: "touch", engine: "direct", cacheDir }),
    raw: { module: new WebAssembly.Module(core), export: "touch" },
    jco: { make: await jcoInstances(touch, { cacheDir }), export: "touch" },
    others: [
      {
        name: "Extism, a plug-in of 1 MB for each call, nothing written",
        async run(times) {
          for (let i = 0; i < times; i += 1) {
            const plugin = await makePlugin();
            await plugin.call("noop");
            await plugin.close();
          }
        },
      },
    ],
  });
  await pooled(touch);
}

interface Guest {
  readonly ours: LinkedWasm;
  readonly raw: { readonly module: WebAssembly.Module; readonly export: string };
  readonly jco: { readonly make: () => Promise<Readonly<Record<string, () => unknown>>>; readonly export: string };
  readonly others: readonly Contender[];
}

/** Instances made in the call, one call after the other: what an engine's own part costs. */
async function inThisThread(title: string, { ours, raw, jco, others }: Guest): Promise<void> {
  const warm = await ours.instantiate({});
  const contenders: Contender[] = [
    {
      name: "our engine, one instance for all calls",
      run(times) {
        for (let i = 0; i < times; i += 1) void warm.call([]);
      },
    },
    {
      name: "our engine, an instance for each call",
      async run(times) {
        for (let i = 0; i < times; i += 1) {
          const made = ours.instantiate({});
          using instance = made instanceof Promise ? await made : made;
          void instance.call([]);
        }
      },
    },
    {
      name: "new WebAssembly.Instance for each call",
      run(times) {
        for (let i = 0; i < times; i += 1) {
          rawFunction(new WebAssembly.Instance(raw.module).exports, raw.export)();
        }
      },
    },
    {
      name: "jco 1.35, an instance for each call",
      async run(times) {
        for (let i = 0; i < times; i += 1) (await jco.make())[jco.export]?.();
      },
    },
    ...others,
  ];
  printTable(`B3: ${title}, made in the call`, await compare(fromSecond(contenders), { times: 100 }));
}

/** Ratios are to a new instance for each call of ours, which is the second. */
function fromSecond([first, second, ...rest]: readonly Contender[]): Contender[] {
  return [second, first, ...rest].filter((contender) => contender !== undefined);
}

/** Calls through the runtime into one isolate, where the next instance is made after the answer. */
async function pooled(touch: Uint8Array): Promise<void> {
  const rustFolder = fileURLToPath(new URL("../test/guests/rust/shapes", import.meta.url));
  const javascript = isSmoke() ? undefined : await javascriptGuest();
  const files = {
    rust: { fs: "rust", path: "shapes.wasm", bytes: shapes },
    touch: { fs: "here", path: "touch.wasm", bytes: touch },
  };
  const imports = "imports: [wasi:cli, wasi:clocks, wasi:filesystem, wasi:io, wasi:poll, wasi:random]";
  const both = (name: string, file: GuestFile, fields: readonly string[]): string =>
    wasmEntry(`${name}_fresh`, file, [...fields, "pool: { type: lazy, state: fresh }"]) +
    wasmEntry(`${name}_kept`, file, [...fields, "pool: { type: lazy, state: kept }"]);
  const js = (path: string): string => {
    const file = { fs: "js", path: basename(path), bytes: readFileSync(path) };
    const fields = ["method: greet", imports];
    return (
      directoryEntry("js", dirname(path)) +
      both("js", file, fields) +
      wasmEntry("js_jco", file, [...fields, "engine: jco", "pool: { type: lazy, state: fresh }"])
    );
  };
  using app = temporaryApp(
    `\nnamespace: b\nentries:${directoryEntry("rust", rustFolder)}${directoryEntry("here", ".")}` +
      both("rust", files.rust, ["method: echo-string"]) +
      both("touch", files.touch, ["method: touch"]) +
      wasmEntry("rust_jco", files.rust, ["method: echo-string", "engine: jco", "pool: { type: lazy, state: fresh }"]) +
      (javascript === undefined ? "" : js(javascript)) +
      "\n",
  );
  app.write("touch.wasm", touch);
  await using runtime = await createRuntime({ app: app.directory, isolates: 1, strict: true });
  await pooledTables(runtime, "a small Rust component, a string there and back", {
    times: 200,
    calls: {
      "pooled call, instances kept": ["b:rust_kept", "hello"],
      "pooled call, pristine": ["b:rust_fresh", "hello"],
      "pooled call, pristine, engine: jco": ["b:rust_jco", "hello"],
    },
  });
  await pooledTables(runtime, "a component with 1 MB, 64 KB of it written", {
    times: 200,
    calls: { "pooled call, instances kept": ["b:touch_kept"], "pooled call, pristine": ["b:touch_fresh"] },
  });
  if (javascript === undefined) return;
  await pooledTables(runtime, "a JavaScript component of 12 MB (StarlingMonkey), greet(name)", {
    times: 8,
    calls: {
      "pooled call, instances kept": ["b:js_kept", "Ada"],
      "pooled call, pristine": ["b:js_fresh", "Ada"],
      "pooled call, pristine, engine: jco": ["b:js_jco", "Ada"],
    },
  });
}

/** Built on demand into a folder that git ignores: ten seconds. Undefined where that cannot be done. */
async function javascriptGuest(): Promise<string | undefined> {
  try {
    const { jsGuest } = await import("../test/guests/js/build.ts");
    return await jsGuest("starlingmonkey");
  } catch (error) {
    console.log(
      `\nNo JavaScript component, so no rows about it. \`node test/guests/js/build.ts\` says: ${String(error)}`,
    );
    return undefined;
  }
}

/** Calls that leave time for the next instance to be made: what one caller waits. */
async function apart(runtime: Runtime, title: string, { times, calls }: PooledCalls): Promise<void> {
  const samples = Object.entries(calls).map(([name, call]) => ({ name, call, ms: new Array<number>() }));
  const count = scaled(Math.max(times, leastApart), 2);
  for (let i = -scaled(count / 5, 0); i < count; i += 1) {
    for (const { call, ms } of samples) {
      const [id, ...args] = call;
      const started = performance.now();
      await runtime.call(id, ...args);
      if (i >= 0) ms.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, times < leastApart ? longPauseMs : pauseMs));
    }
  }
  const base = median(samples[0]?.ms ?? []);
  const cells = (ms: readonly number[]): string[] => [
    formatNs(median(ms) * 1e6),
    (median(ms) / base).toFixed(2),
    formatNs(quantile(ms, 0.99) * 1e6),
  ];
  const rows = samples.map(({ name, ms }) => [name, ...cells(ms)]);
  printRows(`B3: ${title}, calls some time apart`, ["median", "ratio", "p99"], rows);
}

interface PooledCalls {
  /** How many make a sample. */
  readonly times: number;
  readonly calls: Readonly<Record<string, readonly [id: string, ...args: readonly unknown[]]>>;
}

/** How long a guest's code is warmed up: V8 compiles a large one again and again for seconds, each of its forms. */
const warmUpMs = 3_000;

async function warmUp(runtime: Runtime, { calls }: PooledCalls): Promise<void> {
  for (const [id, ...args] of Object.values(calls)) {
    const until = performance.now() + scaled(warmUpMs, 0);
    while (performance.now() < until) await runtime.call(id, ...args);
  }
}

async function pooledTables(runtime: Runtime, title: string, { times, calls }: PooledCalls): Promise<void> {
  await warmUp(runtime, { times, calls });
  await apart(runtime, title, { times, calls });
  const oneByOne = Object.entries(calls).map(([name, [id, ...args]]): Contender => ({
    name,
    async run(count) {
      for (let i = 0; i < count; i += 1) await runtime.call(id, ...args);
    },
  }));
  printTable(`B3: ${title}, one call after the other`, await compare(oneByOne, { times }));
  const together = Object.entries(calls).map(([name, [id, ...args]]): Contender => ({
    name,
    async run(count) {
      let left = count;
      const caller = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await runtime.call(id, ...args);
        }
      };
      await Promise.all(Array.from({ length: inFlight }, caller));
    },
  }));
  printTable(`B3: ${title}, ${inFlight} calls in flight`, await compare(together, { times: times * 2 }));
}
