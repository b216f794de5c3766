// Integers of 64 bits beside floats, and the texts of both.
import { showFloat } from "./format.ts";
import {
  anyString,
  BIG_INTEGER,
  FLOAT,
  INTEGER,
  machine,
  NIL,
  objects,
  scale,
  SHORT_STRING,
  STRING,
  TValue,
  variantMask,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import { charactersOf, fromCharacters, toCharacters } from "./strings.seam.ts";

/** The largest integer that is kept as a number; the smallest is its negative. */
export const largestNumber = Number.MAX_SAFE_INTEGER;
/** math.maxinteger. */
export const largestInteger = 9223372036854775807n;
/** math.mininteger. */
export const smallestInteger = -9223372036854775808n;
/** The first float above all integers. */
export const integerEnd = 9223372036854775808;

/** Keeps the lower 64 bits. */
export const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
/** An integer of either form as a BigInt. */
export const toBigInt = (value: number | bigint): bigint => (typeof value === "bigint" ? value : BigInt(value));
/** True for both tags of integers. */
export const isInteger = (type: number): boolean => type === INTEGER || type === BIG_INTEGER;
/** True for both tags of strings. */
export const isString = (type: number): boolean => (type & variantMask) === anyString;

/** Stores a wrapped integer under the tag for its size. */
export function storeInteger(slot: Slot, value: bigint): void {
  const isSmall = value >= -9007199254740991n && value <= 9007199254740991n;
  slot.type = isSmall ? INTEGER : BIG_INTEGER;
  slot.value = isSmall ? Number(value) : value;
}

const space = "[ \\f\\n\\r\\t\\v]*";
const decimal = new RegExp(`^${space}([-+]?)(\\d+)${space}$`);
const hex = new RegExp(`^${space}([-+]?)0[xX]([0-9a-fA-F]+)${space}$`);
const float = new RegExp(`^${space}[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?${space}$`);
const hexFloat = new RegExp(`^${space}([-+]?)0[xX]([0-9a-fA-F]*)(?:\\.([0-9a-fA-F]*))?(?:[pP]([-+]?\\d+))?${space}$`);

/** Texts shorter than this are exact when read digit by digit. */
const shortNumeral = 10;

/** Numerals longer than any that guests write would cost quadratic time as BigInts. */
const longNumeral = 100;

/** Reads a numeral, with the blanks around it, into a slot; false when the text is none. */
export function parseNumber(text: string, into: Slot): boolean {
  return parseShort(text, into) || parseDecimal(text, into) || parseHex(text, into) || parseHexFloat(text, into);
}

function parseShort(text: string, into: Slot): boolean {
  const { length } = text;
  if (length === 0 || length >= shortNumeral) return false;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
    value = value * 10 + code - 48;
  }
  into.type = INTEGER;
  into.value = value;
  return true;
}

function parseDecimal(text: string, into: Slot): boolean {
  const [, sign = "", digits = ""] = decimal.exec(text) ?? [];
  if (digits !== "" && digits.length < longNumeral) {
    const value = BigInt(digits) * (sign === "-" ? -1n : 1n);
    if (value >= smallestInteger && value <= largestInteger) {
      storeInteger(into, value);
      return true;
    }
  }
  if (!float.test(text)) return false;
  into.type = FLOAT;
  into.value = Number(text.trim());
  return true;
}

function parseHex(text: string, into: Slot): boolean {
  const [, sign = "", digits = ""] = hex.exec(text) ?? [];
  if (digits === "") return false;
  // Only the last 64 bits count.
  const value = BigInt(`0x${digits.slice(-16)}`);
  storeInteger(into, wrap(sign === "-" ? -value : value));
  return true;
}

/** Digits beyond these cannot change the rounded result of a hexadecimal float. */
const hexDigits = 30;

function parseHexFloat(text: string, into: Slot): boolean {
  const [, sign = "", whole = "", fraction = "", power = "0"] = hexFloat.exec(text) ?? [];
  if (whole === "" && fraction === "") return false;
  const digits = (whole + fraction).replace(/^0+/, "");
  const kept = digits.slice(0, hexDigits);
  const exponent = Number(power) - 4 * fraction.length + 4 * (digits.length - kept.length);
  const value = scale(Number(BigInt(`0x${kept === "" ? "0" : kept}`)), exponent);
  into.type = FLOAT;
  into.value = sign === "-" ? -value : value;
  return true;
}

/** The characters of a number as `tostring` shows it. */
export function showNumber(slot: Slot): string {
  return slot.type === FLOAT ? showFloat(slot.value) : String(slot.value);
}

/** A float as an integer, when it is one within 64 bits. */
export function integerOfFloat(value: number | bigint): number | bigint | false {
  // The lexer hands on literals of 64 bits as if they were floats, until the chunk is loaded.
  if (typeof value === "bigint") return value;
  if (Number.isSafeInteger(value)) return value + 0;
  if (Math.floor(value) === value && value >= -integerEnd && value < integerEnd) return BigInt(value);
  return false;
}

/** The number that a string spells. */
export function numberOfString(slot: Slot): Slot | undefined {
  const read = new TValue(NIL, null);
  return parseNumber(charactersOf(slot.value), read) ? read : undefined;
}

/** A value as a float: numbers and strings that spell one. */
export function toFloat(slot: Slot): number | false {
  switch (slot.type) {
    case INTEGER:
    case FLOAT:
      return slot.value;
    case BIG_INTEGER:
      return Number(slot.value);
    case STRING:
    case SHORT_STRING: {
      const read = numberOfString(slot);
      return read === undefined ? false : Number(read.value);
    }
    default:
      return false;
  }
}

/** A value as an exact integer: whole numbers and strings that spell one. */
export function toInteger(slot: Slot): number | bigint | false {
  switch (slot.type) {
    case INTEGER:
    case BIG_INTEGER:
      return slot.value;
    case FLOAT:
      return integerOfFloat(slot.value);
    case STRING:
    case SHORT_STRING: {
      const read = numberOfString(slot);
      return read === undefined ? false : toInteger(read);
    }
    default:
      return false;
  }
}

/** Stock library functions calculate with numbers: integers beyond 2^53 lose digits there. */
export function toNumber(slot: Slot): number | false {
  if (slot.type === INTEGER) return slot.value;
  const value = toInteger(slot);
  return typeof value === "bigint" ? Number(value) : value;
}

machine.tonumber = toFloat;
machine.tointeger = toNumber;
/** Mode 0 takes whole numbers only, 1 rounds down, 2 rounds up. */
machine.luaV_tointeger = (slot: Slot, mode: number) => {
  if (slot.type !== FLOAT) return toNumber(slot);
  const floor = Math.floor(slot.value);
  if (floor !== slot.value && mode === 0) return false;
  const value = integerOfFloat(floor !== slot.value && mode > 1 ? floor + 1 : floor);
  return typeof value === "bigint" ? Number(value) : value;
};

objects.luaO_str2num = (bytes: Uint8Array, into: Slot) => {
  // The lexer's buffer may go on after a zero.
  const end = bytes.indexOf(0);
  const text = toCharacters(end >= 0 ? bytes.subarray(0, end) : bytes);
  return parseNumber(text, into) ? text.length + 1 : 0;
};
objects.luaO_tostring = (_: Thread, slot: Slot) => {
  const shown = showNumber(slot);
  slot.type = STRING;
  slot.value = fromCharacters(shown);
};
