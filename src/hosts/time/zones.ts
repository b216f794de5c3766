/** A time zone: how far it is ahead of UTC, and what it is called, at any moment. */
export interface Zone {
  readonly name: string;
  /** Seconds ahead of UTC at a Unix time in milliseconds. */
  offsetAt(ms: number): number;
  /** What the time is called there, such as CET; its offset where it has no name. */
  abbreviationAt(ms: number): string;
}

/** A zone that is always as far ahead of UTC. */
export function fixedZone(name: string, offset: number): Zone {
  return { name, offsetAt: () => offset, abbreviationAt: () => (name === "" ? offsetText(offset) : name) };
}

export const utc: Zone = fixedZone("UTC", 0);

/** Those whose English knows the abbreviations of a part of the world; none knows them all. */
const locales = ["en-US", "en-GB", "en-AU", "en-IN", "en-ZA", "ja-JP"];

/** A zone of the IANA database. @throws RangeError when there is none of this name. */
export function namedZone(iana: string, name = iana): Zone {
  const format = (style: "longOffset" | "short", locale = "en-US") =>
    new Intl.DateTimeFormat(locale, { timeZone: iana, timeZoneName: style });
  const offsets = format("longOffset");
  let abbreviations: readonly Intl.DateTimeFormat[] | undefined;
  const offsetAt = (ms: number): number => parseOffset(zonePart(offsets, ms));
  return {
    name,
    offsetAt,
    abbreviationAt(ms) {
      abbreviations ??= locales.map((locale) => format("short", locale));
      const found = abbreviations.map((each) => zonePart(each, ms)).find((text) => !/\d/.test(text));
      return found ?? offsetText(offsetAt(ms));
    },
  };
}

const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();

/** The zone of this computer. */
export const localZone: Zone = namedZone(timeZone, "Local");

const known = new Map<string, Zone>([
  ["", utc],
  ["UTC", utc],
  ["Local", localZone],
]);

/** Zones that somebody asked for. */
const loaded = new Map<string, Zone>();
/** More than there are. But each can be spelt in many ways, upper case or lower, and what a zone takes is large. */
const mostLoaded = 600;

/** The zone of a name, made once. @throws RangeError when there is none. */
export function loadZone(name: string): Zone {
  const found = known.get(name) ?? loaded.get(name);
  if (found !== undefined) return found;
  // Intl knows offsets such as "+01:00" too, which are no names of places.
  if (!/^[A-Za-z]/.test(name)) throw new RangeError(`no zone is called ${name}`);
  const zone = namedZone(name);
  if (loaded.size >= mostLoaded) loaded.clear();
  loaded.set(name, zone);
  return zone;
}

function zonePart(format: Intl.DateTimeFormat, ms: number): string {
  return format.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
}

function parseOffset(text: string): number {
  const found = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(text);
  if (found === null) return 0;
  const [, sign, hours, minutes, seconds = "0"] = found;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds));
}

/** An offset as Go writes it where a name is missing: `+03`, `-0330`. */
function offsetText(offset: number): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(Math.abs(offset) / 60);
  const rest = minutes % 60 === 0 ? "" : pad(minutes % 60);
  return `${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}${rest}`;
}
