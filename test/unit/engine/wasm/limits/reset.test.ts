import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { GuestResource } from "../../../../../src/engine/wasm/component/direct/guest-resource.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { prepareComponent } from "../../../../../src/engine/wasm/component/prepare.ts";
import { linkCore } from "../../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../../src/engine/wasm/core/prepare.ts";
import type { WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import type { LinkedWasm, WasmInstance } from "../../../../../src/engine/wasm/program.ts";
import { failureOf, guest } from "../support.ts";

async function link(text: string, method = "smuggle", limits: WasmLimits = {}): Promise<LinkedWasm> {
  const bytes = await assemble(text, "test:guest");
  return linkCore(structuredClone(prepareCore(bytes, { name: "test:guest", method, limits, pristine: true })));
}

const resetting = { keepsNothing: () => false, onKeeping() {} };

async function make(linked: LinkedWasm, marks = false): Promise<WasmInstance> {
  return await linked.instantiate({}, { resetting: { ...resetting, marks } });
}

/** The same module with one more memory, large enough for marking to be worth it. */
function enlarged(text: string): string {
  return `${text.slice(0, text.lastIndexOf(")"))} (memory 4))`;
}

/** Modules whose `smuggle` gives the sum of all that it finds changed, then changes it. */
const resettable: Readonly<Record<string, string>> = {
  "an integer in memory": `(module (memory 1)
    (func (export "smuggle") (result i32)
      (i32.load (i32.const 100)) (i32.store (i32.const 100) (i32.const 1))))`,
  "the first and the last byte, and what is not aligned": `(module (memory 2)
    (func (export "smuggle") (result i32)
      (i32.add (i32.add (i32.load8_u (i32.const 0)) (i32.load8_u (i32.const 131071))) (i32.load8_u (i32.const 4097)))
      (i32.store8 (i32.const 0) (i32.const 1)) (i32.store8 (i32.const 131071) (i32.const 1)) (i32.store8 (i32.const 4097) (i32.const 1))))`,
  "the contents of data segments, zeroed and written": `(module (memory 1) (data (i32.const 8190) "abcdef") (data (i32.const 65532) "\\ff\\ff\\ff\\ff")
    (func (export "smuggle") (result i32)
      (i32.add (i32.ne (i32.load (i32.const 8190)) (i32.const 0x64636261)) (i32.ne (i32.load (i32.const 65532)) (i32.const -1)))
      (i32.store (i32.const 8190) (i32.const 0)) (i32.store (i32.const 65532) (i32.const 5))))`,
  "globals of every number": `(module (global $a (mut i32) (i32.const -7)) (global $b (mut i64) (i64.const 0x7fffffffffffffff))
    (global $c (mut f32) (f32.const 0.1)) (global $d (mut f64) (f64.const -0))
    (func (export "smuggle") (result i32)
      (i32.add (i32.add (i32.ne (global.get $a) (i32.const -7)) (i64.ne (global.get $b) (i64.const 0x7fffffffffffffff)))
        (i32.add (f32.ne (global.get $c) (f32.const 0.1)) (i64.ne (i64.reinterpret_f64 (global.get $d)) (i64.const 0x8000000000000000))))
      (global.set $a (i32.const 1)) (global.set $b (i64.const 1)) (global.set $c (f32.const 1)) (global.set $d (f64.const 0))))`,
  "memory that has grown": `(module (memory 1)
    (func (export "smuggle") (result i32) (local $seen i32)
      (local.set $seen (i32.ne (memory.size) (i32.const 1)))
      (drop (memory.grow (i32.const 2)))
      (local.set $seen (i32.add (local.get $seen) (i32.load (i32.const 190000))))
      (i32.store (i32.const 190000) (i32.const 1))
      (local.get $seen)))`,
  "memory past the size that it was told": `(module (memory 1)
    (func (export "grow") (drop (memory.grow (i32.const 2))))
    (func (export "smuggle") (result i32)
      (drop (memory.grow (i32.const 1)))
      (i32.load (i32.const 100000)) (i32.store (i32.const 100000) (i32.const 1))))`,
  "two memories, one with wide addresses": `(module (memory $a 1) (memory $b i64 1 4)
    (func (export "smuggle") (result i32)
      (i32.add (i32.load $a (i32.const 4)) (i32.load $b (i64.const 4)))
      (drop (memory.grow $b (i64.const 1)))
      (i32.store $a (i32.const 4) (i32.const 1)) (i32.store $b (i64.const 4) (i32.const 1))))`,
  "passive segments that stay": `(module (memory 1) (data $d "x")
    (func (export "smuggle") (result i32)
      (i32.load (i32.const 0)) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))`,
};

/** Parts of modules that have state which nothing puts back, and their bodies. */
const others: Readonly<Record<string, string>> = {
  "table.set": `(table $t 1 funcref) (func (export "smuggle") (table.set $t (i32.const 0) (ref.null func)))`,
  "table.grow": `(table $t 1 funcref) (func (export "smuggle") (drop (table.grow $t (ref.null func) (i32.const 1))))`,
  "table.fill": `(table $t 1 funcref) (func (export "smuggle") (table.fill $t (i32.const 0) (ref.null func) (i32.const 1)))`,
  "table.copy": `(table $t 2 funcref) (func (export "smuggle") (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1)))`,
  "table.init": `(table $t 1 funcref) (func $f) (elem $e func $f) (func (export "smuggle") (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1)))`,
  "elem.drop": `(func $f) (elem $e func $f) (func (export "smuggle") (elem.drop $e))`,
  "data.drop": `(memory 1) (data $d "x") (func (export "smuggle") (data.drop $d))`,
  "a reference in a global": `(global $g (mut funcref) (ref.null func)) (func (export "smuggle") (global.set $g (ref.null func)))`,
  "a vector in a global": `(global $g (mut v128) (v128.const i32x4 0 0 0 0)) (func (export "smuggle") (global.set $g (v128.const i32x4 1 0 0 0)))`,
  "somebody else's global": `(import "env" "g" (global $g (mut i32))) (func (export "smuggle") (global.set $g (i32.const 1)))`,
  "an object in a global that does not change": `(type $s (struct (field (mut i32)))) (global $g (ref $s) (struct.new $s (i32.const 0))) (func (export "smuggle") (struct.set $s 0 (global.get $g) (i32.const 1)))`,
  "a start function": `(memory 1) (func $s (i32.store (i32.const 0) (i32.const 1))) (start $s) (func (export "smuggle"))`,
  "too many globals": `${Array.from({ length: 17 }, () => "(global (mut i32) (i32.const 0))").join("")} (func (export "smuggle"))`,
  "a shared memory": `(memory 1 2 shared) (func (export "smuggle"))`,
};

describe("an instance that is reset", () => {
  test.each(Object.entries(resettable))("carries nothing over in %s", async (_name, text) => {
    for (const limits of [{}, { fuel: 10_000, stackBytes: 10_000, memoryBytes: 65_536 * 64 }]) {
      const linked = await link(text, "smuggle", limits);
      expect(linked.resets).toBe(true);
      using made = await make(linked);
      for (let round = 0; round < 4; round += 1) {
        expect(made.call([])).toBe(0);
        expect(made.reset?.()).toBe(true);
      }
      expect(made.call([])).toBe(0);
      // Without a reset, it does see it: the guest is a good spy.
      expect(made.call([])).not.toBe(0);
    }
  });

  test.each(Object.entries(resettable))(
    "carries nothing over in %s when it marks what it writes to",
    async (name, text) => {
      for (const limits of [{}, { exactMemory: true }, { memoryBytes: 65_536 * 64 }]) {
        const linked = await link(enlarged(text), "smuggle", limits);
        expect(linked.marking !== undefined).toBe(name !== "globals of every number" && !name.includes("wide"));
        using made = await make(linked, true);
        for (let round = 0; round < 4; round += 1) {
          expect(made.call([])).toBe(0);
          const grows = text.includes("memory.grow") && "exactMemory" in limits;
          expect(made.reset?.()).toBe(!grows);
          if (grows) return;
        }
        expect(made.call([])).toBe(0);
        expect(made.call([])).not.toBe(0);
      }
    },
  );

  test("begins with the memory that it had, whatever was written where", async () => {
    const text = `(module (memory (export "memory") 2) (data (i32.const 60000) "${"data".repeat(2_000)}")
      (func (export "write") (param i32 i32) (result i32)
        (i32.store (local.get 0) (local.get 1)) (local.get 1))
      (func (export "sum") (result i32) (local $i i32) (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.load (local.get $i))))
          (local.set $i (i32.add (local.get $i) (i32.const 4)))
          (br_if $next (i32.lt_u (local.get $i) (i32.const 131072))))
        (local.get $sum)))`;
    const both = text.replace(
      '(func (export "write")',
      `(func (export "both") (param i32 i32) (result i32) (call $sum) (drop (call $write (local.get 0) (local.get 1))))
       (func $write (export "write")`,
    );
    const linked = await link(enlarged(both.replace('(func (export "sum")', '(func $sum (export "sum")')), "both");
    for (const marks of [false, true]) {
      using made = await make(linked, marks);
      const first = made.call([0, 0]);
      expect(made.reset?.()).toBe(true);
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 131_068 }), fc.integer(), (at, value) => {
          expect(made.call([at, value])).toBe(first);
          expect(made.reset?.()).toBe(true);
        }),
        { numRuns: 300 },
      );
    }
  });

  test("is none that failed, and none that is in a call", async () => {
    const linked = await link(
      `(module (memory 1) (func (export "smuggle") (param i32) (if (local.get 0) (then unreachable))))`,
    );
    using made = await make(linked);
    expect(made.call([0])).toBe(null);
    expect(made.reset?.()).toBe(true);
    await failureOf(() => made.call([1]));
    expect(made.reset?.()).toBe(false);
    made[Symbol.dispose]();
    expect(made.reset?.()).toBe(false);
  });

  test("is none whose memory has become far larger", async () => {
    const linked = await link(`(module (memory 1) (func (export "smuggle") (drop (memory.grow (i32.const 100)))))`);
    using made = await make(linked);
    expect(made.call([])).toBe(null);
    expect(made.reset?.()).toBe(false);
  });

  test("is none that begins with more than is worth keeping, or with what JavaScript cannot hold", async () => {
    for (const text of [
      `(module (memory 400) (func (export "smuggle")))`,
      `(module (global (mut f64) (f64.const nan:0x123)) (func (export "smuggle")))`,
    ]) {
      using made = await make(await link(text));
      expect(made.call([])).toBe(null);
      expect(made.reset?.()).toBe(false);
    }
  });
});

test.each(Object.entries(others))("a module with %s cannot be reset", async (_name, parts) => {
  const linked = await link(`(module ${parts})`);
  expect(linked.resets).toBe(false);
  using made = await make(linked);
  void made.call([]);
  expect(made.reset?.()).toBe(false);
});

test("a memory that has really grown is none that can be put back", async () => {
  const text = `(module (memory 1) (func (export "smuggle") (param i32) (result i32) (memory.grow (local.get 0))))`;
  const linked = await link(text, "smuggle", { exactMemory: true });
  using made = await make(linked);
  expect(made.call([0])).toBe(1);
  expect(made.reset?.()).toBe(true);
  expect(made.call([1])).toBe(1);
  expect(made.reset?.()).toBe(false);
});

test("calls of hosts that may keep something are told from those that keep nothing", async () => {
  const text = `(module (import "h" "tells" (func $tells)) (import "h" "keeps" (func $keeps))
    (func (export "smuggle") (param i32) (call $tells) (if (local.get 0) (then (call $keeps)))))`;
  const linked = await link(text);
  const asked: string[] = [];
  const [tells, keeps] = ["tells", "keeps"].map((name) => () => void asked.push(name));
  if (tells === undefined || keeps === undefined) throw new Error("no hosts");
  using made = await linked.instantiate(
    { h: { tells, keeps } },
    {
      resetting: {
        keepsNothing: (module, name) => module === "h" && name === "tells",
        onKeeping: () => asked.push("!"),
      },
    },
  );
  void made.call([0]);
  expect(asked).toEqual(["tells"]);
  void made.call([1]);
  expect(asked).toEqual(["tells", "tells", "!", "keeps"]);
});

test("a memory that others have, too, is not put back", async () => {
  const text = `(module (import "env" "memory" (memory 1)) (func (export "smuggle") (i32.store (i32.const 0) (i32.const 1))))`;
  const linked = await link(text);
  const memory = new WebAssembly.Memory({ initial: 1 });
  using lent = await linked.instantiate({ env: { memory } }, { resetting });
  void lent.call([]);
  expect(lent.reset?.()).toBe(false);
  using own = await make(linked);
  void own.call([]);
  expect(own.reset?.()).toBe(true);
});

describe("a component that is reset", () => {
  const component = async (source: string | Uint8Array, method: string): Promise<LinkedWasm> => {
    const bytes = typeof source === "string" ? await assemble(source, "t") : source;
    return linkComponent(await prepareComponent(bytes, { name: "test:guest", method }));
  };

  test("carries nothing over in any of its modules", async () => {
    const linked = await component(
      `(component
        (core module $m (memory (export "memory") 1) (global $g (mut i32) (i32.const 0))
          (func (export "add") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
        (core module $n (import "m" "memory" (memory 1)) (import "m" "add" (func $add (result i32)))
          (func (export "smuggle") (result i32)
            (i32.add (call $add) (i32.load (i32.const 8))) (i32.store (i32.const 8) (i32.const 100))))
        (core instance $i (instantiate $m))
        (core instance $j (instantiate $n (with "m" (instance $i))))
        (func (export "smuggle") (result u32) (canon lift (core func $j "smuggle"))))`,
      "smuggle",
    );
    expect(linked.resets).toBe(true);
    using made = await make(linked);
    for (let round = 0; round < 3; round += 1) {
      expect(made.call([])).toBe(1);
      expect(made.reset?.()).toBe(true);
    }
  });

  test("is none that still holds a handle", async () => {
    const linked = await component(
      `(component (type $r (resource (rep i32)))
        (core func $new (canon resource.new $r))
        (core module $m (import "h" "new" (func $new (param i32) (result i32)))
          (func (export "f") (param i32) (result i32) (if (local.get 0) (then (drop (call $new (i32.const 7))))) (i32.const 1)))
        (core instance $i (instantiate $m (with "h" (instance (export "new" (func $new))))))
        (func (export "f") (param "hold" bool) (result u32) (canon lift (core func $i "f"))))`,
      "f",
    );
    using made = await make(linked);
    expect(made.call([false])).toBe(1);
    expect(made.reset?.()).toBe(linked.resets === true);
    expect(made.call([true])).toBe(1);
    expect(made.reset?.()).toBe(false);
  });

  test("is one again whose handles are all gone, and counts them from the first", async () => {
    const linked = await component(
      `(component (type $r (resource (rep i32)))
        (core func $new (canon resource.new $r)) (core func $drop (canon resource.drop $r))
        (core module $m (import "h" "new" (func $new (param i32) (result i32))) (import "h" "drop" (func $drop (param i32)))
          (func (export "f") (result i32) (local $first i32) (local $second i32)
            (local.set $first (call $new (i32.const 7)))
            (local.set $second (call $new (i32.const 8)))
            (call $drop (local.get $first))
            (call $drop (local.get $second))
            (local.get $first)))
        (core instance $i (instantiate $m (with "h" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
        (func (export "f") (result u32) (canon lift (core func $i "f"))))`,
      "f",
    );
    using made = await make(linked);
    expect(made.call([])).toBe(1);
    expect(made.reset?.()).toBe(true);
    expect(made.call([])).toBe(1);
    // Without a reset, numbers of handles come back in another order.
    expect(made.call([])).not.toBe(1);
  });

  test("is none of which somebody outside has a resource", async () => {
    const linked = await component(
      `(component (type $r (resource (rep i32)))
        (core func $new (canon resource.new $r))
        (core module $m (import "h" "new" (func $new (param i32) (result i32)))
          (func (export "f") (result i32) (call $new (i32.const 7))))
        (core instance $i (instantiate $m (with "h" (instance (export "new" (func $new))))))
        (export $e "thing" (type $r))
        (func (export "f") (result (own $e)) (canon lift (core func $i "f"))))`,
      "f",
    );
    using made = await make(linked);
    const thing = made.call([]);
    expect(made.canReset).toBe(false);
    expect(made.reset?.()).toBe(false);
    expect(thing).toBeInstanceOf(GuestResource);
  });

  test("calls the hosts that it is given then", async () => {
    const linked = await component(
      `(component (import "ask" (func $ask (result u32)))
        (core func $ask (canon lower (func $ask)))
        (core module $m (import "" "ask" (func $ask (result i32))) (func (export "f") (result i32) (call $ask)))
        (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
        (func (export "f") (result u32) (canon lift (core func $i "f"))))`,
      "f",
    );
    using made = await linked.instantiate({ ask: { default: () => 1 } }, { resetting });
    expect(made.call([])).toBe(1);
    expect(made.reset?.()).toBe(true);
    made.take?.({ ask: { default: () => 2 } });
    expect(made.call([])).toBe(2);
  });

  test("answers as a new one does, in Rust", async () => {
    const users = (count: number) => [
      Array.from({ length: count }, (_, id) => ({ id, name: `user ${id}`, tags: ["a", "b"], active: id % 2 === 0 })),
    ];
    const linked = await component(guest("rust/shapes/shapes.wasm"), "transform-users");
    expect(linked.resets).toBe(true);
    using made = await make(linked);
    for (const count of [1, 50, 0, 300, 2]) {
      using fresh = await make(linked);
      expect(made.call(users(count))).toEqual(fresh.call(users(count)));
      expect(made.usage()).toEqual(fresh.usage());
      expect(made.reset?.()).toBe(true);
    }
  });
});
