import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import type { WitType } from "../../../../src/wit/types.ts";
import { openLua } from "../../../../src/engine/lua/state/fengari.seam.ts";
import { witType, witValue } from "../../../support/wit-arbitraries.ts";
import { instance, type Callee } from "./support/instance.ts";

const typed = witType().chain((type) => fc.tuple(fc.constant(type), witValue(type)));

/** What comes back when Lua gets a value from one function and hands it to another. */
function throughLua(type: WitType, value: Value): Value | undefined {
  const taken: (readonly Value[])[] = [];
  const make: Callee = { signature: { name: "make", params: [], result: type }, resultForm: "table", run: () => value };
  const take: Callee = {
    signature: { name: "take", params: [{ name: "v", type }] },
    run: (args) => {
      taken.push(args);
      return null;
    },
  };
  const { run } = instance({ callees: { "app:make": make, "app:take": take } });
  expect(
    run('local v = funcs.call("app:make") local _, e = funcs.call("app:take", v) if e then error(e) end'),
  ).toBeNull();
  return taken[0]?.[0];
}

describe("WIT values in Lua", () => {
  test.runIf(openLua().isPatched)("any value of any type comes through as it was", () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        expect(throughLua(type, value)).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  const forms: readonly (readonly [string, WitType, Value])[] = [
    ["'7'", { kind: "u64" }, 7],
    ["-1", { kind: "u64" }, 2n ** 64n - 1n],
    ["65", { kind: "char" }, "A"],
    ["'bytes\\0\\255'", { kind: "list", element: { kind: "u8" } }, Uint8Array.from([98, 121, 116, 101, 115, 0, 255])],
    ["{1, 2}", { kind: "list", element: { kind: "u8" } }, Uint8Array.of(1, 2)],
    ["{}", { kind: "list", element: { kind: "string" } }, []],
    ["{'read'}", { kind: "flags", flags: ["read", "write"] }, { read: true }],
    ["3", { kind: "flags", flags: ["read", "write"] }, { read: true, write: true }],
    ["{read = true, write = false}", { kind: "flags", flags: ["read", "write"] }, { read: true }],
    ["1", { kind: "enum", cases: ["red", "green"] }, "green"],
    ["'b'", { kind: "variant", cases: [{ name: "a", type: { kind: "u8" } }, { name: "b" }] }, "b"],
    ["{a = 1}", { kind: "variant", cases: [{ name: "a", type: { kind: "u8" } }, { name: "b" }] }, { a: 1 }],
    ["{ok = 1}", { kind: "result", ok: { kind: "u8" } }, { ok: 1 }],
    [
      "{user_name = 'a'}",
      { kind: "record", fields: [{ name: "user-name", type: { kind: "string" } }] },
      { "user-name": "a" },
    ],
  ];

  test.each(forms)("%s is taken", (source, type, expected) => {
    const taken: (readonly Value[])[] = [];
    const take: Callee = {
      signature: { name: "take", params: [{ name: "v", type }] },
      run: (args) => {
        taken.push(args);
        return null;
      },
    };
    const { run } = instance({ callees: { "app:take": take } });
    expect(run(`local _, e = funcs.call("app:take", ${source}) if e then error(e) end`)).toBeNull();
    expect(taken[0]?.[0]).toEqual(expected);
  });

  test.each([
    ["256", { kind: "u8" }, "expected u8 (0 to 255), got number 256"],
    ["1.5", { kind: "s32" }, "got number 1.5"],
    ["'x'", { kind: "u32" }, 'got string "x"'],
    ["nil", { kind: "string" }, "expected string, got nil"],
    ["{1, 2}", { kind: "string" }, "expected string, got a list of 2"],
    ["{a = 1}", { kind: "list", element: { kind: "u8" } }, "got a table with a"],
    ["print", { kind: "bool" }, "expected bool, got a function"],
    ["'\\255'", { kind: "string" }, "a string that is not valid UTF-8"],
  ] as const)("%s is refused", (source, type, message) => {
    const take: Callee = { signature: { name: "take", params: [{ name: "v", type }] }, run: () => null };
    const text = instance({ callees: { "app:take": take } }).run(
      `local _, e = funcs.call("app:take", ${source}) return tostring(e)`,
    );
    expect(text).toContain(message);
  });
});
