import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeError, WeftError } from "../../../../src/core/errors.ts";
import type { Value } from "../../../../src/core/values.ts";
import { testEngine } from "./support/run.ts";

describe("values that cross a call without a signature", () => {
  const engine = testEngine();

  const key = fc.string({ unit: "binary", minLength: 1 });
  const { value } = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(true),
      fc.constant(false),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number || 0.5),
      fc.string({ unit: "binary" }),
      fc.constant(Uint8Array.of(0xff, 0x00, 0xfe)),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    ),
  }));

  test("come back as they went", () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(engine.run("return (...)", [original])).toEqual(original);
      }),
      { numRuns: 300 },
    );
  });

  test("are copies", () => {
    const list = [1, 2];
    expect(engine.run("local t = ... t[3] = 3 return t", [list])).toEqual([1, 2, 3]);
    expect(list).toEqual([1, 2]);
  });

  test("tables with other keys are maps", () => {
    expect(engine.run("return { [1] = 'a', [3] = 'c' }")).toEqual(
      new Map([
        [1, "a"],
        [3, "c"],
      ]),
    );
    expect(engine.run("return { 'a', x = 1 }")).toEqual(
      new Map<Value, Value>([
        [1, "a"],
        ["x", 1],
      ]),
    );
    expect(
      engine.run("local t = ... return t[2] .. t.k", [
        new Map<Value, Value>([
          [2, "b"],
          ["k", "!"],
        ]),
      ]),
    ).toBe("b!");
  });

  test("errors stay errors", () => {
    const wire = encodeError(new WeftError("ENTRY_NOT_FOUND", "gone", { details: { id: 1 } }));
    expect(engine.run("local e = ... return e:kind() .. e:message()", [wire])).toBe("NotFoundgone");
    expect(engine.run("return { e = ... }", [wire])).toMatchObject({
      e: { weftError: true, code: "ENTRY_NOT_FOUND", details: { id: 1 } },
    });
  });

  test("a table in two places crosses twice; a cycle through keys, lists and payloads is found", async () => {
    expect(engine.run("local t = { 1 } return { a = t, b = t }")).toEqual({ a: [1], b: [1] });
    expect((await engine.fail("local t = {} t.list = { 1, { back = t } } return t")).message).toBe(
      "app:main: result.list[2].back: a table that contains itself cannot cross a call",
    );
    expect((await engine.fail("local t = { x = 1 } t.p = payload.new(t) return t")).message).toContain(
      "result.p: a table",
    );
    expect((await engine.fail("local t = {} t[t] = 1 return t")).message).toContain("result: a key: a table");
  });

  test("payloads cross as what they hold, errors inside of values whole", async () => {
    expect(engine.run("return { p = payload.new({ 1, payload.new('x') }) }")).toEqual({ p: [1, "x"] });
    const made = `errors.new({ message = "m", kind = errors.CONFLICT, retryable = true, details = { id = 9007199254740993 } })`;
    const crossed = await engine.run(`return { first = { ${made} }, wrapped = errors.wrap(${made}, "while") }`);
    expect(crossed).toMatchObject({
      first: [{ kind: "Conflict", message: "m", retryable: true, details: { id: 9_007_199_254_740_993n } }],
      wrapped: { kind: "Conflict", message: "while: m", retryable: true },
    });
    const shown = `local v = ...
      local e, w = v.first[1], v.wrapped
      return { e:kind(), e:message(), e:retryable(), e:details().id, tostring(w), w:message(), w:kind() }`;
    expect(engine.run(shown, [crossed])).toEqual([
      "Conflict",
      "m",
      true,
      9_007_199_254_740_993n,
      "while: m",
      "m",
      "Conflict",
    ]);
  });

  test("integers of 64 bits cross whole", () => {
    const numbers = [2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n, 9_007_199_254_740_991, -0.5];
    expect(engine.run("return (...)", [numbers])).toEqual(numbers);
  });

  test("what cannot cross is named where it is, in keys too", async () => {
    expect((await engine.fail("return { [print] = 1 }")).message).toContain("result: a key: a function cannot cross");
    expect((await engine.fail("return { a = { coroutine.create(print) } }")).message).toContain(
      "result.a[1]: a thread cannot cross",
    );
    expect((await engine.fail("return { c = channel.new() }")).message).toContain("result.c: a userdata cannot cross");
  });

  test("functions, coroutines and cycles do not cross, and the message says where they are", async () => {
    expect(await engine.fail("return { users = { { name = print } } }")).toMatchObject({
      code: "INVALID_RESULT",
      message: "app:main: result.users[1].name: a function cannot cross a call",
    });
    expect((await engine.fail("local t = {} t.self = t return t")).message).toContain(
      "result.self: a table that contains itself",
    );
    expect((await engine.fail("local t = {} for i = 1, 300 do t = { t } end return t")).message).toContain(
      "nested deeper than 200",
    );
    expect(engine.run("return { f = print, c = channel.new() }", [], { strangers: "nil" })).toEqual({
      f: null,
      c: null,
    });
  });
});
