/** A moment as the fields of a date. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly min: number;
  readonly sec: number;
  readonly wday: number;
  readonly yday: number;
  readonly isdst: boolean;
  /** Minutes east of Greenwich, and what the zone is called. */
  readonly offset: number;
  readonly zone: string;
}

const dayMs = 86_400_000;

/** The fields of a moment in UTC. */
export function utcParts(at: Date): DateParts {
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
    offset: 0,
    zone: "GMT",
  };
}

/** The fields of a moment where the program runs. */
export function localParts(at: Date): DateParts {
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
    offset: -at.getTimezoneOffset(),
    zone: zoneName(at),
  };
}

function zoneName(at: Date): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(at);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

function dayOfYear(year: number, month: number, day: number): number {
  // Date.UTC takes years below 100 for those of the twentieth century.
  const begin = new Date(Date.UTC(2000, 0, 0)).setUTCFullYear(year - 1, 11, 31);
  return Math.round((new Date(0).setUTCFullYear(year, month, day) - (begin - (begin % dayMs))) / dayMs);
}

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = "January February March April May June July August September October November December".split(" ");

const two = (value: number) => String(value).padStart(2, "0");
const blank = (value: number) => String(value).padStart(2);
const twelve = (hour: number) => (hour % 12 === 0 ? 12 : hour % 12);
const dayName = ({ wday }: DateParts) => days[wday - 1] ?? "";
const monthName = ({ month }: DateParts) => months[month - 1] ?? "";
const clock = ({ hour, min, sec }: DateParts) => `${two(hour)}:${two(min)}:${two(sec)}`;
const slashed = ({ month, day, year }: DateParts) => `${two(month)}/${two(day)}/${two(modulo(year, 100))}`;

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function offsetOf({ offset }: DateParts): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

/** The week and year of ISO 8601: the first week is that of the year's first Thursday. */
function isoWeek({ year, month, day, wday }: DateParts): { readonly week: number; readonly year: number } {
  const thursday = new Date(new Date(0).setUTCFullYear(year, month - 1, day - modulo(wday - 2, 7) + 3));
  const itsYear = thursday.getUTCFullYear();
  const number = dayOfYear(itsYear, thursday.getUTCMonth(), thursday.getUTCDate());
  return { week: Math.floor((number - 1) / 7) + 1, year: itsYear };
}

/** Week of the year whose weeks begin with a day (0 is Sunday). */
function weekOf({ yday, wday }: DateParts, begin: number): string {
  return two(Math.floor((yday - 1 + 7 - modulo(wday - 1 - begin, 7)) / 7));
}

/** The conversions of C99's strftime in the C locale. */
const conversions: Readonly<Record<string, (parts: DateParts) => string>> = {
  a: (p) => dayName(p).slice(0, 3),
  A: dayName,
  b: (p) => monthName(p).slice(0, 3),
  B: monthName,
  c: (p) => `${dayName(p).slice(0, 3)} ${monthName(p).slice(0, 3)} ${blank(p.day)} ${clock(p)} ${p.year}`,
  C: (p) => two(Math.floor(p.year / 100)),
  d: (p) => two(p.day),
  D: slashed,
  e: (p) => blank(p.day),
  F: (p) => `${p.year}-${two(p.month)}-${two(p.day)}`,
  g: (p) => two(modulo(isoWeek(p).year, 100)),
  G: (p) => String(isoWeek(p).year),
  h: (p) => monthName(p).slice(0, 3),
  H: (p) => two(p.hour),
  I: (p) => two(twelve(p.hour)),
  j: (p) => String(p.yday).padStart(3, "0"),
  m: (p) => two(p.month),
  M: (p) => two(p.min),
  n: () => "\n",
  p: (p) => (p.hour < 12 ? "AM" : "PM"),
  r: (p) => `${two(twelve(p.hour))}:${two(p.min)}:${two(p.sec)} ${p.hour < 12 ? "AM" : "PM"}`,
  R: (p) => `${two(p.hour)}:${two(p.min)}`,
  S: (p) => two(p.sec),
  t: () => "\t",
  T: clock,
  u: (p) => String(p.wday === 1 ? 7 : p.wday - 1),
  U: (p) => weekOf(p, 0),
  V: (p) => two(isoWeek(p).week),
  w: (p) => String(p.wday - 1),
  W: (p) => weekOf(p, 1),
  x: slashed,
  X: clock,
  y: (p) => two(modulo(p.year, 100)),
  Y: (p) => String(p.year),
  z: offsetOf,
  Z: (p) => p.zone,
  "%": () => "%",
};

/** The letters that may follow `%E` and `%O`, which mean the same as without in the C locale. */
const alternatives: Readonly<Record<string, string>> = { E: "cCxXyY", O: "deHImMSuUVwWy" };

/** Fills a format; `refuse` hears of a conversion that there is not. */
export function formatDate(format: string, parts: DateParts, refuse: (conversion: string) => never): string {
  return format.replaceAll(/%([EO]?)([^]?)/g, (whole: string, modifier: string, letter: string) => {
    const convert = Object.hasOwn(conversions, letter) ? conversions[letter] : undefined;
    const isKnown = modifier === "" || (letter !== "" && (alternatives[modifier] ?? "").includes(letter));
    return convert === undefined || !isKnown ? refuse(whole) : convert(parts);
  });
}
