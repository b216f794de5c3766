/** `%.<precision>g` of C for a finite number. */
export function formatGeneral(value: number, precision: number, keepsZeros = false): string {
  const digits = precision === 0 ? 1 : precision;
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", power = ""] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) {
    const text = value.toFixed(Math.max(0, digits - 1 - exponent));
    return keepsZeros ? text : withoutZeros(text);
  }
  return `${keepsZeros ? mantissa : withoutZeros(mantissa)}e${signedPower(exponent)}`;
}

function withoutZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** C writes at least two digits. */
function signedPower(exponent: number): string {
  return (exponent < 0 ? "-" : "+") + String(Math.abs(exponent)).padStart(2, "0");
}

/** `%.<precision>e` of C for a finite number. */
export function formatExponent(value: number, precision: number): string {
  const [mantissa = "", power = ""] = value.toExponential(precision).split("e");
  return `${Object.is(value, -0) ? "-" : ""}${mantissa}e${signedPower(Number(power))}`;
}

/** From here on JavaScript's `toFixed` changes to powers of ten. */
const fixedEnd = 1e21;

/** `%.<precision>f` of C for a finite number. */
export function formatFixed(value: number, precision: number): string {
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (magnitude < fixedEnd) return sign + magnitude.toFixed(precision);
  return sign + BigInt(magnitude).toString() + (precision > 0 ? `.${"0".repeat(precision)}` : "");
}

/** `%.<precision>a` of C for a finite number; without a precision all its digits. */
export function formatHex(value: number, precision: number | undefined): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const sign = bits >> 63n === 1n ? "-" : "";
  if (value === 0) return `${sign}0x0p+0`;
  const biased = Number((bits >> 52n) & 0x7ffn);
  const all = (bits & 0xfffffffffffffn).toString(16).padStart(13, "0");
  const digits = precision === undefined ? all.replace(/0+$/, "") : all.slice(0, precision).padEnd(precision, "0");
  const exponent = (biased === 0 ? 1 : biased) - 1023;
  const power = (exponent < 0 ? "-" : "+") + String(Math.abs(exponent));
  return `${sign}0x${biased === 0 ? 0 : 1}${digits === "" ? "" : `.${digits}`}p${power}`;
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
