import { describe, expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { WeftError } from "../../../../../src/core/errors.ts";
import { Meter } from "../../../../../src/engine/wasm/limits/meter.ts";
import type { WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import { limitModules } from "../../../../../src/engine/wasm/limits/prepare.ts";
import { translateTrap } from "../../../../../src/engine/wasm/traps.ts";
import { callExport, codeOf, metered, name } from "./support.seam.ts";

const page = 65_536;
const growing = `(module (memory (export "memory") 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "must") (param i32) (result i32) (if (i32.eq (memory.grow (local.get 0)) (i32.const -1)) (then (unreachable))) (memory.size))
  (func (export "trap") (unreachable)))`;

function failureOf(work: () => unknown): WeftError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof WeftError) return thrown;
    throw thrown;
  }
  throw new Error("it did not fail");
}

describe("memory", () => {
  const limits = { memoryBytes: 4 * page };

  test("grows up to its limit and not beyond", async () => {
    const { call, meter } = await metered(growing, limits);
    expect([call("grow", 2), call("grow", 2), call("grow", 1), call("grow", 1), call("size")]).toEqual([
      1, -1, 3, -1, 4,
    ]);
    expect(meter.usage()).toEqual({ peakMemoryBytes: 4 * page });
  });

  test("that was refused is behind the trap that follows", async () => {
    const { call } = await metered(growing, limits);
    expect(call("must", 3)).toBe(4);
    const failure = failureOf(() => call("must", 1));
    expect(failure.code).toBe("MEMORY_EXCEEDED");
    expect(failure.message).toContain("test:guest");
    expect(failure.message).toContain(String(4 * page));
    expect(failure.message).toContain("limits.max_memory_bytes");
    expect(failure.guestStack).toContain("test:guest");
  });

  test("has nothing to do with a trap when none was refused", async () => {
    const { call } = await metered(growing, limits);
    expect(codeOf(() => call("trap"))).toBe("TRAP_UNREACHABLE");
  });

  test("of which a module wants too much to begin with is refused at load, with both numbers", async () => {
    const failure = await metered("(module (memory 3))", { memoryBytes: 2 * page }).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "MEMORY_EXCEEDED", details: { bytes: 3 * page, limit: 2 * page } });
    await expect(metered("(module (memory 3))", { memoryBytes: 3 * page })).resolves.toBeDefined();
  });

  test("is limited for all memories of a module together", async () => {
    const text = `(module (memory 1) (memory i64 1)
      (func (export "a") (param i32) (result i32) (memory.grow 0 (local.get 0)))
      (func (export "b") (param i64) (result i64) (memory.grow 1 (local.get 0))))`;
    const { call } = await metered(text, limits);
    expect([call("a", 2), call("b", 1n), call("a", 1), call("b", -1n), call("a", -1)]).toEqual([1, -1n, -1, -1n, -1]);
    const wide = await metered(text, limits);
    expect([wide.call("b", 3n), wide.call("b", 2n), wide.call("a", 1)]).toEqual([-1n, 1n, -1]);
  });

  test("may be limited to more than V8 gives", async () => {
    for (const memory of ["(memory 1)", "(memory 1 65536)", "(memory i64 1)", "(memory i64 1 262144)"]) {
      await expect(metered(`(module ${memory})`, { memoryBytes: 2 ** 45 })).resolves.toBeDefined();
    }
  });

  test("shared by threads is limited as well", async () => {
    const text = `(module (memory 1 100 shared) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`;
    const { call, meter } = await metered(text, limits);
    expect([call("grow", 3), call("grow", 1)]).toEqual([1, -1]);
    expect(meter.usage().peakMemoryBytes).toBe(4 * page);
  });

  test("grows in a start function, which may trap for the want of it", async () => {
    const text = (pages: number) =>
      `(module (memory 1) (start $s) (func $s (if (i32.eq (memory.grow (i32.const ${pages})) (i32.const -1)) (then (unreachable)))))`;
    await expect(metered(text(3), limits)).resolves.toBeDefined();
    await expect(metered(text(4), limits)).rejects.toMatchObject({ code: "MEMORY_EXCEEDED" });
  });

  test("a module's own maximum counts as a refusal, too", async () => {
    const { call } = await metered(growing.replace('"memory") 1', '"memory") 1 2'));
    expect(call("must", 1)).toBe(2);
    expect(codeOf(() => call("must", 1))).toBe("MEMORY_EXCEEDED");
  });
});

describe("tables", () => {
  const text = `(module (table 1 externref) (func (export "grow") (param i32) (result i32) (table.grow (ref.null extern) (local.get 0)))
    (func (export "must") (param i32) (if (i32.eq (table.grow (ref.null extern) (local.get 0)) (i32.const -1)) (then (unreachable)))))`;

  test("have at most a million elements", async () => {
    const { call } = await metered(text);
    expect([call("grow", 1_000_000), call("grow", 999_999), call("grow", 1)]).toEqual([-1, 1, -1]);
    expect(codeOf(() => call("must", 1))).toBe("MEMORY_EXCEEDED");
  });

  test("that begin with more are refused at load", async () => {
    await expect(metered("(module (table 1000001 funcref))")).rejects.toMatchObject({ code: "MEMORY_EXCEEDED" });
    await expect(metered("(module (table 1000000 funcref))")).resolves.toBeDefined();
  });
});

const looping = `(module (tag $e)
  (func (export "loop") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "straight") (result i32) (i32.add (i32.const 1) (i32.const 2)))
  (func $recurse (export "recurse") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $recurse (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func (export "stubborn") (loop $again (block $h (try_table (catch_all $h) (loop $spin (br $spin)))) (br $again)))
  (func (export "thrower") (loop $again (block $h (try_table (catch_all $h) (throw $e))) (br $again)))
  (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 0) (local.get 0))) (memory 100))`;

describe("fuel", () => {
  test("just enough is enough, and one less is not", async () => {
    const { call, meter } = await metered(looping, { fuel: 1_000_000 });
    for (const [method, args] of [
      ["loop", [100]],
      ["straight", []],
      ["recurse", [20]],
      ["fill", [1_000_000]],
    ] as const) {
      call(method, ...args);
      const { fuelUsed = 0 } = meter.usage();
      expect(fuelUsed).toBeGreaterThan(2);
      const exact = await metered(looping, { fuel: fuelUsed });
      exact.call(method, ...args);
      const less = await metered(looping, { fuel: fuelUsed - 1 });
      expect(codeOf(() => less.call(method, ...args))).toBe("FUEL_EXHAUSTED");
    }
  });

  test("may be more than 32 bits hold", async () => {
    const { call, meter } = await metered(looping, { fuel: 2 ** 50 });
    call("loop", 10);
    expect(meter.usage().fuelUsed).toBeLessThan(100);
  });

  test("is whole again for each call", async () => {
    const { call, meter } = await metered(looping, { fuel: 1_000 });
    for (let round = 0; round < 100; round++) call("loop", 50);
    expect(meter.usage().fuelUsed).toBeLessThan(1_000);
  });

  test.each(["stubborn", "thrower"])("that is used up cannot be caught: %s", async (method) => {
    const { call } = await metered(looping, { fuel: 100_000 });
    const failure = failureOf(() => call(method));
    expect(failure.code).toBe("FUEL_EXHAUSTED");
    expect(failure.message).toContain("limits.max_fuel");
    expect(failure.guestStack).toContain("test:guest");
  });

  test("is charged for bulk operations by their length", async () => {
    const { call, meter } = await metered(looping, { fuel: 1_000_000 });
    call("fill", 128);
    const short = meter.usage().fuelUsed ?? 0;
    call("fill", 128_128);
    expect(meter.usage().fuelUsed).toBe(short + 1_000);
  });

  test("ends a start function that does not end", async () => {
    const text = "(module (start $s) (func $s (loop (br 0))))";
    await expect(metered(text, { fuel: 1_000 })).rejects.toMatchObject({ code: "FUEL_EXHAUSTED" });
  });
});

describe("the stack", () => {
  const limits: WasmLimits = { stackBytes: 10_000 };

  test("is limited by its frames", async () => {
    const { call } = await metered(looping, limits);
    expect(call("recurse", 100)).toBe(100);
    const failure = failureOf(() => call("recurse", 1_000));
    expect(failure.code).toBe("STACK_OVERFLOW");
    expect(failure.message).toContain("limits.max_stack_bytes");
    expect(failure.guestStack?.split("\n").at(0)).toBe("test:guest.recurse");
  });

  test("is given back when calls return, throw and tail-call", async () => {
    const text = `(module (tag $e)
      (func $deep (param i32) (if (i32.eqz (local.get 0)) (then (throw $e))) (call $deep (i32.sub (local.get 0) (i32.const 1))))
      (func (export "catches") (param i32) (loop $again (block $h (try_table (catch_all $h) (call $deep (i32.const 50)))) (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func $tail (export "tails") (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (return (i32.const 1)))) (return_call $tail (i32.sub (local.get 0) (i32.const 1))))
      (func $early (export "returns") (param i32) (if (local.get 0) (then (call $early (i32.const 0)) (return))) (call $leaf)) (func $leaf))`;
    const { call } = await metered(text, limits);
    call("catches", 1_000);
    expect(call("tails", 100_000)).toBe(1);
    for (let round = 0; round < 1_000; round++) call("returns", 1);
  });

  test("that V8 finds too deep is told the same way", async () => {
    const { call } = await metered(looping, {});
    expect(codeOf(() => call("recurse", 100_000_000))).toBe("STACK_OVERFLOW");
  });
});

describe("several modules of one instance", () => {
  async function pair(
    limits: WasmLimits,
    text: string = growing,
  ): Promise<{ meter: Meter; a: WebAssembly.Exports; b: WebAssembly.Exports }> {
    const bytes = await assemble(text, name);
    const { modules, plans } = limitModules({ a: bytes, b: bytes }, { name, limits });
    const meter = new Meter({ name, limits });
    const make = (part: "a" | "b"): WebAssembly.Exports => {
      const [module, plan] = [modules[part], plans[part]];
      if (module === undefined || plan === undefined) throw new Error("a module is missing");
      const { exports } = new WebAssembly.Instance(module, meter.imports(plan));
      meter.attach(plan, exports);
      return exports;
    };
    return { meter, a: make("a"), b: make("b") };
  }

  test("share the limit of their memories", async () => {
    const { meter, a, b } = await pair({ memoryBytes: 6 * page });
    const grow = (module: WebAssembly.Exports, pages: number) => callExport(module, "grow", [pages]);
    expect([grow(a, 2), grow(b, 3), grow(b, 2), grow(a, 1)]).toEqual([1, -1, 1, -1]);
    expect(meter.usage().peakMemoryBytes).toBe(6 * page);
  });

  test("cannot begin with more than the limit together", async () => {
    await expect(pair({ memoryBytes: 2 * page })).resolves.toBeDefined();
    await expect(pair({ memoryBytes: 1 * page })).rejects.toMatchObject({ code: "MEMORY_EXCEEDED" });
  });

  test("share their fuel to the last drop", async () => {
    const fuel = 100_000;
    const { meter, a, b } = await pair({ fuel }, looping);
    const loop = (module: WebAssembly.Exports, times: number) => callExport(module, "loop", [times]);
    meter.enter();
    loop(a, 1_000);
    const { fuelUsed: thousand = 0 } = meter.usage();
    // Each alone would have half.
    loop(a, 8_000);
    loop(b, 1_000);
    const { fuelUsed: ten = 0 } = meter.usage();
    expect(ten).toBeGreaterThan(9.9 * thousand);
    expect(ten).toBeLessThan(10.1 * thousand);
    let error: unknown;
    try {
      for (;;) loop(b, 10);
    } catch (thrown) {
      error = meter.explain(translateTrap(thrown, { name }));
    }
    expect(error).toMatchObject({ code: "FUEL_EXHAUSTED" });
    expect(meter.usage().fuelUsed).toBeGreaterThan(fuel);
    expect(meter.usage().fuelUsed).toBeLessThan(fuel + 100);
  });

  test("agree on a memory that one exports and the other grows", async () => {
    const owner = await assemble(growing, name);
    const user = await assemble(
      `(module (import "o" "memory" (memory 1)) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`,
      name,
    );
    const limits = { memoryBytes: 8 * page };
    const { modules, plans } = limitModules({ owner, user }, { name, limits });
    for (let round = 0; round < 3; round++) {
      const meter = new Meter({ name, limits });
      const make = (part: string, imports: WebAssembly.Imports): WebAssembly.Exports => {
        const [module, plan] = [modules[part], plans[part]];
        if (module === undefined || plan === undefined) throw new Error("a module is missing");
        const { exports } = new WebAssembly.Instance(module, meter.imports(plan, imports));
        meter.attach(plan, exports);
        return exports;
      };
      const o = make("owner", {});
      const u = make("user", { o });
      const grown = [callExport(u, "grow", [1]), callExport(o, "grow", [1]), callExport(u, "grow", [2])];
      expect([...grown, callExport(o, "size", []), callExport(u, "grow", [4])]).toEqual([1, 2, 3, 5, -1]);
      expect(meter.usage().peakMemoryBytes).toBe(5 * page);
      meter.end({ reuse: true });
    }
  });

  test("are at most a thousand", async () => {
    const bytes = await assemble("(module)", name);
    const { modules, plans } = limitModules({ a: bytes }, { name, limits: {} });
    const [module, plan] = [modules["a"], plans["a"]];
    if (module === undefined || plan === undefined) throw new Error("a module is missing");
    const meter = new Meter({ name, limits: {} });
    const make = () => void new WebAssembly.Instance(module, meter.imports(plan));
    for (let count = 0; count < 1_000; count++) make();
    expect(codeOf(make)).toBe("UNSUPPORTED");
  });
});
