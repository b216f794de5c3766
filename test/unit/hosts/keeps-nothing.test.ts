import { expect, test } from "vitest";
import { keepsNothing } from "../../../src/hosts/keeps-nothing.ts";

const plain = {};
const seeded = { randomSeed: 7n };

test("clocks, words and secure random numbers leave nothing behind in a host", () => {
  expect(keepsNothing(plain, "wasi:clocks/monotonic-clock", "now")).toBe(true);
  expect(keepsNothing(plain, "wasi:cli/environment", "get-environment")).toBe(true);
  expect(keepsNothing(plain, "wasi_snapshot_preview1", "clock_time_get")).toBe(true);
  expect(keepsNothing(plain, "wasi:random/random", "get-random-u64")).toBe(true);
  expect(keepsNothing(plain, "wasi_snapshot_preview1", "random_get")).toBe(true);
});

test("numbers that follow from a seed do, and so does whatever gives or takes a handle", () => {
  expect(keepsNothing(seeded, "wasi:random/random", "get-random-u64")).toBe(false);
  expect(keepsNothing(seeded, "wasi:random/insecure-seed", "insecure-seed")).toBe(false);
  expect(keepsNothing(seeded, "wasi_snapshot_preview1", "random_get")).toBe(false);
  expect(keepsNothing(plain, "wasi:clocks/monotonic-clock", "subscribe-duration")).toBe(false);
  expect(keepsNothing(plain, "wasi:cli/stdout", "get-stdout")).toBe(false);
  expect(keepsNothing(plain, "wasi_snapshot_preview1", "fd_write")).toBe(false);
  expect(keepsNothing(plain, "env", "now")).toBe(false);
});
