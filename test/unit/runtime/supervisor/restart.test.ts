import { describe, expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import type { RestartPolicy } from "../../../../src/registry/service.ts";
import { mayRestart, restartDelay } from "../../../../src/runtime/supervisor/restart.ts";

const policy: RestartPolicy = { initialDelayMs: 100, maxDelayMs: 1_000, backoffFactor: 2, jitter: 0.1, maxAttempts: 0 };

describe("the wait before a restart", () => {
  test("doubles up to its limit", () => {
    expect([1, 2, 3, 4, 5, 6].map((attempt) => restartDelay(policy, attempt, 0.5))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  test("stays within its limits however many there were", () => {
    expect(restartDelay(policy, 5_000, 0.5)).toBe(1_000);
    expect(restartDelay({ ...policy, initialDelayMs: 0 }, 5_000, 0.5)).toBe(0);
  });

  test("is random by its jitter, both ways", () => {
    expect(restartDelay(policy, 1, 0)).toBeCloseTo(90);
    expect(restartDelay(policy, 1, 1)).toBeCloseTo(110);
  });
});

describe("a failed service", () => {
  test.each([
    ["TRAP_UNREACHABLE", true],
    ["MEMORY_EXCEEDED", true],
    ["ISOLATE_LOST", true],
    ["GUEST_EXIT", true],
    ["CALL_TIMEOUT", true],
    ["CALL_CANCELED", false],
    ["ENTRY_NOT_FOUND", false],
    ["HOST_NOT_FOUND", false],
  ] as const)("with %s starts again: %s", (code, again) => {
    expect(mayRestart(new WeftError(code, "x"))).toBe(again);
  });

  test("starts again unless its own error forbids it", () => {
    expect(mayRestart(new WeftError("GUEST_ERROR", "x", { retryable: null }))).toBe(true);
    expect(mayRestart(new WeftError("GUEST_ERROR", "x", { retryable: false }))).toBe(false);
    expect(mayRestart(new Error("a bug"))).toBe(true);
  });
});
