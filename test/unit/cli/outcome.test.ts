import { expect, test } from "vitest";
import { WeftError } from "../../../src/core/errors.ts";
import { guestExitCode, outcomeOf, splitResult } from "../../../src/cli/outcome.ts";
import type { WitFunction } from "../../../src/wit/types.ts";

const fallible: WitFunction = {
  name: "run",
  params: [],
  result: { kind: "result", ok: { kind: "u8" }, err: { kind: "string" } },
};

test.each([
  [0, 0],
  [7, 7],
  [255, 255],
  [256, 1],
  [-1, 1],
  [1.5, 1],
  [NaN, 1],
  [Infinity, 1],
  [3n, 3],
  [true, 0],
  [false, 1],
  [null, 0],
])("the result %s is the exit code %i", (value, exitCode) => {
  expect(outcomeOf(value, undefined)).toEqual({ exitCode });
});

test("a text is printed and a table is not", () => {
  expect(outcomeOf("done", undefined)).toEqual({ exitCode: 0, stdout: "done" });
  expect(outcomeOf({ err: "data of a table" }, undefined)).toEqual({ exitCode: 0 });
});

test("a WIT result's err goes to stderr with exit code 1, its ok counts as any value", () => {
  expect(outcomeOf({ err: "no such file" }, fallible)).toEqual({ exitCode: 1, stderr: "no such file" });
  expect(outcomeOf({ ok: 9 }, fallible)).toEqual({ exitCode: 9 });
  expect(outcomeOf({ ok: null }, { name: "run", params: [], result: { kind: "result" } })).toEqual({ exitCode: 0 });
});

test("an err without a payload is told apart from an ok", () => {
  expect(splitResult({ err: null })).toEqual({ err: null });
  expect(splitResult({ ok: null })).toEqual({ ok: null });
});

test.each([
  [0, 0],
  [7, 7],
  [255, 255],
  [256, 1],
  [0x8000_0000, 1],
  [0xffff_ffff, 255],
])("a guest that exits with %i ends the process with %i", (status, code) => {
  expect(guestExitCode(new WeftError("GUEST_EXIT", "it exited", { details: { status } }))).toBe(code);
});
