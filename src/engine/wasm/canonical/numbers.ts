import { WeftError } from "../../../core/errors.ts";
import type { Value } from "../../../core/values.ts";

const scratch = new DataView(new ArrayBuffer(8));

/** Small conversions that generated code calls, under the name `rt`. */
export const numbers = {
  /** A 64-bit integer in canonical form: a number where it is exact. */
  narrow(value: bigint): number | bigint {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  },
  /** A code point as a string of one character. */
  char(code: number): string {
    if (code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw new WeftError("TRAP_INVALID_VALUE", `${code} is no Unicode character`);
    }
    return String.fromCodePoint(code);
  },
  /** Traps: no case has this discriminant. */
  invalidCase(index: number, count: number): never {
    throw new WeftError("TRAP_INVALID_VALUE", `discriminant ${index >>> 0} of a type with ${count} cases`);
  },
  /** The case of a variant in canonical form. */
  caseOf(value: Value): string {
    if (typeof value === "string") return value;
    const [name] = Object.keys(value ?? {});
    return name ?? "";
  },
  bitsOfF32(value: number): number {
    scratch.setFloat32(0, value);
    return scratch.getInt32(0);
  },
  f32OfBits(bits: number): number {
    scratch.setInt32(0, bits);
    return scratch.getFloat32(0);
  },
  bitsOfF64(value: number): bigint {
    scratch.setFloat64(0, value);
    return scratch.getBigInt64(0);
  },
  f64OfBits(bits: bigint): number {
    scratch.setBigInt64(0, bits);
    return scratch.getFloat64(0);
  },
};
