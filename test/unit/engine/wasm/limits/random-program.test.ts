import * as fc from "fast-check";
import { expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import type { WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import { endlessProgram, randomProgram } from "./random-program.ts";
import { callExport, instantiate, instantiateMarking, memoryOf, setGlobal, unmarked } from "./support.seam.ts";

const page = 65_536;
const variants: Readonly<Record<string, WasmLimits>> = {
  "no limits": {},
  "exact memory": { exactMemory: true },
  fuel: { fuel: 1e9 },
  stack: { stackBytes: 400_000 },
  all: { memoryBytes: 6 * page, fuel: 1e9, stackBytes: 400_000 },
};

/** What every function comes to, how many steps it took, and all of the memory at the end. */
function run(exports: WebAssembly.Exports, before: () => void): { outcomes: string[]; memory: Buffer } {
  const methods = Object.keys(exports).filter((name) => /^f\d$/.test(name));
  const outcomes = methods.flatMap((method) =>
    [0, 1, 5].map((argument) => {
      before();
      setGlobal(exports, "steps", 0);
      let outcome: string;
      try {
        outcome = String(callExport(exports, method, [argument, argument + 1]));
      } catch (thrown) {
        outcome = thrown instanceof Error ? thrown.message : "an exception";
      }
      return `${method}(${argument}): ${outcome} after ${String(setGlobal(exports, "steps", 0))}`;
    }),
  );
  return { outcomes, memory: Buffer.from(memoryOf(exports).buffer) };
}

test("programs of any shape do the same whatever their limits, and take the same fuel each time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(2 ** 32 - 1), async (seed) => {
      const bytes = new Uint8Array(await assemble(randomProgram(seed), "t"));
      const plain = run(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports, () => undefined);
      for (const [variant, limits] of Object.entries(variants)) {
        const used = [1, 2].map(() => {
          const { exports, meter } = instantiate(bytes, limits);
          const limited = run(exports, () => meter.enter());
          const { peakMemoryBytes, fuelUsed } = meter.usage();
          expect(limited.outcomes, variant).toEqual(plain.outcomes);
          expect(limited.memory.compare(plain.memory, 0, plain.memory.length, 0, plain.memory.length)).toBe(0);
          expect(peakMemoryBytes, variant).toBe(plain.memory.length);
          meter.end({ reuse: true });
          return fuelUsed;
        });
        expect(new Set(used).size).toBe(1);
      }
      const marking = instantiateMarking(bytes);
      if (marking === undefined) throw new Error("nothing in these programs is unmarkable");
      const marked = run(marking.exports, () => undefined);
      expect(marked.outcomes, "marks").toEqual(plain.outcomes);
      expect(marked.memory.compare(plain.memory, 0, plain.memory.length, 0, plain.memory.length)).toBe(0);
      expect(unmarked(memoryOf(marking.exports))).toEqual([]);
      marking.meter.end({ reuse: true });
    }),
    { numRuns: 60 },
  );
});

test("programs of any shape that never end by themselves end when their fuel does", async () => {
  const fuel = 20_000;
  // What is charged between two looks at it.
  const most = 2_000;
  const ends = new Set<string>();
  for (let seed = 0; seed < 120; seed++) {
    const bytes = new Uint8Array(await assemble(endlessProgram(seed), "t"));
    const { exports, meter } = instantiate(bytes, { fuel, stackBytes: 200_000 });
    for (const method of Object.keys(exports).filter((name) => /^f\d$/.test(name))) {
      meter.enter();
      try {
        callExport(exports, method, [1, 2]);
        ends.add("returns");
      } catch (thrown) {
        ends.add(thrown instanceof Error ? thrown.message : "an exception");
      }
      expect(meter.usage().fuelUsed).toBeLessThan(fuel + most);
    }
    meter.end({ reuse: true });
  }
  expect([...ends]).toEqual(expect.arrayContaining(["returns", "unreachable", "an exception"]));
});
