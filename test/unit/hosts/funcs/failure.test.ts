import { expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { failureTeller } from "../../../../src/hosts/funcs/failure.ts";
import { parseWit } from "../../../../src/wit/parse/parse.ts";
import type { WitType } from "../../../../src/wit/types.ts";

/** A type by its WIT text, and definitions before it. */
function type(text: string, definitions = ""): WitType {
  const { functions } = parseWit(`package a:b; interface i { ${definitions} f: func() -> ${text}; }`);
  const found = functions[0]?.result;
  if (found === undefined) throw new Error("no type");
  return found;
}

const missing = new WeftError("ENTRY_NOT_FOUND", "there is no x", { details: { target: "a:x" } });
const late = new WeftError("CALL_TIMEOUT", "too late");

test.each<[string, WitType | undefined, unknown, unknown]>([
  ["no payload", undefined, true, true],
  ["a string", type("string"), "there is no x", "too late"],
  [
    "a record of known parts",
    type(
      "e",
      "record e { code: string, kind: string, message: string, retryable: bool, details: option<string>, more: option<u32> }",
    ),
    {
      code: "ENTRY_NOT_FOUND",
      kind: "NotFound",
      message: "there is no x",
      retryable: false,
      details: '{"target":"a:x"}',
      more: null,
    },
    { code: "CALL_TIMEOUT", kind: "Timeout", message: "too late", retryable: true, details: null, more: null },
  ],
  [
    "a record with details that must be there",
    type("e", "record e { details: string }"),
    { details: '{"target":"a:x"}' },
    { details: "" },
  ],
  [
    "a variant with the kind and one for all",
    type("e", "variant e { not-found, other(string) }"),
    "not-found",
    { other: "too late" },
  ],
  [
    "a variant whose cases hold records",
    type("e", "record r { message: string } variant e { timeout(r), failed(r), count(u32) }"),
    { failed: { message: "there is no x" } },
    { timeout: { message: "too late" } },
  ],
  ["an enum", type("e", "enum e { not-found, unknown }"), "not-found", "unknown"],
  ["an enum without a place for one of them", type("e", "enum e { not-found, full }"), "not-found", undefined],
])("a failure is told in %s", (_title, err, first, second) => {
  const tell = failureTeller(err);
  expect(tell?.(missing)).toEqual(first);
  expect(tell?.(late)).toEqual(second);
});

test.each([
  ["u32", ""],
  ["list<string>", ""],
  ["e", "record e { message: string, line: u32 }"],
  ["e", "record e { message: u32 }"],
  ["e", "enum e { red, green }"],
  ["e", "variant e { syntax(string), count(u32) }"],
])("a failure has no place in %s %s", (text, definitions) => {
  expect(failureTeller(type(text, definitions))).toBeUndefined();
});
