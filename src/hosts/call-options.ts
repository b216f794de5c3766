import { parseDurationMs } from "../core/durations.ts";
import { WeftError } from "../core/errors.ts";
import { isRecord, type Value } from "../core/values.ts";
import type { CallOverrides } from "./ports.ts";

/** Reads what a program asks of its calls. @throws WeftError `INVALID_ARGUMENT`. */
export function readOptions({ timeout, retry }: Readonly<Record<string, Value>>): CallOverrides {
  const timeoutMs = typeof timeout === "string" ? parseDurationMs(timeout) : timeout;
  const isBad = timeout !== undefined && (typeof timeoutMs !== "number" || !(timeoutMs > 0));
  if (isBad) throw new WeftError("INVALID_ARGUMENT", "the option timeout takes milliseconds or a duration such as 1s");
  return {
    ...(typeof timeoutMs === "number" ? { timeoutMs } : {}),
    ...(isRecord(retry) ? { retry } : {}),
  };
}
