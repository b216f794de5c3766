/** A new timestamp: nanoseconds since 1970, the present, or what it is. */
export type NewTime = bigint | "now" | "no-change";

export interface NewTimes {
  readonly accessed: NewTime;
  readonly modified: NewTime;
}

/** Whether both times stay as they are. */
export function changesNothing({ accessed, modified }: NewTimes): boolean {
  return accessed === "no-change" && modified === "no-change";
}

/** A time as Node takes it. */
export type SystemTime = number | string | Date;

const nsPerSecond = 1e9;
/** How to ask Node, and libuv under it, that a time be left as it is to the nanosecond. */
const unchanged: SystemTime = new Date(Number.NaN);
/** How to ask for the system's own present, which files that are written get. */
const present: SystemTime = "Infinity";

/** Seconds since 1970. A double holds them to about 200 ns. */
export function resolveTimes({ accessed, modified }: NewTimes): { accessed: SystemTime; modified: SystemTime } {
  return { accessed: systemTime(accessed), modified: systemTime(modified) };
}

function systemTime(time: NewTime): SystemTime {
  if (time === "now") return present;
  return time === "no-change" ? unchanged : Number(time) / nsPerSecond;
}
