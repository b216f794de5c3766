import { formatType } from "../format.ts";
import type { WitPrimitive, WitType } from "../types.ts";

/** More names than this in one message hide the point; the callee's signature follows in any case. */
const namesShown = 8;

const ranges: Readonly<Partial<Record<WitPrimitive, string>>> = {
  s8: "-128 to 127",
  u8: "0 to 255",
  s16: "-32768 to 32767",
  u16: "0 to 65535",
  s32: "-2147483648 to 2147483647",
  u32: "0 to 4294967295",
  s64: "-9223372036854775808 to 9223372036854775807",
  u64: "0 to 18446744073709551615",
};

/** Types without a name are written out, and cut at this length. */
const typeLength = 200;

/** What a type takes, for messages: `string`, `u8 (0 to 255)`, `record user`, `"red" or "green" (enum color)`. */
export function expectedText(type: WitType): string {
  const text = fullText(type);
  return text.length > typeLength ? `${text.slice(0, typeLength)}…` : text;
}

function fullText(type: WitType): string {
  switch (type.kind) {
    case "record":
      return `record ${type.name ?? formatType(type).slice("record ".length)}`;
    case "variant":
      return caseText(
        type.cases.map((item) => (item.type === undefined ? `"${item.name}"` : `{${item.name}: …}`)),
        type.name === undefined ? "variant" : `variant ${type.name}`,
      );
    case "enum":
      return caseText(quoted(type.cases), type.name === undefined ? "enum" : `enum ${type.name}`);
    case "flags":
      return `flags ${type.name === undefined ? "" : `${type.name} `}(${shorten(quoted(type.flags), ", ")})`;
    case "result":
      return `{ok: …} or {err: …} (${formatType(type)})`;
    case "option":
      return `{some: …} or {none: true} (${formatType(type)}, nested)`;
    case "char":
      return "char (one character)";
    case "list":
      return `${formatType(type)}${type.length === undefined ? "" : ` (${type.length} items)`}`;
    case "tuple":
      return `${formatType(type)} (${type.items.length} items)`;
    case "f32":
      return "f32 (-3.4028235e+38 to 3.4028235e+38)";
    default: {
      const range = isPrimitive(type.kind) ? ranges[type.kind] : undefined;
      return range === undefined ? formatType(type) : `${formatType(type)} (${range})`;
    }
  }
}

function isPrimitive(kind: string): kind is WitPrimitive {
  return Object.hasOwn(ranges, kind);
}

function caseText(names: readonly string[], type: string): string {
  return `${shorten(names, ", ", " or ")} (${type})`;
}

function quoted(names: readonly string[]): string[] {
  return names.map((name) => `"${name}"`);
}

/** The first few of many names or descriptions, divided by commas. */
export function shorten(names: readonly string[], comma = ", ", last = comma): string {
  if (names.length > namesShown) {
    return `${names.slice(0, namesShown).join(comma)} … (${names.length - namesShown} more)`;
  }
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(comma)}${last}${names.at(-1) ?? ""}`;
}
