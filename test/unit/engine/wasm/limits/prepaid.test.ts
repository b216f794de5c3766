import { describe, expect, test } from "vitest";
import { codeOf, metered } from "./support.seam.ts";

/** Functions that only direct calls reach, in all the ways in which they may call each other. */
const text = `(module
  (type $t (func (param i32) (result i32)))
  (table 2 funcref) (elem (i32.const 0) $listed)
  (global $named funcref (ref.func $named))
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0)) (else (i32.add
      (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "fib") (type $t) (call $fib (local.get 0)))
  (func $even (type $t) (if (result i32) (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
  (func $odd (type $t) (if (result i32) (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
  (func (export "even") (type $t) (call $even (local.get 0)))
  (func $tail (type $t) (if (local.get 0) (then (return_call $tail (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))
  (func (export "tail") (type $t) (return_call $tail (local.get 0)))
  (func $small (type $t) (if (result i32) (i32.gt_s (local.get 0) (i32.const 9)) (then (i32.const 1)) (else (call $smaller (local.get 0)))))
  (func $smaller (type $t) (i32.mul (local.get 0) (i32.const 3)))
  (func (export "loop") (type $t) (local $sum i32) (loop $again
    (local.set $sum (i32.add (local.get $sum) (call $small (local.get 0))))
    (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get $sum))
  (func $listed (type $t) (if (result i32) (local.get 0)
    (then (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))) (else (i32.const 5))))
  (func (export "listed") (type $t) (call $listed (local.get 0)))
  (func $named (type $t) (call $fib (local.get 0)))
  (func $spin (param i32) (call $spin (local.get 0)))
  (func (export "spin") (param i32) (call $spin (local.get 0)))
  (func $turn (param i32) (return_call $turn (local.get 0)))
  (func (export "turn") (param i32) (return_call $turn (local.get 0)))
  (func $out (param i32) (call_indirect (type $back) (local.get 0) (i32.const 1)))
  (type $back (func (param i32)))
  (func $back (param i32) (return_call $out (local.get 0)))
  (elem (i32.const 1) $back)
  (func (export "round") (param i32) (call $out (local.get 0))))`;

const endless = ["spin", "turn", "round"];

describe("functions that only direct calls reach", () => {
  test.each([
    ["fib", 15, 610],
    ["even", 20, 1],
    ["tail", 30, 7],
    ["loop", 12, 138],
    ["listed", 10, 5],
  ] as const)(
    "%s: gives what it gives, for the same fuel each time, and for not one less",
    async (method, argument, result) => {
      const { call, meter } = await metered(text, { fuel: 1e9 });
      expect(call(method, argument)).toBe(result);
      const { fuelUsed = 0 } = meter.usage();
      expect(call(method, argument)).toBe(result);
      expect(meter.usage().fuelUsed).toBe(fuelUsed);
      const exact = await metered(text, { fuel: fuelUsed });
      expect(exact.call(method, argument)).toBe(result);
      const less = await metered(text, { fuel: fuelUsed - 1 });
      expect(codeOf(() => less.call(method, argument))).toBe("FUEL_EXHAUSTED");
    },
  );

  test("are charged for every call", async () => {
    const { call, meter } = await metered(text, { fuel: 1e9 });
    const used = (method: string, argument: number): number => {
      call(method, argument);
      return meter.usage().fuelUsed ?? 0;
    };
    // fib(n + 1) - 1 calls make two more.
    const inner = [
      [4, 4],
      [8, 33],
      [16, 1_596],
    ].map(([n = 0, calls = 1]) => (used("fib", n) - used("fib", 1)) / calls);
    expect(new Set(inner).size).toBe(1);
    expect(used("even", 40) - used("even", 20)).toBe(2 * (used("even", 20) - used("even", 10)));
    expect(used("tail", 40) - used("tail", 20)).toBe(2 * (used("tail", 20) - used("tail", 10)));
    expect(used("listed", 40) - used("listed", 20)).toBe(2 * (used("listed", 20) - used("listed", 10)));
    expect(used("loop", 2) - used("loop", 1)).toBeGreaterThan(20);
  });

  test.each(endless)("end when they go on for ever: %s", async (method) => {
    const { call } = await metered(text, { fuel: 5_000 });
    expect(codeOf(() => call(method, 1))).toBe("FUEL_EXHAUSTED");
  });
});
