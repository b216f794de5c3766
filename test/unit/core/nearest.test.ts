import { expect, test } from "vitest";
import { nearestNames } from "../../../src/core/nearest.ts";

test("near names come first, far ones not at all", () => {
  expect(nearestNames("methd", ["method", "pool", "source", "method2"])).toEqual(["method", "method2"]);
  expect(nearestNames("xyz", ["method"])).toEqual([]);
});

test("case and separators cost nothing, swapped neighbours one", () => {
  expect(nearestNames("userName", ["user-name"])).toEqual(["user-name"]);
  expect(nearestNames("ietm", ["item", "time"])).toEqual(["item"]);
});

test("at most the asked number is given", () => {
  expect(nearestNames("aa", ["ab", "ac", "ad", "ae"], 2)).toEqual(["ab", "ac"]);
});

test("a very long name is compared by its beginning", () => {
  expect(nearestNames("x".repeat(1_000_000), ["y".repeat(1_000_000)])).toEqual([]);
});
