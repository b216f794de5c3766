import { dayNames, formatLayout, monthNames, type Parts } from "./layout.ts";

const nsPerMs = 1_000_000n;
const nsPerSecond = 1_000_000_000n;
const dayMs = 86_400_000;

/** The zone of a moment: UTC, this computer's, or an IANA name. */
export type Zone = string;

export const utc: Zone = "UTC";
export const localZone: Zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A point in time, in nanoseconds since 1970, as seen in a zone. */
export class Moment {
  readonly ns: bigint;
  readonly zone: Zone;

  constructor(ns: bigint, zone: Zone) {
    this.ns = ns;
    this.zone = zone;
  }

  static now(): Moment {
    const microseconds = Math.round((performance.timeOrigin + performance.now()) * 1_000);
    return new Moment(BigInt(microseconds) * 1_000n, localZone);
  }

  get parts(): Parts {
    const ms = Number(floorDivide(this.ns, nsPerMs));
    const offsetMinutes = offsetOf(this.zone, ms);
    const wall = new Date(ms + offsetMinutes * 60_000);
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
      yearDay: Math.floor((wall.getTime() - Date.UTC(year, 0, 1)) / dayMs) + 1,
      offsetMinutes,
      zone: this.zone === utc ? "UTC" : zoneName(this.zone, ms),
    };
  }

  format(layout: string): string {
    return formatLayout(layout, this.parts);
  }

  get seconds(): number {
    return Number(floorDivide(this.ns, nsPerSecond));
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
  const wall = new Date(Date.UTC(2_000, month - 1, day, hour, minute, second));
  wall.setUTCFullYear(wall.getUTCFullYear() - 2_000 + year);
  const guess = wall.getTime() - offsetOf(zone, wall.getTime()) * 60_000;
  const ms = wall.getTime() - offsetOf(zone, guess) * 60_000;
  return new Moment(BigInt(ms) * nsPerMs + BigInt(Math.trunc(ns)), zone);
}

/** Reads text by a Go layout; parts that the layout does not name are the first of their sort. */
export function parseLayout(layout: string, text: string, zone: Zone): Moment | undefined {
  const order: string[] = [];
  const source = layout.replaceAll(
    /(January|Jan|Monday|Mon|MST|2006|Z07:00|Z0700|-07:00|-0700|[.,](?:0+|9+)|_2|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5)|([\s\S])/g,
    (_, piece: string | undefined, plain: string) => {
      if (piece === undefined) return plain.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
      order.push(piece);
      return `(${readers[piece] ?? String.raw`[.,]\d+`})`;
    },
  );
  // Go accepts a fraction after the seconds even if the layout has none.
  const pattern = new RegExp(`^${source.replace(String.raw`(\d\d)$`, String.raw`(\d\d)(?:\.\d+)?$`)}$`);
  const match = pattern.exec(text);
  return match === null ? undefined : assemble(order, match.slice(1), zone);
}

const readers: Readonly<Record<string, string>> = {
  January: monthNames.join("|"),
  Jan: monthNames.map((name) => name.slice(0, 3)).join("|"),
  Monday: dayNames.join("|"),
  Mon: dayNames.map((name) => name.slice(0, 3)).join("|"),
  MST: "[A-Z]{3,5}",
  "2006": String.raw`\d{4}`,
  "Z07:00": String.raw`Z|[+-]\d\d:\d\d`,
  Z0700: String.raw`Z|[+-]\d{4}`,
  "-07:00": String.raw`[+-]\d\d:\d\d`,
  "-0700": String.raw`[+-]\d{4}`,
  _2: String.raw`[ \d]\d`,
  PM: "AM|PM",
  pm: "am|pm",
  ...Object.fromEntries("01 02 03 04 05 06 15".split(" ").map((piece) => [piece, String.raw`\d\d`])),
  ...Object.fromEntries("1 2 3 4 5".split(" ").map((piece) => [piece, String.raw`\d\d?`])),
};

function assemble(order: readonly string[], texts: readonly string[], zone: Zone): Moment {
  const found = new Map(order.map((piece, i) => [piece, texts[i] ?? ""]));
  const number = (...names: string[]) =>
    Number(names.map((name) => found.get(name)).find((text) => text !== undefined));
  const named = found.get("January") ?? found.get("Jan");
  const month = named === undefined ? number("01", "1") : monthNames.findIndex((name) => name.startsWith(named)) + 1;
  const short = found.get("06");
  const year = short === undefined ? number("2006") : Number(short) + (Number(short) < 69 ? 2_000 : 1_900);
  const half = (found.get("PM") ?? found.get("pm"))?.toUpperCase();
  const hour12 = number("03", "3");
  const hour = half === undefined ? number("15", "03", "3") : (hour12 % 12) + (half === "PM" ? 12 : 0);
  const fraction = texts[order.findIndex((piece) => /^[.,]/.test(piece))] ?? "";
  const ns = Number(fraction.slice(1).padEnd(9, "0").slice(0, 9));
  const parts = [or(year, 0), or(month, 1), or(number("02", "_2", "2"), 1), or(hour, 0), or(number("04", "4"), 0)];
  const offset = ["Z07:00", "Z0700", "-07:00", "-0700"]
    .map((piece) => found.get(piece))
    .find((text) => text !== undefined);
  const moment = momentAt([...parts, or(number("05", "5"), 0), ns], offset === undefined ? zone : utc);
  if (offset === undefined || offset === "Z") return moment;
  const digits = /([+-])(\d\d):?(\d\d)/.exec(offset);
  const minutes = Number(digits?.[2]) * 60 + Number(digits?.[3]);
  return new Moment(
    moment.ns - BigInt((digits?.[1] === "-" ? -1 : 1) * minutes) * 60n * nsPerSecond,
    offset.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2"),
  );
}

function or(value: number, otherwise: number): number {
  return Number.isNaN(value) ? otherwise : value;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

const formats = new Map<Zone, Intl.DateTimeFormat>();

/** Minutes that a zone is ahead of UTC at a moment. */
function offsetOf(zone: Zone, ms: number): number {
  if (zone === utc) return 0;
  const text = zonePart(zone, ms, "longOffset");
  const found = /GMT([+-])(\d\d):(\d\d)/.exec(text);
  if (found === null) return 0;
  return (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]));
}

function zoneName(zone: Zone, ms: number): string {
  return zonePart(zone, ms, "short");
}

function zonePart(zone: Zone, ms: number, style: "longOffset" | "short"): string {
  const key = `${zone} ${style}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: style });
    formats.set(key, format);
  }
  return format.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
}
