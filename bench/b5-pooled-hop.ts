import { Piscina } from "piscina";
import { createRuntime } from "../src/index.ts";
import { addEntry, temporaryApp } from "./apps.ts";
import { compare, printTable, type Contender } from "./harness.ts";

/** Calls in flight at once in the second table. */
const inFlight = 256;

/** B5: a pooled call from TypeScript through one isolate, beside piscina's own task that echoes. */
export async function bench(): Promise<void> {
  using app = temporaryApp(`
namespace: b
entries:${addEntry("add", `type: static, size: ${inFlight}, workers: ${inFlight}, state: kept`)}
`);
  await using runtime = await createRuntime({ app: app.directory, isolates: 1, strict: true });
  const echo = new Piscina({ filename: new URL("echo-worker.js", import.meta.url).href, minThreads: 1, maxThreads: 1 });
  try {
    const tasks: readonly (readonly [string, (i: number) => Promise<unknown>])[] = [
      ["piscina echo", (i) => echo.run(i)],
      ["weft pooled call", (i) => runtime.call("b:add", i, 1)],
    ];
    const oneByOne = tasks.map(([name, task]): Contender => ({
      name,
      run: async (times) => {
        for (let i = 0; i < times; i += 1) await task(i);
      },
    }));
    printTable("B5: a pooled hop, one call after the other", await compare(oneByOne, { times: 500 }));
    const together = tasks.map(([name, task]): Contender => ({
      name,
      run: async (times) => {
        for (let i = 0; i < times; i += inFlight) {
          await Promise.all(Array.from({ length: inFlight }, (_, offset) => task(i + offset)));
        }
      },
    }));
    printTable(`B5: a pooled hop, ${inFlight} calls in flight`, await compare(together, { times: inFlight * 20 }));
  } finally {
    await echo.destroy();
  }
}
