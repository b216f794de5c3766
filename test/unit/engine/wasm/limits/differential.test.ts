import { expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import type { WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import { features } from "./features.ts";
import { callExport, instantiate, instantiateMarking } from "./support.seam.ts";

const variants: Readonly<Record<string, WasmLimits>> = {
  "no limits": {},
  memory: { memoryBytes: 2 ** 24 },
  "exact memory": { memoryBytes: 2 ** 24, exactMemory: true },
  fuel: { fuel: 1e9 },
  stack: { stackBytes: 500_000 },
  all: { memoryBytes: 2 ** 24, fuel: 1e9, stackBytes: 500_000 },
};

/** What calls come to: values, or V8's words about a trap. */
function outcomes(exports: WebAssembly.Exports): string[] {
  const methods = Object.keys(exports).filter((name) => !name.startsWith("weft-"));
  return methods.toSorted().flatMap((method) =>
    [0, 1, 3, 2, 200, 1000].map((argument) => {
      try {
        return `${method}(${argument}) = ${String(callExport(exports, method, [argument]))}`;
      } catch (thrown) {
        return `${method}(${argument}) fails: ${thrown instanceof Error ? thrown.message : Object.prototype.toString.call(thrown)}`;
      }
    }),
  );
}

test.each(Object.keys(features))("%s mean the same whatever the limits", async (feature) => {
  const bytes = await assemble(features[feature] ?? "", "test:guest");
  const plain = outcomes(new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports);
  expect(plain.length).toBeGreaterThan(5);
  for (const [variant, limits] of Object.entries(variants)) {
    const { exports } = instantiate(bytes, limits);
    expect(outcomes(exports), variant).toEqual(plain);
  }
  const marking = instantiateMarking(bytes);
  if (marking !== undefined) expect(outcomes(marking.exports), "marks").toEqual(plain);
});

test.each(Object.keys(features))("%s take the same fuel each time", async (feature) => {
  const bytes = await assemble(features[feature] ?? "", "test:guest");
  const used = [1, 2, 3].map(() => {
    const { exports, meter } = instantiate(bytes, { fuel: 1e9 });
    outcomes(exports);
    return meter.usage().fuelUsed;
  });
  expect(used[0]).toBeGreaterThan(0);
  expect(new Set(used).size).toBe(1);
});
