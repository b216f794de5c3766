import { Worker } from "node:worker_threads";
import { beforeEach, describe, expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { linkCore } from "../../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../../src/engine/wasm/core/prepare.ts";
import { InvalidModuleError } from "../../../../../src/engine/wasm/binary/invalid-module.ts";
import { memoryPool } from "../../../../../src/engine/wasm/limits/memory-pool.ts";
import type { WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import { prepareComponent } from "../../../../../src/engine/wasm/component/prepare.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import type { InstanceImports, LinkedWasm, WasmInstance } from "../../../../../src/engine/wasm/program.ts";
import { failureOf, guest, signatureOf } from "../support.ts";

const page = 65_536;

async function link(text: string | Uint8Array, method: string, more: { limits?: WasmLimits; wit?: string } = {}) {
  const bytes = typeof text === "string" ? await assemble(text, "test:guest") : text;
  const signature = more.wit === undefined ? undefined : signatureOf(more.wit);
  const { limits = {} } = more;
  return linkCore(structuredClone(prepareCore(bytes, { name: "test:guest", method, signature, limits })));
}

async function instance(linked: LinkedWasm, imports: InstanceImports = {}): Promise<WasmInstance> {
  return await linked.instantiate(imports);
}

const secrets = `(module (memory (export "memory") 1) (global $g (mut i32) (i32.const 0)) (table $t 1 funcref) (elem declare func $f) (func $f)
  (func (export "smuggle") (result i32) (local $seen i32)
    (local.set $seen (i32.add (i32.add (i32.load (i32.const 100)) (global.get $g)) (i32.eqz (ref.is_null (table.get $t (i32.const 0))))))
    (i32.store (i32.const 100) (i32.const 1)) (global.set $g (i32.const 1)) (table.set $t (i32.const 0) (ref.func $f))
    (if (i32.ge_s (memory.grow (i32.const 3)) (i32.const 0)) (then (local.set $seen (i32.add (local.get $seen) (i32.load (i32.const 150000)))) (i32.store (i32.const 150000) (i32.const 1))))
    (i32.add (local.get $seen) (i32.mul (i32.const 1000) (memory.size))))
  (func (export "beyond") (result i32) (local $seen i32) (local.set $seen (i32.load (i32.const 200000))) (i32.store (i32.const 200000) (i32.const 1)) (local.get $seen)))`;

describe("pristine instances", () => {
  beforeEach(() => memoryPool.clear());

  test("have the memory of those before them, and nothing of what was in it", async () => {
    const linked = await link(secrets, "smuggle");
    for (let round = 0; round < 5; round++) {
      using made = await instance(linked);
      expect(made.call([])).toBe(4_000);
      expect(memoryPool.idle).toBe(0);
    }
    expect(memoryPool.idle).toBe(1);
  });

  test("see nothing either that another wrote past the size it was told", async () => {
    {
      using large = await instance(await link(secrets, "smuggle"));
      void large.call([]);
    }
    const linked = await link(secrets, "beyond");
    for (let round = 0; round < 2; round++) {
      using made = await instance(linked);
      expect(made.call([])).toBe(0);
    }
  });

  test("trap past their size where that is asked for", async () => {
    const limits = { exactMemory: true };
    for (const method of ["smuggle", "beyond"]) {
      using made = await instance(await link(secrets, method, { limits }));
      if (method === "smuggle") expect(made.call([])).toBe(4_000);
      else expect((await failureOf(() => made.call([]))).code).toBe("TRAP_MEMORY_OUT_OF_BOUNDS");
    }
  });

  test("do not get the memory of a guest that failed, or that has not come back", async () => {
    const text = `(module (import "h" "wait" (func $wait)) (memory (export "memory") 1) (func (export "f") (param i32) (if (local.get 0) (then (unreachable))) (call $wait)))`;
    const linked = await link(text, "f");
    {
      using failed = await instance(linked);
      await failureOf(() => failed.call([1]));
    }
    const never = new WebAssembly.Suspending(() => new Promise(() => undefined));
    const waiting = await linked.instantiate({ h: { wait: never } }, { suspending: new Set(["other"]) });
    void waiting.call([0]);
    waiting[Symbol.dispose]();
    expect([memoryPool.idle, memoryPool.live]).toEqual([0, 0]);
  });
});

describe("core modules", () => {
  test("that are called again answer only for what this call was refused", async () => {
    const text = `(module (memory 1) (table $t 1 funcref)
      (func (export "f") (param $grow i32) (param $fail i32)
        (if (local.get $grow) (then (drop (memory.grow (i32.const 9))) (drop (table.grow $t (ref.null func) (i32.const 2000000)))))
        (if (local.get $fail) (then unreachable))))`;
    const linked = await link(text, "f", { limits: { memoryBytes: 2 * page } });
    using kept = await instance(linked);
    expect(kept.call([1, 0])).toBeNull();
    expect((await failureOf(() => kept.call([0, 1]))).code).toBe("TRAP_UNREACHABLE");
    using other = await instance(linked);
    expect((await failureOf(() => other.call([1, 1]))).code).toBe("MEMORY_EXCEEDED");
  });

  test("tell what they used, also when they have ended", async () => {
    const made = await instance(await link(secrets, "smuggle", { limits: { fuel: 1_000 } }));
    expect(made.usage()).toMatchObject({ peakMemoryBytes: page });
    void made.call([]);
    const used = made.usage();
    expect(used.peakMemoryBytes).toBe(4 * page);
    expect(used.fuelUsed).toBeGreaterThan(10);
    made[Symbol.dispose]();
    expect(made.usage()).toEqual(used);
  });

  test("with an imported memory are limited alike", async () => {
    const text = `(module (import "env" "memory" (memory 1)) (func (export "f") (param i32) (result i32) (memory.grow (local.get 0))))`;
    const linked = await link(text, "f", { limits: { memoryBytes: 4 * page } });
    using made = await instance(linked);
    expect([made.call([2]), made.call([2]), made.call([1])]).toEqual([1, -1, 3]);
    expect(made.usage().peakMemoryBytes).toBe(4 * page);
    const large = link('(module (import "env" "memory" (memory 9)) (func (export "f")))', "f", {
      limits: { memoryBytes: page },
    });
    await expect(large).rejects.toMatchObject({ code: "MEMORY_EXCEEDED" });
  });

  test("run out of memory, fuel and stack in every sort of function", async () => {
    const failure = async (path: string, method: string, limits: WasmLimits, wit?: string) => {
      using made = await instance(await link(guest(path), method, { limits, ...(wit && { wit }) }));
      return await failureOf(() => made.call(wit === undefined ? [] : ["a b c"]));
    };
    const count = "count-words: func(text: string) -> u32";
    expect((await failure("rust/core-strings/core-strings.wasm", "count-words", { fuel: 20 }, count)).code).toBe(
      "FUEL_EXHAUSTED",
    );
    expect((await failure("wat/recurse.wasm", "forever", { stackBytes: 100_000 })).code).toBe("STACK_OVERFLOW");
    expect((await failure("wat/spin.wasm", "spin", { fuel: 1e6 })).code).toBe("FUEL_EXHAUSTED");
    expect((await failure("wat/spin-catch.wasm", "spin", { fuel: 1e6 })).code).toBe("FUEL_EXHAUSTED");
  });

  test("that V8 refuses are refused with the place in what the author wrote", async () => {
    const bytes = new Uint8Array(
      await assemble(
        '(module (memory 1) (func (drop (memory.grow (i32.const 1)))) (func (export "f") (result i32) (i32.const 42)))',
        "t",
      ),
    );
    const place = bytes.lastIndexOf(0x41);
    bytes[place] = 0x42;
    let refusal: unknown;
    try {
      prepareCore(bytes, { name: "t", method: "f", limits: { fuel: 1 } });
    } catch (thrown) {
      refusal = thrown;
    }
    expect(refusal).toBeInstanceOf(InvalidModuleError);
    expect(refusal).toMatchObject({ offset: place + 2 });
  });
});

describe.each(["direct", "jco"] as const)("components, through %s", (engine) => {
  const component = async (limits: WasmLimits) =>
    linkComponent(
      await prepareComponent(guest("rust/shapes/shapes.wasm"), {
        name: "test:guest",
        method: "transform-users",
        limits,
        engine,
      }),
    );
  const users = [[{ id: 7, name: "Ada", tags: ["a"], active: true }]];

  test("are limited as a whole", async () => {
    const plenty = await instance(await component({ memoryBytes: 64 * page, fuel: 1e7 }));
    await plenty.call(users);
    const used = plenty.usage();
    expect(used.peakMemoryBytes).toBeGreaterThan(16 * page);
    expect(used.fuelUsed).toBeGreaterThan(100);
    plenty[Symbol.dispose]();
    expect(plenty.usage()).toEqual(used);
    const frugal = await instance(await component({ fuel: 100 }));
    expect((await failureOf(() => frugal.call(users))).code).toBe("FUEL_EXHAUSTED");
    const shallow = await instance(await component({ stackBytes: 100 }));
    expect((await failureOf(() => shallow.call(users))).code).toBe("STACK_OVERFLOW");
    await expect(component({ memoryBytes: page })).rejects.toMatchObject({ code: "MEMORY_EXCEEDED" });
  });
});

test("what all instances of a component begin with is summed when it is loaded", async () => {
  const twice = `(component (core module $m (memory 3) (func (export "f")))
    (core instance $i (instantiate $m)) (core instance (instantiate $m))
    (func (export "f") (canon lift (core func $i "f"))))`;
  const bytes = await assemble(twice, "t");
  const prepared = (pages: number) =>
    prepareComponent(bytes, { name: "test:guest", method: "f", limits: { memoryBytes: pages * page } });
  await expect(prepared(5)).rejects.toMatchObject({
    code: "MEMORY_EXCEEDED",
    message: expect.stringContaining(
      "its 2 core instances begin with 393216 bytes of memory (6 pages), but its limit is 327680",
    ),
  });
  expect((await prepared(6)).artefact.engine).toBe("direct");
});

test("a thread in a loop of long bulk operations ends when it is told to", async () => {
  const text = `(module (import "h" "started" (func $started)) (memory 1600) (func (export "spin") (call $started) (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 100000000)) (br 0))))`;
  const program = prepareCore(await assemble(text, "t"), { name: "t", method: "spin" });
  const code = `
    const { parentPort, workerData: { module, prefix } } = require("node:worker_threads");
    const memory0 = new WebAssembly.Memory({ initial: 1600 });
    const started = () => parentPort.postMessage("started");
    new WebAssembly.Instance(module, { h: { started }, [prefix]: { memory0 } }).exports.spin();`;
  const workerData = { module: program.module, prefix: program.plan.prefix };
  const worker = new Worker(code, { eval: true, workerData });
  await new Promise((resolve) => worker.once("message", resolve));
  await expect(worker.terminate()).resolves.toBe(1);
});
