import { globSync } from "node:fs";
import { assert, nat, oneof, property, tuple, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { WeftError } from "../../../../../src/core/errors.ts";
import { InvalidModuleError } from "../../../../../src/engine/wasm/binary/invalid-module.ts";
import { readComponent } from "../../../../../src/engine/wasm/inspect/component/read.ts";
import type { Item } from "../../../../../src/engine/wasm/inspect/component/tree.ts";
import type { WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import { rewriteModule } from "../../../../../src/engine/wasm/limits/rewrite/rewrite.ts";
import { guest } from "../support.ts";
import { features } from "./features.ts";

const folder = new URL("../../../../guests/", import.meta.url).pathname;
const committed = globSync("*/**/*.wasm", { cwd: folder }).filter(
  (path) => !path.startsWith(".build") && path !== "wat/truncated.wasm",
);

const everything: WasmLimits = { memoryBytes: 2 ** 31, fuel: 1, stackBytes: 1 };
const options: Readonly<Record<string, Parameters<typeof rewriteModule>[1]>> = {
  safe: { name: "t", limits: {} },
  fuel: { name: "t", limits: { fuel: 1 } },
  all: { name: "t", limits: everything },
  "all, shared": { name: "t", limits: everything, shared: true },
  "real sizes, shared": { name: "t", limits: { memoryBytes: 2 ** 31 }, shared: true, realSizes: true },
};

/** The core modules in a binary: itself, or those inside of a component. */
function coreModules(bytes: Uint8Array): Uint8Array[] {
  if (bytes[6] === 0) return [bytes];
  const inside = (items: readonly Item[]): Uint8Array[] =>
    items.flatMap((item) => {
      if (item.kind === "core module") return [bytes.subarray(item.start, item.end)];
      return item.kind === "component" ? inside(item.items) : [];
    });
  return inside(readComponent(bytes).items);
}

/** What V8 took before, it takes rewritten, in every way; what it refused is refused with a place. */
function check(bytes: Uint8Array): "valid" | "refused" {
  const isValid = WebAssembly.validate(new Uint8Array(bytes));
  for (const each of Object.values(options)) {
    try {
      const limited = rewriteModule(bytes, each);
      expect(isValid).toBe(true);
      expect(() => new WebAssembly.Module(limited.bytes)).not.toThrow();
      expect(structuredClone(limited.plan)).toEqual(limited.plan);
    } catch (thrown) {
      if (thrown instanceof InvalidModuleError) {
        expect(isValid).toBe(false);
        expect(thrown.offset).toBeTypeOf("number");
      } else if (!(thrown instanceof WeftError && thrown.code === "MEMORY_EXCEEDED")) throw thrown;
    }
  }
  return isValid ? "valid" : "refused";
}

describe("committed guests", () => {
  test.each(committed)("%s is valid with any limits", (path) => {
    for (const module of coreModules(guest(path))) expect(check(module)).toBe("valid");
  });

  test.each(committed)("%s, cut off at any place or with any bit flipped, is rewritten or refused", (path) => {
    const [module = new Uint8Array()] = coreModules(guest(path));
    const place = nat(module.length - 1);
    const damaged = oneof(
      place.map((end) => module.slice(0, end)),
      tuple(place, nat(7)).map(([at, bit]) => {
        const copy = module.slice();
        copy[at] = (copy[at] ?? 0) ^ (1 << bit);
        return copy;
      }),
    );
    assert(
      property(damaged, (bytes) => void check(bytes)),
      { numRuns: module.length > 20_000 ? 30 : 100 },
    );
  });
});

test("random bytes are refused", () => {
  const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const anything = uint8Array({ maxLength: 200 });
  assert(property(anything, (bytes) => void check(bytes)));
  assert(property(anything, (bytes) => void check(Uint8Array.of(...header, ...bytes))));
});

test.each(Object.keys(features))("%s with any bit flipped are rewritten or refused", async (feature) => {
  const bytes = await assemble(features[feature] ?? "", "t");
  for (let at = 8; at < bytes.length; at++) {
    const copy = bytes.slice();
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
    check(copy);
  }
});

test("a module's own indices cannot reach what is appended", async () => {
  // One global, and a body that sets global 1: that of a counter, once it is rewritten.
  const text = `(module (global (mut i64) (i64.const 0)) (memory 1) (func (export "f") (global.set 0 (i64.const 1)) (drop (memory.grow (i32.const 1)))))`;
  const bytes = new Uint8Array(await assemble(text, "t"));
  const at = bytes.lastIndexOf(0x24) + 1;
  expect(bytes[at]).toBe(0);
  bytes[at] = 1;
  expect(() => rewriteModule(bytes, { name: "t", limits: { fuel: 1 } })).toThrow(InvalidModuleError);
});

test("the binary of a safe module grows little", () => {
  const bytes = guest("rust/core-strings/core-strings.wasm");
  const { bytes: safe } = rewriteModule(bytes, { name: "t", limits: {} });
  expect(safe.length - bytes.length).toBeLessThan(300);
});

test("names of functions, and other custom sections, stay", () => {
  const bytes = guest("wat/recurse.wasm");
  const before = new WebAssembly.Module(new Uint8Array(bytes));
  const after = new WebAssembly.Module(rewriteModule(bytes, { name: "t", limits: everything }).bytes);
  const [names] = WebAssembly.Module.customSections(before, "name");
  expect(names?.byteLength).toBeGreaterThan(0);
  expect(WebAssembly.Module.customSections(after, "name")).toEqual([names]);
});
