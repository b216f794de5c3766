import type { LuaCall, Returned } from "../call.ts";
import { raise } from "../call.ts";
import type { ModuleTable } from "../module.ts";

const secondMs = 1_000;

/** The part of `os` that reaches nothing outside the clock. */
export const osLibrary: ModuleTable<unknown> = {
  platform: "wippy",
  time,
  date,
  clock: () => performance.now() / secondMs,
  difftime: (call) => call.number(1) - (call.has(2) ? call.number(2) : 0),
};

function time(call: LuaCall<unknown>): Returned {
  if (!call.has(1)) return Math.floor(Date.now() / secondMs);
  const fields = call.record(1);
  const field = (name: string, otherwise: number | undefined): number => {
    const value = fields[name] ?? otherwise;
    if (typeof value !== "number") raise(`field '${name}' missing in date table`);
    return value;
  };
  const [year, month, day] = [field("year", undefined), field("month", undefined), field("day", undefined)];
  const at = new Date(year, month - 1, day, field("hour", 12), field("min", 0), field("sec", 0));
  return Math.floor(at.getTime() / secondMs);
}

function date(call: LuaCall<unknown>): Returned {
  const format = call.has(1) ? call.text(1) : "%c";
  const at = new Date(call.has(2) ? call.number(2) * secondMs : Date.now());
  if (Number.isNaN(at.getTime())) raise("time result cannot be represented");
  const isUtc = format.startsWith("!");
  const parts = isUtc ? utcParts(at) : localParts(at);
  const pattern = isUtc ? format.slice(1) : format;
  if (pattern.startsWith("*t")) return parts;
  return pattern.replaceAll(/%(.?)/g, (_, letter: string) => directive(letter, parts));
}

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly min: number;
  readonly sec: number;
  readonly wday: number;
  readonly yday: number;
  readonly isdst: boolean;
}

function utcParts(at: Date): DateParts {
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    min: at.getUTCMinutes(),
    sec: at.getUTCSeconds(),
    wday: at.getUTCDay() + 1,
    yday: dayOfYear(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()),
    isdst: false,
  };
}

function localParts(at: Date): DateParts {
  const winter = new Date(at.getFullYear(), 0, 1).getTimezoneOffset();
  const summer = new Date(at.getFullYear(), 6, 1).getTimezoneOffset();
  return {
    year: at.getFullYear(),
    month: at.getMonth() + 1,
    day: at.getDate(),
    hour: at.getHours(),
    min: at.getMinutes(),
    sec: at.getSeconds(),
    wday: at.getDay() + 1,
    yday: dayOfYear(at.getFullYear(), at.getMonth(), at.getDate()),
    isdst: winter !== summer && at.getTimezoneOffset() === Math.min(winter, summer),
  };
}

function dayOfYear(year: number, month: number, day: number): number {
  return Math.round((Date.UTC(year, month, day) - Date.UTC(year, 0, 0)) / 86_400_000);
}

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = "January February March April May June July August September October November December".split(" ");

const two = (value: number) => String(value).padStart(2, "0");

/** The directives of C's strftime in the C locale. */
const directives: Readonly<Record<string, (parts: DateParts) => string>> = {
  a: (p) => (days[p.wday - 1] ?? "").slice(0, 3),
  A: (p) => days[p.wday - 1] ?? "",
  b: (p) => (months[p.month - 1] ?? "").slice(0, 3),
  B: (p) => months[p.month - 1] ?? "",
  c: (p) => `${letter("a", p)} ${letter("b", p)} ${String(p.day).padStart(2)} ${letter("X", p)} ${p.year}`,
  d: (p) => two(p.day),
  D: (p) => letter("x", p),
  F: (p) => `${p.year}-${two(p.month)}-${two(p.day)}`,
  H: (p) => two(p.hour),
  I: (p) => two(p.hour % 12 === 0 ? 12 : p.hour % 12),
  j: (p) => String(p.yday).padStart(3, "0"),
  m: (p) => two(p.month),
  M: (p) => two(p.min),
  n: () => "\n",
  p: (p) => (p.hour < 12 ? "AM" : "PM"),
  S: (p) => two(p.sec),
  t: () => "\t",
  T: (p) => letter("X", p),
  w: (p) => String(p.wday - 1),
  x: (p) => `${two(p.month)}/${two(p.day)}/${two(p.year % 100)}`,
  X: (p) => `${two(p.hour)}:${two(p.min)}:${two(p.sec)}`,
  y: (p) => two(p.year % 100),
  Y: (p) => String(p.year),
  Z: () => "",
  "%": () => "%",
};

function letter(name: string, parts: DateParts): string {
  return directives[name]?.(parts) ?? "";
}

function directive(name: string, parts: DateParts): string {
  if (directives[name] === undefined) raise(`invalid conversion specifier '%${name}'`);
  return letter(name, parts);
}
