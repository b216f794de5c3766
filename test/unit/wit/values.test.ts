import { describe, expect, test } from "vitest";
import { parseWit } from "../../../src/wit/parse/parse.ts";
import type { WitFunction } from "../../../src/wit/types.ts";
import { compileArguments, compileResult } from "../../../src/wit/values/arguments.ts";

const types = `
  record user-record { id: u32, user-name: string, tags: list<string>, age: option<u8> }
  type user-output = user-record;
  variant shape { point, circle(f64), named(option<string>) }
  enum colour { red, dark-green }
  flags mode { read, write-all }
  resource file;`;

function signatureOf(text: string): WitFunction {
  const [signature] = parseWit(`${types} ${text}`).functions;
  if (signature === undefined) throw new Error("no function");
  return signature;
}

function read(type: string, value: unknown): unknown {
  return compileArguments(signatureOf(`f: func(x: ${type});`))([value])[0];
}

describe("messages", () => {
  test("an error names the argument, the path, what was expected and what came", () => {
    const users = signatureOf("transform-users: func(users: list<user-record>) -> list<user-output>;");
    const convert = compileArguments(users, { id: "app:transform_users" });
    const good = { id: 1, "user-name": "a", tags: [], age: null };
    expect(() => convert([[good, good, good, { ...good, tags: ["a", "b", 7] }]])).toThrow(
      'argument 1 "users"[3].tags[2]: expected string, got number 7 ' +
        "(in app:transform_users: func(users: list<user-record>) -> list<user-record>)",
    );
  });

  const tail = (type: string) => ` (in f: func(x: ${type}))`;
  test.each([
    ["user-record", 7, 'argument 1 "x": expected record user-record, got number 7'],
    [
      "user-record",
      { id: 1, user: "a", age: 1, username: "x" },
      'argument 1 "x": missing fields "user-name" (string), "tags" (list<string>); found "username" instead',
    ],
    ["u8", 256, 'argument 1 "x": expected u8 (0 to 255), got number 256'],
    ["u8", 1.5, 'argument 1 "x": expected u8 (0 to 255), got number 1.5'],
    ["s64", 2n ** 63n, "got number 9223372036854775808"],
    ["u64", -1, "expected u64 (0 to 18446744073709551615), got number -1"],
    ["f32", 1e300, "expected f32 (-3.4028235e+38 to 3.4028235e+38), got number 1e+300"],
    ["string", "\ud800", "got a string that is not valid Unicode (it has an unpaired surrogate)"],
    ["string", "x".repeat(1e6), undefined],
    ["bool", "x".repeat(1e6), `got string "${"x".repeat(39)}…`],
    ["char", "ab", 'expected char (one character), got string "ab"'],
    [
      "colour",
      "dark-gren",
      'expected "red" or "dark-green" (enum colour), got string "dark-gren" (did you mean "dark-green"?)',
    ],
    ["colour", 2, 'expected "red" or "dark-green" (enum colour), got number 2'],
    ["shape", "circel", '(did you mean "circle"?)'],
    ["shape", { circle: "x" }, 'argument 1 "x".circle: expected f64, got string "x"'],
    ["shape", { circle: 1, point: true }, "got an object with circle, point"],
    ["mode", { raed: true }, 'got the name "raed" (did you mean "read"?)'],
    ["mode", 4, 'expected flags mode ("read", "write-all"), got number 4'],
    ["tuple<u8, u8>", [1, 2, 3], "expected tuple<u8, u8> (2 items), got a list of 3"],
    ["list<u8>", [1, 2, 300], 'argument 1 "x"[2]: expected u8 (0 to 255), got number 300'],
    ["list<u32>", "abc", 'expected list<u32>, got string "abc"'],
    ["result<u8, string>", { okay: 1 }, "expected {ok: …} or {err: …} (result<u8, string>), got an object with okay"],
    ["file", null, "expected file, got null"],
  ])("%s, wrong value %#", (type, value, message) => {
    const convert = () => read(type, value);
    if (message === undefined) expect(convert).not.toThrow();
    else expect(convert).toThrow(message);
    if (message?.startsWith("argument") === true) expect(convert).toThrow(message + tail(type));
  });

  test("too many or too few arguments name the signature", () => {
    const convert = compileArguments(signatureOf("f: func(a: u8, b: option<u8>, c: option<u8>);"));
    expect(convert([1])).toEqual([1, null, null]);
    expect(() => convert([])).toThrow(
      "expected 1 to 3 arguments, got 0 (in f: func(a: u8, b: option<u8>, c: option<u8>))",
    );
    expect(() => convert([1, 2, 3, 4])).toThrow("expected 1 to 3 arguments, got 4");
  });

  test("a wrong result is the callee's fault", () => {
    const check = compileResult(signatureOf("f: func() -> result<user-record, string>;"), { id: "app:f" });
    expect(() => check({ ok: { id: 1, tags: [], user_name: 5 } })).toThrow(
      expect.objectContaining({
        code: "INVALID_RESULT",
        message: expect.stringContaining("result.ok.user-name: expected string, got number 5 (in app:f"),
      }),
    );
    expect(compileResult(signatureOf("f: func();"))("anything")).toBeNull();
  });
});

describe("what is accepted", () => {
  test.each([
    ["u8", -0, 0],
    ["s64", "-9223372036854775808", -(2n ** 63n)],
    ["u64", 5n, 5],
    ["u64", 2 ** 60, 2n ** 60n],
    ["list<u8>", "é", Uint8Array.of(0xc3, 0xa9)],
    ["list<u8>", Uint8Array.of(1).buffer, Uint8Array.of(1)],
    ["list<f64>", Float64Array.of(1.5), Float64Array.of(1.5)],
    [
      "list<option<u8>>",
      new Map([
        [1, 1],
        [3, 3],
      ]),
      [1, null, 3],
    ],
    ["tuple<u8, option<u8>>", [1], [1, null]],
    ["colour", "darkGreen", "dark-green"],
    ["colour", 1, "dark-green"],
    ["mode", ["write_all"], { "write-all": true }],
    ["mode", [], {}],
    ["mode", 3, { read: true, "write-all": true }],
    ["shape", { point: true }, "point"],
    ["shape", "named", { named: null }],
    ["shape", { circle: 1, named: null }, { circle: 1 }],
    ["shape", new Map([["circle", 1]]), { circle: 1 }],
    ["result", "err", { err: true }],
    ["result<_, string>", { ok: {} }, { ok: true }],
    ["option<option<u8>>", { some: 1 }, { some: 1 }],
    ["option<option<u8>>", "none", { none: true }],
    ["user-record", { id: 1, userName: "a", tags: [], extra: 1 }, { id: 1, "user-name": "a", tags: [], age: null }],
  ])("%s, other form %#", (type, value, expected) => {
    expect(read(type, value)).toEqual(expected);
  });

  test("a handle passes untouched", () => {
    const handle = { handle: 1 };
    expect(read("file", handle)).toBe(handle);
    expect(read("borrow<file>", handle)).toBe(handle);
  });

  test("an absent field is not found on the prototype, nor written to it", () => {
    const signature: WitFunction = {
      name: "f",
      params: [
        {
          name: "x",
          type: {
            kind: "record",
            fields: ["to-string", "constructor", "__proto__"].map((name) => ({
              name,
              type: { kind: "option", some: { kind: "list", element: { kind: "u8" } } },
            })),
          },
        },
      ],
    };
    const [value] = compileArguments(signature)([{}]);
    expect(Object.entries(value ?? {})).toEqual([
      ["to-string", null],
      ["constructor", null],
      ["__proto__", null],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test("a name that looks like code stays a name", () => {
    const name = '"]; throw new Error("ran"); //`${1}\u2028';
    const signature: WitFunction = {
      name,
      params: [
        { name, type: { kind: "record", name, fields: [{ name, type: { kind: "variant", cases: [{ name }] } }] } },
      ],
    };
    expect(compileArguments(signature)([{ [name]: name }])).toEqual([{ [name]: name }]);
  });
});
