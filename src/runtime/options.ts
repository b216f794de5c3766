import { parseDurationMs } from "../core/durations.ts";
import { WeftError } from "../core/errors.ts";
import type { Value } from "../core/values.ts";
import type { CallOverrides } from "../hosts/ports.ts";
import type { CallOptions, RetryOptions } from "../registry/placement.ts";

/** What a `retry` block means where it says nothing; `spec/surface.md` §4.2. */
const retryDefaults: RetryOptions = {
  maxAttempts: 3,
  initialDelayMs: 100,
  maxDelayMs: 10_000,
  backoffFactor: 2,
  jitter: 0.1,
  retryKinds: [],
  skipKinds: [],
};

/** The entry's defaults with the caller's wishes on top; undefined when neither says anything, which is the fast path. */
export function mergeOptions(defaults: CallOptions, overrides: CallOverrides | undefined): CallOptions | undefined {
  const timeoutMs = overrides?.timeoutMs ?? defaults.timeoutMs;
  const retry = overrides?.retry === undefined ? defaults.retry : readRetry(overrides.retry);
  if (timeoutMs === undefined && retry === undefined) return undefined;
  return { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(retry === undefined ? {} : { retry }) };
}

/** Reads a `retry` table as Lua callers write it. @throws WeftError `INVALID_ARGUMENT` naming the field. */
export function readRetry(table: Readonly<Record<string, Value>>): RetryOptions {
  return {
    maxAttempts: readNumber(table, "max_attempts") ?? retryDefaults.maxAttempts,
    initialDelayMs: readDelay(table, "initial_delay") ?? retryDefaults.initialDelayMs,
    maxDelayMs: readDelay(table, "max_delay") ?? retryDefaults.maxDelayMs,
    backoffFactor: readNumber(table, "backoff_factor") ?? retryDefaults.backoffFactor,
    jitter: readNumber(table, "jitter") ?? retryDefaults.jitter,
    retryKinds: readKinds(table, "retry_kinds"),
    skipKinds: readKinds(table, "skip_kinds"),
  };
}

function readNumber(table: Readonly<Record<string, Value>>, field: string): number | undefined {
  const value = table[field] ?? undefined;
  if (value === undefined || (typeof value === "number" && value >= 0)) return value;
  throw new WeftError("INVALID_ARGUMENT", `option retry.${field}: expected a number from 0 up`);
}

/** Delays are milliseconds or Go durations. */
function readDelay(table: Readonly<Record<string, Value>>, field: string): number | undefined {
  const value = table[field];
  if (typeof value !== "string") return readNumber(table, field);
  const ms = parseDurationMs(value);
  if (ms === undefined) throw new WeftError("INVALID_ARGUMENT", `option retry.${field}: "${value}" is not a duration`);
  return ms;
}

function readKinds(table: Readonly<Record<string, Value>>, field: string): readonly string[] {
  const value = table[field] ?? [];
  if (!Array.isArray(value)) throw new WeftError("INVALID_ARGUMENT", `option retry.${field}: expected a list of kinds`);
  return value.map(String);
}
