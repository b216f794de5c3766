import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import { LuaResults } from "../../../../src/engine/lua/call.ts";
import type { LuaModule } from "../../../../src/engine/lua/module.ts";
import type { WitType } from "../../../../src/wit/types.ts";
import { testEngine, type TestHost } from "./support/run.ts";

const s64 = { kind: "s64" } as const;
const u64 = { kind: "u64" } as const;
const longs = {
  kind: "record",
  fields: [
    { name: "signed", type: s64 },
    { name: "all-unsigned", type: { kind: "list", element: u64 } },
    { name: "perhaps", type: { kind: "option", some: s64 } },
    { name: "either", type: { kind: "result", ok: u64, err: s64 } },
  ],
} as const satisfies WitType;

/** `typed.through(v)` reads a value by a WIT type and writes it again; `typed.given()` writes one; `typed.taken(v)` reads one. */
function engineOf(type: WitType) {
  const callee = { id: "t:callee", signature: { name: "f", params: [{ name: "v", type }], result: type } } as const;
  let held: Value = null;
  const typed: LuaModule<TestHost> = {
    name: "typed",
    always: true,
    table: {
      given: (call) => new LuaResults(call.runtime.typed.of({ ...callee, resultForm: "table" }).results(held)),
      taken: (call) => {
        held = call.runtime.typed.of({ ...callee, resultForm: "table" }).args([call.raw(1)])[0] ?? null;
      },
    },
  };
  const engine = testEngine([], [typed]);
  return {
    ...engine,
    through(value: Value, body: string): Value {
      held = value;
      void engine.run(`local v = typed.given() ${body} typed.taken(v)`);
      return held;
    },
  };
}

const anyS64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const anyU64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
/** As canonical values hold it: a number where that is exact. */
const canonical = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

describe("integers of 64 bits by their WIT types", () => {
  test.each([
    ["s64", s64, anyS64],
    ["u64", u64, anyU64],
  ] as const)("%s goes to Lua and comes back exactly", (_, type, values) => {
    const engine = engineOf(type);
    for (const edge of [0n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 62n + 1n, 2n ** 63n - 1n]) {
      expect(engine.through(canonical(edge), "")).toBe(canonical(edge));
    }
    fc.assert(fc.property(values, (value) => engine.through(canonical(value), "") === canonical(value)));
  });

  test("are the same inside records, lists, options and results", () => {
    const engine = engineOf(longs);
    const value = fc.record({
      signed: anyS64.map(canonical),
      "all-unsigned": fc.array(anyU64.map(canonical), { maxLength: 4 }),
      perhaps: fc.option(anyS64.map(canonical)),
      either: fc.oneof(
        anyU64.map((ok) => ({ ok: canonical(ok) })),
        anyS64.map((err) => ({ err: canonical(err) })),
      ),
    });
    fc.assert(
      fc.property(value, (original) => {
        expect(engine.through(original, "")).toEqual(original);
      }),
    );
  });

  test("calculate in between without a loss", () => {
    expect(engineOf(s64).through(9_007_199_254_740_993n, "v = v + 2")).toBe(9_007_199_254_740_995n);
    expect(engineOf(s64).through(2n ** 63n - 1n, "v = v + 1")).toBe(-(2n ** 63n));
    expect(engineOf(u64).through(2n ** 64n - 1n, "assert(v == -1 and math.ult(1, v)) v = v - 1")).toBe(2n ** 64n - 2n);
    expect(engineOf(u64).through(1, "v = '18446744073709551615'")).toBe(2n ** 64n - 1n);
  });

  test("one beyond its range is refused by name", async () => {
    const engine = engineOf(s64);
    expect((await engine.fail("error((select(2, typed.taken('9223372036854775808'))))")).message).toContain(
      "expected s64",
    );
    expect((await engine.fail("error((select(2, typed.taken(2 ^ 63))))")).message).toContain("expected s64");
    expect((await engine.fail("error((select(2, typed.taken(0.5))))")).message).toContain("expected s64");
  });

  test("whole floats are integers, and show themselves as such", () => {
    expect(engineOf(s64).through(0, "v = 3e9")).toBe(3_000_000_000);
    expect(testEngine().run("return { 100 / 2 .. '', tostring(3e9), ('%d'):format(3e9), 2^53 .. '' }")).toEqual([
      "50",
      "3000000000",
      "3000000000",
      "9007199254740992",
    ]);
  });
});

describe("a record read by its WIT type", () => {
  const type = {
    kind: "record",
    fields: [
      { name: "user-id", type: { kind: "u32" } },
      { name: "note", type: { kind: "option", some: { kind: "string" } } },
    ],
  } as const satisfies WitType;

  test.each([
    ["under any spelling of a name", "v = { ['user-id'] = 5 }", { "user-id": 5, note: null }],
    ["in the other spelling", "v = { user_id = 5, note = 'x' }", { "user-id": 5, note: "x" }],
    ["after one spelling was removed", "v['user-id'] = nil v.user_id = 7", { "user-id": 7, note: "old" }],
    ["after a field was removed", "v.note = nil", { "user-id": 1, note: null }],
  ])("is found %s", (_, body, expected) => {
    expect(engineOf(type).through({ "user-id": 1, note: "old" }, body)).toEqual(expected);
  });

  test("says which field is missing", async () => {
    expect((await engineOf(type).fail("error((select(2, typed.taken({ note = 'x' }))))")).message).toContain("user-id");
    expect((await engineOf(type).fail("error((select(2, typed.taken(setmetatable({}, {})))))")).message).toContain(
      "user-id",
    );
  });

  test("gives lists with holes their items where they stand", () => {
    const list = { kind: "list", element: { kind: "option", some: { kind: "u8" } } } as const;
    const held = engineOf({ kind: "list", element: { kind: "option", some: list.element.some } });
    expect(held.through([1, null, 3], "")).toEqual([1, null, 3]);
    expect(held.through([], "v = {} v[3] = 3 v[2] = 2 v[1] = 1")).toEqual([1, 2, 3]);
    expect(held.through([], "v = { n = 3, [3] = 9 }")).toEqual([null, null, 9]);
  });
});
