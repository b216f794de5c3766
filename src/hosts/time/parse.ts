import { cutLayout, dayNames, monthNames } from "./layout.ts";
import { momentAt, type Moment } from "./moment.ts";
import { fixedZone, type Zone } from "./zones.ts";

/** What was read so far. */
interface Found {
  year?: number;
  month?: number;
  day?: number;
  yearDay?: number;
  hour?: number;
  minute?: number;
  second?: number;
  nanosecond?: number;
  half?: "AM" | "PM";
  offsetSeconds?: number;
  abbreviation?: string;
}

/** Reads one piece at the start of a text: gives how much it took, or undefined when it is not there. */
type Reader = (text: string, found: Found) => number | undefined;

/** Reads text by a Go layout; parts that the layout does not name are the first of their sort. */
export function parseLayout(layout: string, text: string, zone: Zone): Moment | undefined {
  const found: Found = {};
  let at = 0;
  const cut = cutLayout(layout);
  for (const [index, { piece, text: plain }] of cut.entries()) {
    const rest = text.slice(at);
    const taken = piece === undefined ? literal(plain, rest) : (readers[piece] ?? fractionOf(piece))(rest, found);
    if (taken === undefined) return undefined;
    at += taken;
    // Go accepts a fraction after the seconds even if the layout has none.
    const isSecond = piece === "05" || piece === "5";
    const hasFraction = /^[.,]/.test(cut[index + 1]?.piece ?? "");
    if (isSecond && !hasFraction) at += fraction(text.slice(at), found) ?? 0;
  }
  return at === text.length ? assemble(found, zone) : undefined;
}

function literal(plain: string, text: string): number | undefined {
  return text.startsWith(plain) ? plain.length : undefined;
}

/** A number of so many digits. */
const digits =
  (least: number, most: number, put: (found: Found, value: number) => void): Reader =>
  (text, found) => {
    let length = 0;
    while (length < most && isDigit(text[length])) length += 1;
    if (length < least) return undefined;
    put(found, Number(text.slice(0, length)));
    return length;
  };

/** As `digits`, with spaces in front instead of zeros. */
const padded =
  (width: number, put: (found: Found, value: number) => void): Reader =>
  (text, found) => {
    const spaces = /^ */.exec(text)?.[0].length ?? 0;
    const taken = digits(1, width - Math.min(spaces, width - 1), put)(text.slice(Math.min(spaces, width - 1)), found);
    return taken === undefined ? undefined : taken + Math.min(spaces, width - 1);
  };

const name =
  (names: readonly string[], put: (found: Found, index: number) => void): Reader =>
  (text, found) => {
    const index = names.findIndex((each) => text.slice(0, each.length).toLowerCase() === each.toLowerCase());
    if (index < 0) return undefined;
    put(found, index);
    return names[index]?.length;
  };

const half: Reader = (text, found) => {
  const word = text.slice(0, 2).toUpperCase();
  if (word !== "AM" && word !== "PM") return undefined;
  found.half = word;
  return 2;
};

/** An offset from UTC; with `Z` also that letter, which means none. */
const offset =
  (form: RegExp, acceptsZ: boolean): Reader =>
  (text, found) => {
    if (acceptsZ && text.startsWith("Z")) {
      found.offsetSeconds = 0;
      return 1;
    }
    const match = form.exec(text);
    if (match === null) return undefined;
    const [whole, sign, hours, minutes = "0"] = match;
    if (Number(hours) > 24 || Number(minutes) > 59) return undefined;
    found.offsetSeconds = (sign === "-" ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60);
    return whole.length;
  };

const abbreviation: Reader = (text, found) => {
  const match = /^(?:GMT[+-]\d{1,2}|[A-Z]{3,5}|[+-]\d\d(?:\d\d)?)/.exec(text);
  if (match === null) return undefined;
  found.abbreviation = match[0];
  return match[0].length;
};

const fraction: Reader = (text, found) => {
  const match = /^[.,](\d+)/.exec(text);
  if (match?.[1] === undefined) return undefined;
  found.nanosecond = Number(match[1].padEnd(9, "0").slice(0, 9));
  return match[0].length;
};

/** A fraction written with nines may be left out, as it is for whole seconds. */
const fractionOf =
  (piece: string): Reader =>
  (text, found) =>
    fraction(text, found) ?? (piece.includes("9") ? 0 : undefined);

const isDigit = (letter: string | undefined): boolean => letter !== undefined && letter >= "0" && letter <= "9";
const short = (names: readonly string[]) => names.map((each) => each.slice(0, 3));
const month = (found: Found, value: number): void => void (found.month = value);
const day = (found: Found, value: number): void => void (found.day = value);
const hour = (found: Found, value: number): void => void (found.hour = value);
const minute = (found: Found, value: number): void => void (found.minute = value);
const second = (found: Found, value: number): void => void (found.second = value);
const yearDay = (found: Found, value: number): void => void (found.yearDay = value);

const readers: Readonly<Record<string, Reader>> = {
  January: name(monthNames, (found, index) => month(found, index + 1)),
  Jan: name(short(monthNames), (found, index) => month(found, index + 1)),
  Monday: name(dayNames, () => undefined),
  Mon: name(short(dayNames), () => undefined),
  MST: abbreviation,
  "2006": digits(4, 4, (found, value) => (found.year = value)),
  // As Go: 69 is of the last century, 68 of this one.
  "06": digits(2, 2, (found, value) => (found.year = value + (value < 69 ? 2_000 : 1_900))),
  "01": digits(2, 2, month),
  "1": digits(1, 2, month),
  "02": digits(2, 2, day),
  _2: padded(2, day),
  "2": digits(1, 2, day),
  "002": digits(3, 3, yearDay),
  __2: padded(3, yearDay),
  "15": digits(2, 2, hour),
  "03": digits(2, 2, hour),
  "3": digits(1, 2, hour),
  "04": digits(2, 2, minute),
  "4": digits(1, 2, minute),
  "05": digits(2, 2, second),
  "5": digits(1, 2, second),
  PM: half,
  pm: half,
  "Z07:00": offset(/^([+-])(\d\d):(\d\d)/, true),
  Z0700: offset(/^([+-])(\d\d)(\d\d)/, true),
  Z07: offset(/^([+-])(\d\d)/, true),
  "-07:00": offset(/^([+-])(\d\d):(\d\d)/, false),
  "-0700": offset(/^([+-])(\d\d)(\d\d)/, false),
  "-07": offset(/^([+-])(\d\d)/, false),
};

function assemble(found: Found, zone: Zone): Moment | undefined {
  const { year = 0, minute: minutes = 0, second: seconds = 0, nanosecond = 0 } = found;
  const hours = found.half === undefined ? (found.hour ?? 0) : hourOfHalf(found);
  const date = dateOf(found, year);
  if (date === undefined || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const parts = [year, ...date, hours, minutes, seconds, nanosecond];
  if (found.offsetSeconds !== undefined) return withOffset(parts, { zone, ...found, offset: found.offsetSeconds });
  return found.abbreviation === undefined ? momentAt(parts, zone) : withName(parts, zone, found.abbreviation);
}

function hourOfHalf({ hour: hours = 0, half: which }: Found): number {
  return hours > 12 ? hours : (hours % 12) + (which === "PM" ? 12 : 0);
}

/** Month and day, if there is such a day. */
function dateOf({ month: m, day: d, yearDay: y }: Found, year: number): readonly [number, number] | undefined {
  const wall = new Date(0);
  wall.setUTCFullYear(year, y === undefined ? (m ?? 1) - 1 : 0, y ?? d ?? 1);
  const [foundMonth, foundDay] = [wall.getUTCMonth() + 1, wall.getUTCDate()];
  const isThere =
    wall.getUTCFullYear() === year && (m === undefined || m === foundMonth) && (d === undefined || d === foundDay);
  return isThere ? [foundMonth, foundDay] : undefined;
}

/** In the zone that was asked for if that has the offset then, else in one of no other name. */
function withOffset(
  parts: readonly number[],
  { zone, offset: ahead, abbreviation: text = "" }: { zone: Zone; offset: number; abbreviation?: string },
): Moment {
  const fixed = ahead === 0 && text === "" ? fixedZone("UTC", 0) : fixedZone(text, ahead);
  const moment = momentAt(parts, fixed);
  return zone.offsetAt(moment.seconds * 1_000) === ahead && zone.name !== "UTC" ? moment.in(zone) : moment;
}

/** An abbreviation means the zone that was asked for if the time is called so there; else nobody knows its offset. */
function withName(parts: readonly number[], zone: Zone, text: string): Moment {
  const moment = momentAt(parts, zone);
  if (text === "UTC" || moment.parts.zone() === text)
    return text === "UTC" ? momentAt(parts, fixedZone("UTC", 0)) : moment;
  const hours = /^(?:GMT)?([+-]\d{1,2})(\d\d)?$/.exec(text);
  const ahead =
    hours === null ? 0 : Number(hours[1]) * 3_600 + Math.sign(Number(hours[1])) * Number(hours[2] ?? 0) * 60;
  return momentAt(parts, fixedZone(text, ahead));
}
