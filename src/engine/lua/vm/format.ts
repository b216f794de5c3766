// Floats as C prints them. JavaScript's own conversions are exact but round halves up, and C's round them to even.

/** `%.<precision>g` of C for a finite number. */
export function formatGeneral(value: number, precision: number, keepsZeros = false): string {
  const digits = precision === 0 ? 1 : precision;
  const { sign, all, exponent } = scientific(value, digits - 1);
  const isPlain = exponent >= -4 && exponent < digits;
  const shown = isPlain ? plain(all, exponent) : pointed(all, 1);
  return `${sign}${keepsZeros ? withPoint(shown) : withoutZeros(shown)}${isPlain ? "" : signedPower(exponent)}`;
}

/** A number as its digits, the first of which stands for `10^exponent`. */
interface Scientific {
  readonly sign: string;
  readonly all: string;
  readonly exponent: number;
}

function scientific(value: number, places: number): Scientific {
  const magnitude = Math.abs(value);
  const text = magnitude.toExponential(places);
  const end = text.indexOf("e");
  const exponent = Number(text.slice(end + 1));
  const all = places === 0 ? text.slice(0, end) : `${text[0]}${text.slice(2, end)}`;
  const isHalf = isHalfway(magnitude, exponent - places);
  return { sign: signOf(value), all: isHalf ? toEven(all) : all, exponent };
}

const signOf = (value: number) => (value < 0 || Object.is(value, -0) ? "-" : "");

/** The whole part of a float has at most these many powers of five. */
const mostFives = 22;

/** Whether a number lies in the middle between two multiples of `10^power`: then its last bit stands for half of one. */
function isHalfway(magnitude: number, power: number): boolean {
  if (power > mostFives || power < -1_021) return false;
  const halves = magnitude / 2 ** (power - 1);
  // All that is halfway has few bits: what is no whole number here, or beyond them, has others.
  if (halves % 2 !== 1) return false;
  return power <= 0 || halves % 5 ** power === 0;
}

/** Undoes rounding up where the digit below is even. */
function toEven(digits: string): string {
  const last = digits.charCodeAt(digits.length - 1);
  return last % 2 === 0 ? digits : digits.slice(0, -1) + String.fromCharCode(last - 1);
}

/** Digits with a point after the first ones. */
function pointed(digits: string, whole: number): string {
  return digits.length > whole ? `${digits.slice(0, whole)}.${digits.slice(whole)}` : digits;
}

function plain(digits: string, exponent: number): string {
  return exponent < 0 ? `0.${"0".repeat(-exponent - 1)}${digits}` : pointed(digits, exponent + 1);
}

function withoutZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** The flag `#` asks for a point even where nothing follows. */
function withPoint(text: string): string {
  return text.includes(".") ? text : `${text}.`;
}

/** C writes at least two digits. */
function signedPower(exponent: number): string {
  return (exponent < 0 ? "e-" : "e+") + String(Math.abs(exponent)).padStart(2, "0");
}

/** `%.<precision>e` of C for a finite number. */
export function formatExponent(value: number, precision: number, keepsPoint = false): string {
  const { sign, all, exponent } = scientific(value, precision);
  const shown = pointed(all, 1);
  return `${sign}${keepsPoint ? withPoint(shown) : shown}${signedPower(exponent)}`;
}

/** From here on JavaScript's `toFixed` changes to powers of ten. */
const fixedEnd = 1e21;

/** `%.<precision>f` of C for a finite number. */
export function formatFixed(value: number, precision: number, keepsPoint = false): string {
  const magnitude = Math.abs(value);
  let text: string;
  if (magnitude < fixedEnd) {
    text = magnitude.toFixed(precision);
    if (isHalfway(magnitude, -precision)) text = toEven(text);
  } else {
    text = BigInt(magnitude).toString() + (precision > 0 ? `.${"0".repeat(precision)}` : "");
  }
  return signOf(value) + (keepsPoint ? withPoint(text) : text);
}

/** Hexadecimal digits behind the point of a float. */
const allDigits = 13;
const fractionBits = 52n;

/** `%.<precision>a` of C for a finite number; without a precision all its digits. */
export function formatHex(value: number, precision: number | undefined, keepsPoint = false): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> fractionBits) & 0x7ffn);
  let mantissa = bits & 0xfffffffffffffn;
  if (biased !== 0) mantissa |= 1n << fractionBits;
  if (precision !== undefined && precision < allDigits)
    mantissa = roundHex(mantissa, BigInt(4 * (allDigits - precision)));
  const all = (mantissa & 0xfffffffffffffn).toString(16).padStart(allDigits, "0");
  const digits = precision === undefined ? all.replace(/0+$/, "") : all.slice(0, precision).padEnd(precision, "0");
  const exponent = value === 0 ? 0 : (biased === 0 ? 1 : biased) - 1023;
  const power = (exponent < 0 ? "-" : "+") + String(Math.abs(exponent));
  return `${signOf(value)}0x${mantissa >> fractionBits}${digits === "" && !keepsPoint ? "" : `.${digits}`}p${power}`;
}

/** Clears the lowest bits, having rounded to the nearest, halves to even. */
function roundHex(mantissa: bigint, bits: bigint): bigint {
  const kept = mantissa >> bits;
  const rest = mantissa & ((1n << bits) - 1n);
  const half = 1n << (bits - 1n);
  const isUp = rest > half || (rest === half && (kept & 1n) === 1n);
  return (isUp ? kept + 1n : kept) << bits;
}

/** Digits of `tostring`: Lua's default format is `%.14g`. */
const shownDigits = 14;

/** Beyond it not every integer is a float. */
const lastExact = 2 ** 53;

/** A float as `tostring` shows it; a whole one that is exact shows no fraction, so that `100 / 2` reads 50. */
export function showFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Number.isInteger(value) && value !== 0 && Math.abs(value) <= lastExact) return String(value);
  return formatGeneral(value, shownDigits);
}

/** Widens text to a field; zeros go between the sign or `0x` and the digits. */
export function pad(text: string, width: number, how: "left" | "right" | "zeros"): string {
  if (text.length >= width) return text;
  if (how === "left") return text.padEnd(width);
  if (how === "right") return text.padStart(width);
  const [, sign = "", digits = ""] = /^([-+ ]?(?:0[xX])?)(.*)$/s.exec(text) ?? [];
  return sign + digits.padStart(width - sign.length, "0");
}
