import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { prepareComponent } from "../../../../../src/engine/wasm/component/prepare.ts";
import { linkCore } from "../../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../../src/engine/wasm/core/prepare.ts";
import { cardsOf } from "../../../../../src/engine/wasm/limits/cards.ts";
import { limitModule } from "../../../../../src/engine/wasm/limits/prepare.ts";
import type { InstanceImports, LinkedWasm, WasmInstance, WasmRealm } from "../../../../../src/engine/wasm/program.ts";
import { plainRealm } from "../../../../../src/engine/wasm/program.ts";
import type { Value } from "../../../../../src/core/values.ts";
import { witType, witValue } from "../../../../support/wit-arbitraries.ts";
import { smallComponent } from "../component/small-component.ts";
import { echoComponentWat } from "../echo-component.ts";
import { guest, signatureOf } from "../support.ts";
import { randomStores } from "./random-stores.ts";
import { callExport, instantiateMarking, memoryOf, setGlobal, unmarked } from "./support.seam.ts";

const pages = 4;
const bytes = pages * 65_536;
const card = 4_096;
/** How far beyond a card a write may go that begins on it. */
const reach = 1_024;

/** Every store, by the type of what it takes; those of lanes have the lane behind. */
const stores: Readonly<Record<string, string>> = {
  "i32.store": "i32.const -1",
  "i32.store8": "i32.const -1",
  "i32.store16": "i32.const -1",
  "i64.store": "i64.const -1",
  "i64.store8": "i64.const -1",
  "i64.store16": "i64.const -1",
  "i64.store32": "i64.const -1",
  "f32.store": "f32.const -1",
  "f64.store": "f64.const -1.1",
  "v128.store": "v128.const i64x2 -1 -1",
  "v128.store8_lane": "v128.const i64x2 -1 -1",
  "v128.store16_lane": "v128.const i64x2 -1 -1",
  "v128.store32_lane": "v128.const i64x2 -1 -1",
  "v128.store64_lane": "v128.const i64x2 -1 -1",
};
const offsets = [0, 1, 8, reach - 16, reach - 15, reach, card - 1, card, 70_000, 0xffff_fff0];

async function make(text: string): Promise<WebAssembly.Exports> {
  const made = instantiateMarking(new Uint8Array(await assemble(text, "t")));
  if (made === undefined) throw new Error("it cannot be marked");
  return made.exports;
}

function trapOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    return String(thrown);
  }
}

const somewhere = fc.oneof(
  fc.integer({ min: 0, max: bytes }),
  fc.integer({ min: 0, max: bytes / card }).chain((at) => fc.integer({ min: at * card - 20, max: at * card + 20 })),
  fc.constantFrom(-1, -16, bytes - 1, bytes - 8, bytes - 16),
);

describe("a module that marks what it writes to", () => {
  test.each(Object.entries(stores))("marks each %s, and little else", async (store, value) => {
    const methods = offsets.map((offset, index) => {
      const lane = store.includes("lane") ? "0" : "";
      return `(func (export "f${index}") (param i32) (${store} offset=${offset} ${lane} (local.get 0) (${value})))`;
    });
    const exports = await make(`(module (memory (export "memory") ${pages}) ${methods.join("\n")})`);
    const memory = memoryOf(exports);
    const cards = cardsOf(memory);
    fc.assert(
      fc.property(somewhere, fc.nat(offsets.length - 1), (at, index) => {
        const trap = trapOf(() => callExport(exports, `f${index}`, [at]));
        const wrote = new Uint8Array(memory.buffer).some((byte) => byte !== 0);
        expect(wrote).toBe(trap === undefined);
        const stretches = cards?.take(bytes) ?? [];
        const sum = stretches.reduce((total, { from, to }) => total + to - from, 0);
        expect(sum).toBeLessThanOrEqual(card + reach);
        for (const { from, to } of stretches) new Uint8Array(memory.buffer).fill(0, from, to);
        expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("marks what it writes to on every way through its functions, however many marks are left out", async () => {
    const argument = fc.integer({ min: 0, max: 249_000 });
    const calls = fc.array(fc.tuple(fc.nat(2), fc.nat(), argument, argument), { minLength: 4, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.nat(2 ** 32 - 1), calls, async (seed, list) => {
        const binary = new Uint8Array(await assemble(randomStores(seed), "t"));
        const marking = instantiateMarking(binary);
        const plain = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports;
        if (marking === undefined) throw new Error("it cannot be marked");
        const memory = memoryOf(marking.exports);
        for (const [index, way, first, second] of list) {
          const [ours, theirs] = [marking.exports, plain].map((exports) => {
            setGlobal(exports, "way", way);
            return trapOf(() => expect(callExport(exports, `f${index}`, [first, second])).toBeTypeOf("number"));
          });
          expect(ours).toBe(theirs);
          expect(Buffer.compare(Buffer.from(memory.buffer), Buffer.from(memoryOf(plain).buffer))).toBe(0);
          expect(unmarked(memory)).toEqual([]);
          for (const each of [memory, memoryOf(plain)]) new Uint8Array(each.buffer).fill(0);
        }
        marking.meter.end({ reuse: true });
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test("marks what it fills, copies and initialises, and traps where it would", async () => {
    const text = `(module (memory (export "memory") ${pages}) (data $d "${"x".repeat(9_000)}")
      (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
      (func (export "copy") (param i32 i32) (i32.store8 (i32.const 100) (i32.const 1)) (memory.copy (local.get 0) (i32.const 100) (local.get 1)))
      (func (export "init") (param i32 i32) (memory.init $d (local.get 0) (i32.const 0) (local.get 1))))`;
    const exports = await make(text);
    const plain = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(await assemble(text, "t")))).exports;
    const memory = memoryOf(exports);
    const length = fc.oneof(fc.constantFrom(0, 1, -1, card, bytes), fc.integer({ min: 0, max: 10_000 }));
    fc.assert(
      fc.property(somewhere, length, fc.constantFrom("fill", "copy", "init"), (at, count, method) => {
        const trap = trapOf(() => callExport(exports, method, [at, count]));
        expect(trap).toBe(trapOf(() => callExport(plain, method, [at, count])));
        expect(Buffer.compare(Buffer.from(memory.buffer), Buffer.from(memoryOf(plain).buffer))).toBe(0);
        expect(unmarked(memory)).toEqual([]);
        for (const each of [memory, memoryOf(plain)]) new Uint8Array(each.buffer).fill(0);
      }),
      { numRuns: 200 },
    );
  });

  test("marks in all its memories, and in those that grew", async () => {
    const exports = await make(`(module (memory $a 1) (memory $b (export "memory") ${pages} 9)
      (func (export "f") (param i32) (drop (memory.grow $b (i32.const 2)))
        (i32.store $b (local.get 0) (i32.const 1)) (memory.fill $b (i32.const 380000) (i32.const 1) (i32.const 5000))))`);
    callExport(exports, "f", [330_000]);
    expect(unmarked(memoryOf(exports))).toEqual([]);
  });

  test("cannot be made of one that writes where nobody can tell, or has other limits to count", async () => {
    const prepare = async (text: string, limits = {}) => {
      const assembled = new Uint8Array(await assemble(text, "t"));
      return limitModule(assembled, { name: "t", limits, pristine: true }).marking !== undefined;
    };
    const store = `(func (export "f") (i32.store (i32.const 0) (i32.const 1)))`;
    expect(await prepare(`(module (memory 4) ${store})`)).toBe(true);
    expect(
      await prepare(
        `(module (memory 4) (func (export "g") (param i32) (drop (i32.atomic.load (local.get 0)))) ${store})`,
      ),
    ).toBe(true);
    for (const text of [
      `(module (memory 1) ${store})`,
      `(module (memory 400) ${store})`,
      `(module (memory i64 4) (func (export "f") (i32.store (i64.const 0) (i32.const 1))))`,
      `(module (memory 4 4 shared) ${store})`,
      `(module (memory 4) (func (export "f") (i32.atomic.store (i32.const 0) (i32.const 1))))`,
      `(module (memory 4) (func (export "f") (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))`,
      `(module (memory 4) (func (export "f") (drop (i32.load (i32.const 0)))))`,
      `(module (memory 4) (data $d "x") (func (export "g") (data.drop $d)) ${store})`,
    ]) {
      expect(await prepare(text), text).toBe(false);
    }
    expect(await prepare(`(module (memory 4) ${store})`, { fuel: 100 })).toBe(false);
    expect(await prepare(`(module (memory 4) ${store})`, { stackBytes: 100_000 })).toBe(false);
  });
});

const keepsNothing = { keepsNothing: () => true, onKeeping() {}, marks: true };

/** A realm that shows the memories of its instances. */
function spyRealm(): { readonly realm: WasmRealm; readonly memories: Set<WebAssembly.Memory> } {
  const memories = new Set<WebAssembly.Memory>();
  class Instance extends WebAssembly.Instance {
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      for (const item of Object.values(this.exports)) if (item instanceof WebAssembly.Memory) memories.add(item);
    }
  }
  return { realm: { ...plainRealm, Instance }, memories };
}

/** Checks that a reset leaves every byte of an instance's memories as it was when the instance was made. */
class Witness implements Disposable {
  readonly #made: WasmInstance;
  readonly #before: Map<WebAssembly.Memory, Buffer>;

  constructor(linked: LinkedWasm, imports: InstanceImports = {}) {
    const { realm, memories } = spyRealm();
    expect(linked.marking).toBeDefined();
    const made = linked.instantiate(imports, { realm, resetting: keepsNothing });
    if (made instanceof Promise || memories.size === 0) throw new Error("an instance to look at was expected");
    this.#made = made;
    this.#before = new Map([...memories].map((memory) => [memory, Buffer.from(memory.buffer.slice(0))]));
  }

  /** Calls, and says how many bytes were changed: they are put back. */
  call(...args: readonly Value[]): number {
    void this.#made.call(args);
    const changed = this.#changed();
    expect(this.#made.reset?.()).toBe(true);
    expect(this.#changed()).toBe(0);
    return changed;
  }

  /** Bytes that are others than they were; those of a memory that has grown were zero. */
  #changed(): number {
    let changed = 0;
    for (const [memory, before] of this.#before) {
      const now = Buffer.from(memory.buffer);
      if (now.length === before.length && now.equals(before)) continue;
      for (const [at, byte] of now.entries()) if (byte !== (before[at] ?? 0)) changed += 1;
    }
    return changed;
  }

  [Symbol.dispose](): void {
    this.#made[Symbol.dispose]();
  }
}

/** The same text with memory enough for marking to be worth it. */
function roomier(text: string): string {
  return text.replace(/\(memory \(export "memory"\) \d+/, `(memory (export "memory") ${pages}`);
}

async function component(source: string | Uint8Array, method: string): Promise<LinkedWasm> {
  const binary = typeof source === "string" ? await assemble(roomier(source), "t") : source;
  return linkComponent(await prepareComponent(binary, { name: "t", method, pristine: true }));
}

async function core(text: string, method: string, wit: string): Promise<LinkedWasm> {
  const binary = await assemble(roomier(text), "t");
  return linkCore(prepareCore(binary, { name: "t", method, signature: signatureOf(wit), pristine: true }));
}

describe("what a host writes is marked", () => {
  const valid = witType(3).filter((type) => !/_|"f39"/.test(JSON.stringify(type)));

  test("where it lowers arguments of any type", async () => {
    const typed = valid.chain((type) => fc.tuple(fc.constant(type), fc.array(witValue(type), { minLength: 1 })));
    await fc.assert(
      fc.asyncProperty(typed, async ([type, values]) => {
        const linked = await component(echoComponentWat(type), "echo");
        // A guest that writes nothing is not worth it.
        if (linked.marking === undefined) return;
        using witness = new Witness(linked);
        for (const value of values) witness.call(value);
      }),
      { numRuns: 60 },
    );
  });

  test.each(["utf8", "utf16", "latin1+utf16"] as const)("where it gives results and texts in %s", async (encoding) => {
    const text = {
      before: `(import "host" (func $host (param "s" string) (result (list string))))`,
      uses: { host: { type: "(param i32 i32 i32)", canon: "(canon lower (func $host) $options)" } },
      core: `(func (export "f") (param i32 i32) (call $host (local.get 0) (local.get 1) (i32.const 70000)))`,
      type: `(param "s" string)`,
      encoding,
    };
    const linked = await component(smallComponent(text), "f");
    const host = { default: (said: string) => [said, "é", "雪", `${said} again`] };
    using witness = new Witness(linked, { host });
    for (const said of ["", "abc", "déjà", "雪".repeat(9_000)]) expect(witness.call(said)).toBeGreaterThan(10);
  });

  test("where it lowers for a core module, whatever its allocator says", async () => {
    const text = `(module (memory (export "memory") 1) (data (i32.const 9000) "data")
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.and (i32.mul (local.get 3) (i32.const 4096)) (i32.const 131064)))
      (func (export "f") (param i32 i32 i32 i32) (i32.store (i32.const 200000) (i32.const 1))))`;
    using witness = new Witness(await core(text, "f", "f: func(text: string, numbers: list<u64>);"));
    for (const size of [0, 1, 7, 100, 5_000]) {
      expect(
        witness.call(
          "x".repeat(size),
          Array.from({ length: size }, () => 7),
        ),
      ).toBeGreaterThan(size);
    }
  });

  test("where it gives a plugin its text", async () => {
    const text = `(module (memory (export "memory") 1)
      (func (export "allocate") (param i32) (result i32) (i32.sub (i32.const 200000) (local.get 0)))
      (func (export "f") (param i32 i32) (result i64) (i32.store (i32.const 8) (i32.const 1)) (i64.const 0)))`;
    using witness = new Witness(await core(text, "f", "f: func(text: string) -> string;"));
    for (const size of [1, 4_096, 100_000]) expect(witness.call("x".repeat(size))).toBe(size + 1);
  });

  test("where it writes without saying where, as functions of WASI preview 1 do", async () => {
    const text = `(module (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "f") (param i32) (i32.store (i32.const 100000) (i32.const 1)) (drop (call $random (local.get 0) (i32.const 64)))))`;
    const linked = await core(text, "f", "f: func(at: u32);");
    expect(linked.marking).toBeDefined();
    const { realm, memories } = spyRealm();
    let memory: WebAssembly.Memory | undefined;
    const random_get = (at: number, length: number): number => {
      new Uint8Array(memory?.buffer ?? new ArrayBuffer(0)).fill(9, at, at + length);
      return 0;
    };
    const made = await linked.instantiate(
      { wasi_snapshot_preview1: { random_get } },
      { realm, resetting: keepsNothing, onMemory: (its) => (memory = its) },
    );
    expect([...memories]).toEqual([memory]);
    for (const at of [0, 70_000, bytes - 64]) {
      void made.call([at]);
      expect(new Uint8Array(memory?.buffer ?? new ArrayBuffer(0))[at]).toBe(9);
      expect(made.reset?.()).toBe(true);
      expect(new Uint8Array(memory?.buffer ?? new ArrayBuffer(0)).every((byte) => byte === 0)).toBe(true);
    }
    made[Symbol.dispose]();
  });

  test("in Rust, whose memory begins with data", async () => {
    const users = (count: number) =>
      Array.from({ length: count }, (_, id) => ({ id, name: `user ${id}`, tags: ["a", "b"], active: true }));
    using witness = new Witness(await component(guest("rust/shapes/shapes.wasm"), "transform-users"));
    for (const count of [1, 0, 50, 400, 3]) expect(witness.call(users(count))).toBeGreaterThan(count);
  });
});

test("nobody else has a guest's memory: whoever joins these marks what it writes", () => {
  const source = join(import.meta.dirname, "../../../../../src");
  const files = globSync("**/*.ts", { cwd: source }).filter((file) => !file.startsWith("engine/wasm/limits/"));
  const found = files.filter((file) =>
    /WebAssembly\.Memory|emory\)?\??\.buffer/.test(readFileSync(join(source, file), "utf8")),
  );
  expect(found.toSorted()).toEqual([
    "engine/wasm/canonical/guest-memory.ts",
    // Marks everything when it calls functions that are no functions of WIT: those of WASI preview 1, below.
    "engine/wasm/core/imports.seam.ts",
    "engine/wasm/core/packed.ts",
    // Only a type.
    "engine/wasm/program.ts",
    "hosts/preview1/bind.ts",
    "hosts/preview1/guest.ts",
    "hosts/preview1/shim.seam.ts",
  ]);
});
