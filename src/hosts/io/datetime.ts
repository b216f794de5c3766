const nsPerSecond = 1_000_000_000n;

/** The record `datetime` of wasi:clocks. */
export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** Splits nanoseconds since 1970; times before it are unknown to WASI and become 1970. */
export function toDatetime(ns: bigint): Datetime {
  const known = ns < 0n ? 0n : ns;
  return { seconds: known / nsPerSecond, nanoseconds: Number(known % nsPerSecond) };
}

/** Nanoseconds since 1970. */
export function fromDatetime({ seconds, nanoseconds }: Datetime): bigint {
  return seconds * nsPerSecond + BigInt(nanoseconds);
}
