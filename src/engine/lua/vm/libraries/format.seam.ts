// string.format, exact for integers of 64 bits and as C prints floats.
import { longestString } from "../access.seam.ts";
import { push } from "../api.seam.ts";
import { formatExponent, formatFixed, formatGeneral, formatHex, pad } from "../format.ts";
import {
  BIG_INTEGER,
  BOOLEAN,
  FLOAT,
  INTEGER,
  NIL,
  STRING,
  SHORT_STRING,
  type HostFunction,
  type Thread,
} from "../internals.seam.ts";
import { slotAt } from "../api.seam.ts";
import { chargeFirst, spend } from "../meter.seam.ts";
import { flatten, fromCharacters } from "../strings.seam.ts";
import { fail, floatArgument, integerArgument, refuse, shown, textArgument } from "./arguments.seam.ts";

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly conversion: string;
  /** As written, without the percent sign. */
  readonly text: string;
}

const directive = /%([-+ #0]*)(\d*)(?:\.(\d*))?(.?)/sy;

/** C promises no more to those who pass formats through. */
const mostFlags = 5;
const mostDigits = 2;

/** `string.format`. */
export const format: HostFunction = (L) => {
  const pattern = textArgument(L, 1);
  const last = L.top - L.ci.funcOff - 1;
  spend(L, pattern.length >> 3);
  let out = "";
  let argument = 1;
  for (let at = 0; ;) {
    const found = pattern.indexOf("%", at);
    if (found < 0) {
      push(L, STRING, fromCharacters(out + pattern.slice(at)));
      return 1;
    }
    out += pattern.slice(at, found);
    at = found + 2;
    const next = pattern[found + 1];
    if (next === "%") {
      out += "%";
      continue;
    }
    argument++;
    if (out.length > longestString) fail(L, "resulting string too large");
    if (argument > last) refuse(L, argument, "no value");
    if (next === "s") out += shown(L, argument);
    else if (next === "d") out += String(integerArgument(L, argument));
    else {
      const parsed = parse(L, pattern, found);
      at = found + 1 + parsed.text.length;
      out += convert(L, parsed, argument);
    }
  }
};

function parse(L: Thread, pattern: string, at: number): Directive {
  directive.lastIndex = at;
  const [text = "%", flags = "", width = "", precision, conversion = ""] = directive.exec(pattern) ?? [];
  if (flags.length > mostFlags) fail(L, "invalid format (repeated flags)");
  if (width.length > mostDigits || (precision ?? "").length > mostDigits) {
    fail(L, "invalid format (width or precision too long)");
  }
  return {
    flags,
    width: Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    conversion,
    text: text.slice(1),
  };
}

function convert(L: Thread, parsed: Directive, at: number): string {
  switch (parsed.conversion) {
    case "d":
    case "i":
      return signedInteger(integerArgument(L, at), parsed);
    case "u":
    case "x":
    case "X":
    case "o":
      return unsignedInteger(integerArgument(L, at), parsed);
    case "c":
      return field(String.fromCharCode(Number(BigInt.asUintN(8, BigInt(integerArgument(L, at))))), parsed, false);
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
    case "a":
    case "A":
      return float(floatArgument(L, at), parsed);
    case "q":
      if (parsed.text !== "q") fail(L, `invalid conversion '%${parsed.text}' to 'format'`);
      return quoted(L, at);
    case "s":
      return text(L, parsed, at);
    default:
      return fail(L, `invalid option '%${parsed.conversion}' to 'format'`);
  }
}

function field(converted: string, { flags, width }: Directive, mayHaveZeros: boolean): string {
  if (flags.includes("-")) return pad(converted, width, "left");
  return pad(converted, width, mayHaveZeros && flags.includes("0") ? "zeros" : "right");
}

function signOf({ flags }: Directive): string {
  if (flags.includes("+")) return "+";
  return flags.includes(" ") ? " " : "";
}

function signedInteger(value: number | bigint, parsed: Directive): string {
  const { precision } = parsed;
  const isNegative = value < 0;
  const all = String(value).slice(isNegative ? 1 : 0);
  const digits = precision === 0 && value === 0 ? "" : all.padStart(precision ?? 0, "0");
  return field((isNegative ? "-" : signOf(parsed)) + digits, parsed, precision === undefined);
}

function unsignedInteger(value: number | bigint, parsed: Directive): string {
  const { conversion, precision, flags } = parsed;
  const base = { u: 10, o: 8 }[conversion] ?? 16;
  const all = (typeof value === "number" && value >= 0 ? value : BigInt.asUintN(64, BigInt(value))).toString(base);
  const digits = precision === 0 && value === 0 ? "" : all.padStart(precision ?? 0, "0");
  const prefix = flags.includes("#") ? prefixOf(conversion, digits, value === 0) : "";
  const converted = prefix + digits;
  return field(conversion === "X" ? converted.toUpperCase() : converted, parsed, precision === undefined);
}

/** What the flag `#` puts in front: an octal number begins with a zero in any case. */
function prefixOf(conversion: string, digits: string, isZero: boolean): string {
  if (conversion === "o") return digits.startsWith("0") ? "" : "0";
  return conversion === "u" || isZero ? "" : "0x";
}

const defaultPrecision = 6;

function float(value: number, parsed: Directive): string {
  const { conversion } = parsed;
  let converted = Number.isFinite(value) ? finite(value, parsed) : infinite(value);
  if (conversion < "a") converted = converted.toUpperCase();
  if (!converted.startsWith("-")) converted = signOf(parsed) + converted;
  return field(converted, parsed, Number.isFinite(value));
}

function infinite(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

function finite(value: number, { conversion, precision, flags }: Directive): string {
  const isAlternate = flags.includes("#");
  switch (conversion.toLowerCase()) {
    case "f":
      return formatFixed(value, precision ?? defaultPrecision, isAlternate);
    case "e":
      return formatExponent(value, precision ?? defaultPrecision, isAlternate);
    case "g":
      return formatGeneral(value, precision ?? defaultPrecision, isAlternate);
    default:
      return formatHex(value, precision, isAlternate);
  }
}

function text(L: Thread, parsed: Directive, at: number): string {
  const whole = shown(L, at);
  if (whole.includes("\0")) refuse(L, at, "string contains zeros");
  return field(whole.slice(0, parsed.precision), parsed, false);
}

/** A value as Lua source. */
function quoted(L: Thread, at: number): string {
  const { type, value } = slotAt(L, at);
  switch (type) {
    case STRING:
    case SHORT_STRING:
      // A byte may take four characters.
      chargeFirst(L, 4 * value.tsslen());
      spend(L, value.tsslen() >> 3);
      return quotedText(flatten(value));
    case FLOAT:
      return quotedFloat(value);
    case INTEGER:
      return String(value);
    case BIG_INTEGER:
      // Its positive part is no integer.
      return value === -9223372036854775808n ? "0x8000000000000000" : String(value);
    case NIL:
    case BOOLEAN:
      return shown(L, at);
    default:
      return refuse(L, at, "value has no literal form");
  }
}

function quotedFloat(value: number): string {
  if (Number.isNaN(value)) return "(0/0)";
  if (!Number.isFinite(value)) return value > 0 ? "1e9999" : "-1e9999";
  return formatHex(value, undefined);
}

function quotedText(value: string): string {
  let out = '"';
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 34 || code === 92) out += `\\${value[i]}`;
    else if (code === 10) out += "\\\n";
    else if (code < 32 || code === 127)
      out += `\\${isDigit(value.charCodeAt(i + 1)) ? String(code).padStart(3, "0") : code}`;
    else out += value[i];
  }
  return `${out}"`;
}

const isDigit = (code: number) => code >= 48 && code <= 57;
