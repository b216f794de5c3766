import type { BigIntStats } from "node:fs";

/** A new timestamp: nanoseconds since 1970, the present, or what it is. */
export type NewTime = bigint | "now" | "no-change";

export interface NewTimes {
  readonly accessed: NewTime;
  readonly modified: NewTime;
}

/** Whether both times stay as they are, to the nanosecond. */
export function changesNothing({ accessed, modified }: NewTimes): boolean {
  return accessed === "no-change" && modified === "no-change";
}

const nsPerSecond = 1e9;

/** Seconds since 1970 as Node takes them. A double holds them to about 200 ns. */
export function resolveTimes(times: NewTimes, stats: BigIntStats): { accessed: number; modified: number } {
  return { accessed: seconds(times.accessed, stats.atimeNs), modified: seconds(times.modified, stats.mtimeNs) };
}

function seconds(time: NewTime, present: bigint): number {
  if (time === "now") return Date.now() / 1000;
  return Number(time === "no-change" ? present : time) / nsPerSecond;
}
