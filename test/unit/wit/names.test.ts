import { expect, test } from "vitest";
import { matchName } from "../../../src/wit/names.ts";

const names = [
  "run",
  "acme:math/calc@1.2.0#add",
  "acme:math/calc@1.2.0#add-all",
  "acme:math/calc@2.0.0#sub",
  "acme:math/calc@1.2.0#sub",
  "wasi:fs/types@0.2.0#[method]descriptor.read-via-stream",
];

test.each([
  ["run", "run"],
  ["Run", "run"],
  ["acme:math/calc#add", "acme:math/calc@1.2.0#add"],
  ["acme:math/calc@2.0.0#sub", "acme:math/calc@2.0.0#sub"],
  ["add", "acme:math/calc@1.2.0#add"],
  ["calc#add", "acme:math/calc@1.2.0#add"],
  ["add_all", "acme:math/calc@1.2.0#add-all"],
  ["addAll", "acme:math/calc@1.2.0#add-all"],
  ["[method]descriptor.read-via-stream", "wasi:fs/types@0.2.0#[method]descriptor.read-via-stream"],
  ["read_via_stream", "wasi:fs/types@0.2.0#[method]descriptor.read-via-stream"],
])("%s means %s", (wanted, expected) => {
  expect(matchName(wanted, names)).toEqual({ kind: "match", name: expected });
});

test("an exact name wins over looser ones", () => {
  expect(matchName("add", ["calc#add", "add"])).toEqual({ kind: "match", name: "add" });
  expect(matchName("add_one", ["add-one", "add_one"])).toEqual({ kind: "match", name: "add_one" });
});

test("several that fit under the same rule are ambiguous", () => {
  expect(matchName("sub", names)).toEqual({
    kind: "ambiguous",
    names: ["acme:math/calc@2.0.0#sub", "acme:math/calc@1.2.0#sub"],
  });
});

test("another version than the wanted one never matches", () => {
  expect(matchName("acme:math/calc@3.0.0#add", names)).toMatchObject({ kind: "none" });
});

test("part of a word is not the end of a name", () => {
  expect(matchName("dd", names)).toMatchObject({ kind: "none", nearest: ["acme:math/calc@1.2.0#add"] });
  expect(matchName("", names)).toMatchObject({ kind: "none" });
});

test("a dot in place of # is pointed out", () => {
  expect(matchName("calc.add", names)).toEqual({ kind: "none", nearest: ["acme:math/calc@1.2.0#add"] });
  expect(matchName("acme:math/calc@1.2.0.add", names)).toMatchObject({ kind: "none" });
});
