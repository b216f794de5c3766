import { expect, test } from "vitest";
import { parseBytes } from "../../../src/core/bytes.ts";

test.each([
  ["1", 1],
  ["1kb", 1_000],
  ["1KiB", 1_024],
  ["1.5 K", 1_536],
  ["512MB", 512_000_000],
  ["2G", 2 ** 31],
  ["2gib", 2 ** 31],
])("%s is %d bytes", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(["", "0", "-1", "MB", "1XB", "1e9", "1 M B", "constructor", "1constructor", "99999999999999G"])(
  "%j is no size",
  (text) => {
    expect(parseBytes(text)).toBeUndefined();
  },
);
