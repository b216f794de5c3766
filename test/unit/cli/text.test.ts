import { expect, test } from "vitest";
import { bytesText, columns, counted } from "../../../src/cli/columns.ts";
import { toText } from "../../../src/cli/json.ts";
import { toJson } from "../../../src/core/json.ts";
import { encodeError, WeftError } from "../../../src/core/errors.ts";

test("JSON keeps big integers, spells the numbers it lacks and lists bytes", () => {
  expect(toJson({ big: 2n ** 63n, bytes: Uint8Array.of(1, 255), nan: NaN, low: -Infinity })).toBe(
    '{"big":9223372036854775808,"bytes":[1,255],"nan":"nan","low":"-inf"}',
  );
});

test("a table with keys of several types is a list of pairs", () => {
  expect(
    toJson(
      new Map<unknown, unknown>([
        [1, "a"],
        ["b", [2n]],
      ]),
    ),
  ).toBe('[[1,"a"],["b",[2]]]');
});

test("an error inside a value shows what programs tell apart, not its stack", () => {
  const error = encodeError(new WeftError("CALL_TIMEOUT", "too slow"));
  expect(JSON.parse(toJson([error]))).toEqual([
    { code: "CALL_TIMEOUT", kind: "Timeout", message: "too slow", retryable: true, details: {} },
  ]);
  expect(toText(error)).toBe("too slow");
});

test("a text is bare, a short value one line, a long one indented", () => {
  expect(toText("two\nlines")).toBe("two\nlines");
  expect(toText({ a: [1, 2] })).toBe('{"a":[1,2]}');
  expect(toText(Array.from({ length: 60 }, () => 1)).split("\n").length).toBe(62);
});

test("columns align by what is seen", () => {
  expect(
    columns([
      ["a", "b"],
      ["\u001b[1mlong\u001b[22m", "c"],
    ]),
  ).toBe("a     b\n\u001b[1mlong\u001b[22m  c");
});

test("counts and sizes read well", () => {
  expect([counted(1, "entry", "entries"), counted(2, "entry", "entries"), counted(0, "error")]).toEqual([
    "1 entry",
    "2 entries",
    "0 errors",
  ]);
  expect([bytesText(0), bytesText(1_536), bytesText(5 * 1_024 ** 3)]).toEqual(["0 B", "1.5 KB", "5.0 GB"]);
});
