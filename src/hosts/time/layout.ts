/** Go's reference layouts (https://pkg.go.dev/time#pkg-constants). */
export const layouts = {
  RFC3339: "2006-01-02T15:04:05Z07:00",
  RFC3339NANO: "2006-01-02T15:04:05.999999999Z07:00",
  RFC822: "02 Jan 06 15:04 MST",
  RFC822Z: "02 Jan 06 15:04 -0700",
  RFC850: "Monday, 02-Jan-06 15:04:05 MST",
  RFC1123: "Mon, 02 Jan 2006 15:04:05 MST",
  RFC1123Z: "Mon, 02 Jan 2006 15:04:05 -0700",
  KITCHEN: "3:04PM",
  STAMP: "Jan _2 15:04:05",
  STAMP_MILLI: "Jan _2 15:04:05.000",
  STAMP_MICRO: "Jan _2 15:04:05.000000",
  STAMP_NANO: "Jan _2 15:04:05.000000000",
  DATE_TIME: "2006-01-02 15:04:05",
  DATE_ONLY: "2006-01-02",
  TIME_ONLY: "15:04:05",
} as const;

/** A moment taken apart in some zone. */
export interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly yearDay: number;
  readonly offsetSeconds: number;
  /** The zone's abbreviation. */
  readonly zone: () => string;
}

export const monthNames = "January February March April May June July August September October November December".split(
  " ",
);
export const dayNames = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const pad = (value: number, width = 2) => String(value).padStart(width, "0");

/** Pieces of a layout, the longer before those they begin with. A fraction is one only behind a digit's place, and before none. */
const pieces =
  /January|Jan|Monday|Mon|MST|2006|Z07:00|Z0700|Z07|-07:00|-0700|-07|[.,](?:0+|9+)(?!\d)|__2|002|_2(?!006)|_(?=2006)|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5/g;

/** A layout cut into its pieces and the text between them. */
export function cutLayout(layout: string): readonly { readonly piece?: string; readonly text: string }[] {
  const cut: { readonly piece?: string; readonly text: string }[] = [];
  let end = 0;
  for (const { 0: piece, index } of layout.matchAll(pieces)) {
    if (index > end) cut.push({ text: layout.slice(end, index) });
    cut.push(piece === "_" ? { text: piece } : { piece, text: piece });
    end = index + piece.length;
  }
  return end < layout.length ? [...cut, { text: layout.slice(end) }] : cut;
}

const writers: Readonly<Record<string, (parts: Parts) => string>> = {
  January: (p) => monthNames[p.month - 1] ?? "",
  Jan: (p) => (monthNames[p.month - 1] ?? "").slice(0, 3),
  Monday: (p) => dayNames[p.weekday] ?? "",
  Mon: (p) => (dayNames[p.weekday] ?? "").slice(0, 3),
  MST: (p) => p.zone(),
  "2006": (p) => pad(p.year, 4),
  "06": (p) => pad(p.year % 100),
  "01": (p) => pad(p.month),
  "1": (p) => String(p.month),
  "02": (p) => pad(p.day),
  _2: (p) => String(p.day).padStart(2),
  "2": (p) => String(p.day),
  "002": (p) => pad(p.yearDay, 3),
  __2: (p) => String(p.yearDay).padStart(3),
  "15": (p) => pad(p.hour),
  "03": (p) => pad(p.hour % 12 === 0 ? 12 : p.hour % 12),
  "3": (p) => String(p.hour % 12 === 0 ? 12 : p.hour % 12),
  "04": (p) => pad(p.minute),
  "4": (p) => String(p.minute),
  "05": (p) => pad(p.second),
  "5": (p) => String(p.second),
  PM: (p) => (p.hour < 12 ? "AM" : "PM"),
  pm: (p) => (p.hour < 12 ? "am" : "pm"),
  "Z07:00": (p) => (p.offsetSeconds === 0 ? "Z" : offset(p, ":")),
  Z0700: (p) => (p.offsetSeconds === 0 ? "Z" : offset(p, "")),
  Z07: (p) => (p.offsetSeconds === 0 ? "Z" : offset(p, "").slice(0, 3)),
  "-07:00": (p) => offset(p, ":"),
  "-0700": (p) => offset(p, ""),
  "-07": (p) => offset(p, "").slice(0, 3),
};

/** Writes a moment the way Go's `Time.Format` does. */
export function formatLayout(layout: string, parts: Parts): string {
  return cutLayout(layout)
    .map(({ piece, text }) => (piece === undefined ? text : (writers[piece]?.(parts) ?? fraction(piece, parts))))
    .join("");
}

/** `.000` keeps its zeros, `.999` drops those at the end. */
function fraction(piece: string, { nanosecond }: Parts): string {
  const digits = pad(nanosecond, 9).slice(0, piece.length - 1);
  if (piece[1] === "0") return `${piece[0]}${digits}`;
  const kept = digits.replace(/0+$/, "");
  return kept === "" ? "" : `${piece[0]}${kept}`;
}

function offset({ offsetSeconds }: Parts, colon: string): string {
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60);
  return `${offsetSeconds < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}${colon}${pad(minutes % 60)}`;
}
