import { results } from "../call.ts";
import type { ModuleTable } from "../module.ts";

/** What Lua 5.1 has in `math` and 5.3 has not. */
export const olderMath: ModuleTable<unknown> = {
  pow: (call) => call.number(1) ** call.number(2),
  log10: (call) => Math.log10(call.number(1)),
  atan2: (call) => Math.atan2(call.number(1), call.number(2)),
  sinh: (call) => Math.sinh(call.number(1)),
  cosh: (call) => Math.cosh(call.number(1)),
  tanh: (call) => Math.tanh(call.number(1)),
  ldexp: (call) => scale(call.number(1), call.integer(2)),
  frexp: (call) => results(...split(call.number(1))),
};

/** `mantissa * 2^exponent`, in steps that neither overflow nor vanish on the way. */
function scale(mantissa: number, exponent: number): number {
  let value = mantissa;
  let left = Math.max(-3_000, Math.min(3_000, exponent));
  while (left > 1_000) {
    value *= 2 ** 1_000;
    left -= 1_000;
  }
  while (left < -1_000) {
    value *= 2 ** -1_000;
    left += 1_000;
  }
  return value * 2 ** left;
}

/** A number as a fraction in [0.5, 1) and a power of two. */
function split(value: number): [fraction: number, exponent: number] {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let exponent = Math.max(-1_023, Math.floor(Math.log2(Math.abs(value))) + 1);
  let fraction = scale(value, -exponent);
  while (Math.abs(fraction) < 0.5) {
    fraction *= 2;
    exponent -= 1;
  }
  while (Math.abs(fraction) >= 1) {
    fraction /= 2;
    exponent += 1;
  }
  return [fraction, exponent];
}
