import { afterAll, expect, test } from "vitest";
import { ToolError } from "../../../../../src/engine/wasm/component/jco/tool.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { InvalidModuleError } from "../../../../../src/engine/wasm/binary/invalid-module.ts";
import { readComponent } from "../../../../../src/engine/wasm/inspect/component/read.ts";
import type { Item } from "../../../../../src/engine/wasm/inspect/component/tree.ts";
import { validateComponent } from "../../../../../src/engine/wasm/validate/component.ts";
import { guest } from "../support.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

/** Numbers that are the same each time (xorshift). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Whether our validator takes a component, and V8 the core modules in it. */
function isTaken(bytes: Uint8Array): boolean {
  try {
    const tree = readComponent(bytes);
    if (tree.unsupported.length > 0) return false;
    validateComponent(bytes, tree);
    return areValid(tree.items, bytes);
  } catch (thrown) {
    if (thrown instanceof InvalidModuleError) return false;
    throw thrown;
  }
}

function areValid(items: readonly Item[], bytes: Uint8Array): boolean {
  return items.every((item) => {
    if (item.kind === "component") return areValid(item.items, bytes);
    return item.kind !== "core module" || WebAssembly.validate(Uint8Array.from(bytes.subarray(item.start, item.end)));
  });
}

/** Stands a component inside of another, where jco asks nothing of it but that it is valid. */
function inside(bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let left = bytes.length; left > 0; left >>>= 7) length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 4, ...length), bytes]);
}

test(
  "a component with some bytes changed that we take is taken by jco's validator, too",
  { timeout: 60_000 },
  async () => {
    const random = numbers(20_261_121);
    const seeds = ["wat/component-nested.wasm", "wat/component-imports.wasm", "wat/component.wasm"].map(guest);
    let taken = 0;
    for (let round = 0; taken < 120; round++) {
      const bytes = Uint8Array.from(seeds[round % seeds.length] ?? []);
      const at = 8 + random(bytes.length - 8);
      bytes[at] = random(2) === 0 ? random(256) : (bytes[at] ?? 0) + random(3) - 1;
      if (!isTaken(bytes)) continue;
      taken += 1;
      const refusal = await toolchain
        .run({ kind: "transpile", bytes: inside(bytes), suspending: undefined })
        .then(() => undefined)
        .catch((thrown: unknown) => (thrown instanceof ToolError ? thrown.message : thrown));
      expect({ refusal, bytes: refusal === undefined ? "" : Buffer.from(bytes).toString("hex") }).toEqual({
        refusal: undefined,
        bytes: "",
      });
    }
  },
);
