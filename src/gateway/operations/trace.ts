import { randomBytes } from "node:crypto";
import type { Trace } from "../../core/context.ts";

/**
 * The trace of a request: that of its `traceparent`, with a span of our own, or a new one
 * (https://www.w3.org/TR/trace-context/). A header that is malformed is as none.
 */
export function traceOf(header: string | undefined): Trace {
  const [, version, traceId] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/.exec(header ?? "") ?? [];
  const isValid = traceId !== undefined && version !== "ff" && !/^0+$/.test(traceId) && !/-0{16}-/.test(header ?? "");
  return { traceId: isValid ? traceId : randomHex(16), spanId: randomHex(8) };
}

/** A trace as a header. */
export function traceparent({ traceId, spanId }: Trace): string {
  return `00-${traceId}-${spanId}-01`;
}

/** Asking the system for random bytes costs as much for many as for few. */
const poolBytes = 8_192;
let pool = "";
let used = 0;

function randomHex(bytes: number): string {
  if (used + bytes * 2 > pool.length) {
    pool = randomBytes(poolBytes).toString("hex");
    used = 0;
  }
  used += bytes * 2;
  return pool.slice(used - bytes * 2, used);
}
