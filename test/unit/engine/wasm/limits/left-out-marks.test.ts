import { describe, expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { cardsOf } from "../../../../../src/engine/wasm/limits/cards.ts";
import { callExport, instantiateMarking, memoryOf, unmarked } from "./support.seam.ts";

const pages = 4;
/** The last byte of a card: a store a little farther on is to the next one. */
const edge = 4_095;

async function make(functions: string): Promise<WebAssembly.Exports> {
  const text = `(module (memory (export "memory") ${pages}) (tag $e) (global $g i32 (i32.const 5)) ${functions})`;
  const made = instantiateMarking(new Uint8Array(await assemble(text, "t")));
  if (made === undefined) throw new Error("it cannot be marked");
  return made.exports;
}

/** Bodies of `(param $p i32) (param $q i32) (param $way i32)` in which a mark must not be left out, though another one looks alike. */
const bodies: Readonly<Record<string, string>> = {
  "in the other branch": `(if (local.get $way) (then (i32.store (local.get $p) (i32.const 1))) (else (i32.store (local.get $p) (i32.const 2))))`,
  "behind a branch that was not taken": `(if (local.get $way) (then (i32.store (local.get $p) (i32.const 1)))) (i32.store (local.get $p) (i32.const 2))`,
  "behind a block that was left": `(block (br_if 0 (local.get $way)) (i32.store (local.get $p) (i32.const 1))) (i32.store (local.get $p) (i32.const 2))`,
  "behind blocks that were left by a table": `(block (block (br_table 0 1 (local.get $way))) (i32.store (local.get $p) (i32.const 1))) (i32.store (local.get $p) (i32.const 2))`,
  "in an old handler": `(try (do (if (local.get $way) (then (throw $e))) (i32.store (local.get $p) (i32.const 1))) (catch $e (i32.store (local.get $p) (i32.const 2))))`,
  "in an old handler of all": `(try (do (if (local.get $way) (then (throw $e))) (i32.store (local.get $p) (i32.const 1))) (catch_all (i32.store (local.get $p) (i32.const 2))))`,
  "behind an old handler": `(try (do (if (local.get $way) (then (throw $e))) (i32.store (local.get $p) (i32.const 1))) (catch_all)) (i32.store (local.get $p) (i32.const 2))`,
  "behind a handler": `(block (try_table (catch_all 0) (if (local.get $way) (then (throw $e))) (i32.store (local.get $p) (i32.const 1)))) (i32.store (local.get $p) (i32.const 2))`,
  "behind what was delegated": `(try (do (try (do (if (local.get $way) (then (throw $e))) (i32.store (local.get $p) (i32.const 1))) (delegate 0))) (catch_all)) (i32.store (local.get $p) (i32.const 2))`,
  "after the local was set": `(i32.store (local.get $p) (i32.const 1)) (local.set $p (local.get $q)) (i32.store (local.get $p) (i32.const 2))`,
  "after the local was set in a branch": `(i32.store (local.get $p) (i32.const 1)) (if (local.get $way) (then (local.set $p (local.get $q)))) (i32.store (local.get $p) (i32.const 2))`,
  "after the local was set on the way": `(i32.store (local.get $p) (i32.const 1)) (i32.store (local.tee $p (local.get $q)) (i32.const 2))`,
  "while the local is set by the value": `(local.get $p) (local.set $p (local.get $q)) (i32.const 1) (i32.store) (i32.store (local.get $p) (i32.const 2))`,
  "in the next turn of a loop that sets the local at its end": `(i32.store (local.get $p) (i32.const 1))
    (loop (i32.store (local.get $p) (i32.const 2)) (local.set $p (local.get $q)) (br_if 0 (i32.eqz (local.tee $way (i32.eqz (local.get $way))))))`,
  "in a loop within the loop that sets the local": `(i32.store (local.get $p) (i32.const 1))
    (loop (loop (i32.store (local.get $p) (i32.const 2))) (local.set $p (local.get $q)) (br_if 0 (i32.eqz (local.tee $way (i32.eqz (local.get $way))))))`,
  "behind a loop that sets the local": `(i32.store (local.get $p) (i32.const 1)) (loop (local.set $p (local.get $q))) (i32.store (local.get $p) (i32.const 2))`,
  "where its offset leads off the card": `(i32.store (local.get $p) (i32.const 1)) (i64.store offset=1020 (local.get $p) (i64.const -1))`,
  "where an offset before was smaller": `(i32.store offset=5000 (local.get $p) (i32.const 1)) (i64.store offset=6020 (local.get $p) (i64.const -1))`,
  "where an offset before was larger": `(i32.store offset=5000 (local.get $p) (i32.const 1)) (i32.store offset=2000 (local.get $p) (i32.const -1))`,
  "on another card by a constant": `(i32.store (i32.const 100) (i32.const 1)) (i32.store offset=4096 (i32.const 100) (i32.const 1)) (i32.store (i32.const 12290) (i32.const 1))`,
  "on an earlier card by a constant": `(i32.store (i32.const 20000) (i32.const 1)) (i32.store (i32.const 100) (i32.const 1))`,
  "across the end of a card by a constant": `(i64.store (i32.const 4090) (i64.const -1)) (i64.store (i32.const 131068) (i64.const -1))`,
  "of as many places as nobody remembers": Array.from(
    { length: 80 },
    (_, at) => `(i32.store (i32.const ${(at % 60) * 4_096}) (i32.const ${at + 1}))`,
  ).join(" "),
};

describe("a mark is not left out", () => {
  test.each(Object.entries(bodies))("%s", async (_name, body) => {
    const exports = await make(`(func (export "f") (param $p i32) (param $q i32) (param $way i32) ${body})`);
    const memory = memoryOf(exports);
    for (const p of [edge, 9_000]) {
      for (const q of [100_000, p]) {
        for (const way of [0, 1]) {
          callExport(exports, "f", [p, q, way]);
          expect(unmarked(memory)).toEqual([]);
          new Uint8Array(memory.buffer).fill(0);
        }
      }
    }
  });
});

const integers = {
  same1: ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"],
  same2: [
    "add",
    "sub",
    "mul",
    "div_s",
    "div_u",
    "rem_s",
    "rem_u",
    "and",
    "or",
    "xor",
    "shl",
    "shr_s",
    "shr_u",
    "rotl",
    "rotr",
  ],
  test1: ["eqz"],
  test2: ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"],
};
const floats = {
  same1: ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"],
  same2: ["add", "sub", "mul", "div", "min", "max", "copysign"],
  test1: [],
  test2: ["eq", "ne", "lt", "gt", "le", "ge"],
};
const shapes = { i32: integers, i64: integers, f32: floats, f64: floats } as const;
const conversions: readonly (readonly [from: string, name: string, to: string])[] = [
  ["i64", "i32.wrap_i64", "i32"],
  ["i64", "i64.extend32_s", "i64"],
  ["f64", "f32.demote_f64", "f32"],
  ["f32", "f64.promote_f32", "f64"],
  ...["s", "u"].flatMap((sign) => [
    ["i32", `i64.extend_i32_${sign}`, "i64"] as const,
    ...["i32", "i64"].flatMap((integer) =>
      ["f32", "f64"].flatMap((float) => [
        [float, `${integer}.trunc_${float}_${sign}`, integer] as const,
        [integer, `${float}.convert_${integer}_${sign}`, float] as const,
      ]),
    ),
  ]),
  ["f32", "i32.reinterpret_f32", "i32"],
  ["i32", "f32.reinterpret_i32", "f32"],
  ["f64", "i64.reinterpret_f64", "i64"],
  ["i64", "f64.reinterpret_i64", "f64"],
  ...["i32", "i64", "f32", "f64"].map((type) => ["i32", `${type}.load`, type] as const),
  ...["8_s", "8_u", "16_s", "16_u"].flatMap((width) => [
    ["i32", `i32.load${width}`, "i32"] as const,
    ["i32", `i64.load${width}`, "i64"] as const,
  ]),
  ["i32", "i64.load32_s", "i64"],
  ["i32", "i64.load32_u", "i64"],
];

/** What the instruction puts on the stack, and what is there for it. */
interface Sample {
  readonly text: string;
  readonly to: string;
}

const samples: readonly Sample[] = [
  ...Object.entries(shapes).flatMap(([type, { same1, same2, test1, test2 }]): Sample[] => {
    const get = `local.get $${type}`;
    return [
      ...same1.map((name) => ({ text: `${get} ${type}.${name}`, to: type })),
      ...same2.map((name) => ({ text: `${get} ${get} ${type}.${name}`, to: type })),
      ...test1.map((name) => ({ text: `${get} ${type}.${name}`, to: "i32" })),
      ...test2.map((name) => ({ text: `${get} ${get} ${type}.${name}`, to: "i32" })),
      { text: `${get} ${get} local.get $i32 select`, to: type },
      { text: `${get} local.tee $${type}`, to: type },
      { text: `${get} nop`, to: type },
      { text: `${get} ${get} drop`, to: type },
      { text: `${get} local.set $${type} ${type}.const 3`, to: type },
    ];
  }),
  ...conversions.map(([from, name, to]) => ({ text: `local.get $${from} ${name}`, to })),
  { text: "global.get $g", to: "i32" },
  { text: "local.get $i32 local.get $i32 call $two", to: "i32" },
  { text: "call $none local.get $i32", to: "i32" },
  { text: "call $pair drop", to: "i32" },
  { text: "memory.size", to: "i32" },
  { text: "local.get $i32 i32.const 0 call_indirect (param i32) (result i32)", to: "i32" },
  { text: "block (result i32) local.get $i32 end", to: "i32" },
  { text: "local.get $i32 if (result i32) local.get $i32 else local.get $i32 end", to: "i32" },
  { text: "i32x4.splat (local.get $i32) i32x4.extract_lane 0", to: "i32" },
];

test.each(samples)("what $text leaves on the stack is known, or known to be unknown", async ({ text, to }) => {
  const written = text.replace(/^i32x4.splat \((.*?)\)/, "$1 i32x4.splat");
  const exports = await make(`(table 1 funcref) (elem (i32.const 0) $one)
    (func $one (param i32) (result i32) (i32.const 3)) (func $two (param i32 i32) (result i32) (i32.const 3))
    (func $none) (func $pair (result i32 i32) (i32.const 3) (i32.const 4))
    (func (export "f") (param $below i32) (param $p i32)
      (local $i32 i32) (local $i64 i64) (local $f32 f32) (local $f64 f64)
      i32.const 70000 local.set $i32 i64.const 70000 local.set $i64 f32.const 70000 local.set $f32 f64.const 70000 local.set $f64
      local.get $below local.get $p ${written} ${to}.store drop
      (i32.store (local.get $p) (i32.const -1)))`);
  const memory = memoryOf(exports);
  callExport(exports, "f", [200_000, edge]);
  const cards = cardsOf(memory);
  expect(new Uint8Array(memory.buffer)[edge]).toBe(255);
  expect(unmarked(memory)).toEqual([]);
  // The place that was written to is the only one that is marked.
  callExport(exports, "f", [200_000, edge]);
  expect(cards?.take(pages * 65_536)).toEqual([{ from: 0, to: 5_120 }]);
});
