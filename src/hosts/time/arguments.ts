import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import { Duration, Moment } from "./moment.ts";

type Call = LuaCall<unknown>;

/** A duration in nanoseconds from a number of them, a text such as `1h30m`, or a Duration. @throws WeftError */
export function durationArgument(call: Call, index: number, { positive = false } = {}): number {
  const ns = readDuration(call, index);
  if (ns === undefined || !Number.isFinite(ns)) {
    throw new WeftError(
      "INVALID_ARGUMENT",
      `${call.name}: argument ${index} is no duration: nanoseconds, a text such as "1h30m", or a Duration`,
    );
  }
  if (positive && ns <= 0) throw new WeftError("INVALID_ARGUMENT", `${call.name}: the duration must be more than 0`);
  return ns;
}

function readDuration(call: Call, index: number): number | undefined {
  const payload = call.payload(index);
  if (payload instanceof Duration) return payload.ns;
  if (call.typeOf(index) === "number") return call.number(index);
  if (call.typeOf(index) !== "string") return undefined;
  const ms = parseDurationMs(call.text(index));
  return ms === undefined ? undefined : Math.round(ms * 1e6);
}

/** A Time that was given as argument. */
export function momentArgument(call: Call, index: number): Moment {
  return call.object(index, Moment);
}
