import { WeftError } from "../../core/errors.ts";
import { formatLayout, type Parts } from "./layout.ts";
import { localZone, type Zone } from "./zones.ts";

const nsPerMs = 1_000_000n;
const nsPerSecond = 1_000_000_000n;
const dayMs = 86_400_000;
/** The first of January of the year 1, UTC: what Go's zero Time is, and what it rounds from. */
const zeroNs = -62_135_596_800n * nsPerSecond;
/** Dates that JavaScript's Date can hold, with room for any offset. */
const maxMs = 8.64e15 - dayMs;

/** A point in time, in nanoseconds since 1970, as seen in a zone. */
export class Moment {
  readonly ns: bigint;
  readonly zone: Zone;

  constructor(ns: bigint, zone: Zone) {
    const ms = Number(floorDivide(ns, nsPerMs));
    if (Math.abs(ms) > maxMs) throw tooFar();
    this.ns = ns;
    this.zone = zone;
  }

  static now(): Moment {
    const microseconds = Math.round((performance.timeOrigin + performance.now()) * 1_000);
    return new Moment(BigInt(microseconds) * 1_000n, localZone);
  }

  get isZero(): boolean {
    return this.ns === zeroNs;
  }

  get parts(): Parts {
    const ms = Number(floorDivide(this.ns, nsPerMs));
    const offsetSeconds = this.zone.offsetAt(ms);
    const wall = new Date(ms + offsetSeconds * 1_000);
    const year = wall.getUTCFullYear();
    return {
      year,
      month: wall.getUTCMonth() + 1,
      day: wall.getUTCDate(),
      hour: wall.getUTCHours(),
      minute: wall.getUTCMinutes(),
      second: wall.getUTCSeconds(),
      nanosecond: Number(this.ns - floorDivide(this.ns, nsPerSecond) * nsPerSecond),
      weekday: wall.getUTCDay(),
      yearDay: Math.floor((wall.getTime() - new Date(wall).setUTCMonth(0, 1)) / dayMs) + 1,
      offsetSeconds,
      zone: () => this.zone.abbreviationAt(ms),
    };
  }

  format(layout: string): string {
    return formatLayout(layout, this.parts);
  }

  get seconds(): number {
    return Number(floorDivide(this.ns, nsPerSecond));
  }

  in(zone: Zone): Moment {
    return new Moment(this.ns, zone);
  }

  add(ns: number): Moment {
    return new Moment(this.ns + BigInt(Math.trunc(ns)), this.zone);
  }

  /** Down to a multiple of a duration since the zero time. */
  truncate(ns: number): Moment {
    return new Moment(this.ns - this.#past(BigInt(Math.trunc(ns))), this.zone);
  }

  /** To the nearest multiple of a duration since the zero time; up from the middle. */
  round(ns: number): Moment {
    const step = BigInt(Math.trunc(ns));
    const past = this.#past(step);
    return new Moment(past * 2n < step ? this.ns - past : this.ns + step - past, this.zone);
  }

  #past(step: bigint): bigint {
    if (step <= 0n) return 0n;
    const since = (this.ns - zeroNs) % step;
    return since < 0n ? since + step : since;
  }
}

/** A length of time in nanoseconds. */
export class Duration {
  readonly ns: number;

  constructor(ns: number) {
    this.ns = ns;
  }

  /** As Go writes it: `1h2m3.5s`, `250ms`. */
  toString(): string {
    const sign = this.ns < 0 ? "-" : "";
    const ns = Math.abs(this.ns);
    if (ns === 0) return "0s";
    if (ns < 1e3) return `${sign}${ns}ns`;
    if (ns < 1e6) return `${sign}${ns / 1e3}µs`;
    if (ns < 1e9) return `${sign}${ns / 1e6}ms`;
    const minutes = Math.floor(ns / 60e9);
    const seconds = `${Number(((ns - minutes * 60e9) / 1e9).toFixed(9))}s`;
    if (minutes === 0) return `${sign}${seconds}`;
    const hours = Math.floor(minutes / 60);
    return `${sign}${hours === 0 ? "" : `${hours}h`}${minutes % 60}m${seconds}`;
  }
}

/** A moment from its parts in a zone; parts out of range carry over, as in Go. */
export function momentAt(parts: readonly number[], zone: Zone): Moment {
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, ns = 0] = parts;
  // Date.UTC takes years below 100 for those of the last century.
  const wall = new Date(0);
  wall.setUTCFullYear(year, month - 1, day);
  wall.setUTCHours(hour, minute, second);
  if (Number.isNaN(wall.getTime())) throw tooFar();
  const guess = wall.getTime() - zone.offsetAt(wall.getTime()) * 1_000;
  const ms = wall.getTime() - zone.offsetAt(guess) * 1_000;
  return new Moment(BigInt(ms) * nsPerMs + BigInt(Math.trunc(ns)), zone);
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

function tooFar(): WeftError {
  return new WeftError("INVALID_ARGUMENT", "the time is further away than 270,000 years");
}
