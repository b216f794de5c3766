// The functions of `math` that see integers of 64 bits.
import { push, pushInteger, pushSlot, slotAt } from "../api.seam.ts";
import {
  auxiliary,
  BIG_INTEGER,
  BOOLEAN,
  FLOAT,
  INTEGER,
  NIL,
  STRING,
  TValue,
  type HostFunction,
  type Thread,
} from "../internals.seam.ts";
import { integerOfFloat, isInteger, toInteger } from "../numbers.seam.ts";
import { fromCharacters } from "../strings.seam.ts";
import { fail, floatArgument, integerArgument, isNumber, refuse } from "./arguments.seam.ts";

function rounded(round: (value: number) => number): HostFunction {
  return (L) => {
    const { type, value } = slotAt(L, 1);
    if (isInteger(type)) {
      push(L, type, value);
      return 1;
    }
    const float = round(floatArgument(L, 1));
    const integer = integerOfFloat(float);
    if (integer === false) push(L, FLOAT, float);
    else pushInteger(L, integer);
    return 1;
  };
}

function kind(L: Thread): number {
  const slot = slotAt(L, 1);
  auxiliary().luaL_checkany(L, 1);
  if (isNumber(slot)) push(L, STRING, fromCharacters(slot.type === FLOAT ? "float" : "integer"));
  else pushSlot(L, new TValue(NIL, null));
  return 1;
}

function toWhole(L: Thread): number {
  auxiliary().luaL_checkany(L, 1);
  const value = toInteger(slotAt(L, 1));
  if (value === false) pushSlot(L, new TValue(NIL, null));
  else pushInteger(L, value);
  return 1;
}

function magnitude(L: Thread): number {
  const { type, value } = slotAt(L, 1);
  if (type === INTEGER) push(L, INTEGER, Math.abs(value));
  else if (type === BIG_INTEGER) pushInteger(L, value < 0n ? -value : value);
  else push(L, FLOAT, Math.abs(floatArgument(L, 1)));
  return 1;
}

function isLessUnsigned(L: Thread): number {
  const [a, b] = [1, 2].map((at) => BigInt.asUintN(64, BigInt(integerArgument(L, at))));
  push(L, BOOLEAN, (a as bigint) < (b as bigint));
  return 1;
}

function remainder(L: Thread): number {
  const a = slotAt(L, 1);
  const b = slotAt(L, 2);
  if (!isInteger(a.type) || !isInteger(b.type)) {
    push(L, FLOAT, floatArgument(L, 1) % floatArgument(L, 2));
    return 1;
  }
  if (BigInt(b.value) === 0n) refuse(L, 2, "zero");
  pushInteger(L, BigInt(a.value) % BigInt(b.value));
  return 1;
}

/** Xorshift: Lua asks for a generator that a seed makes repeatable. */
let seed = Math.trunc(Math.random() * 0x7fffffff) | 1;

function nextWord(): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
}

/** A float in [0, 1) with all its 53 bits. */
function nextFraction(): number {
  const high = nextWord();
  return (high * 2 ** 21 + (nextWord() >>> 11)) / 2 ** 53;
}

function random(L: Thread): number {
  const count = L.top - L.ci.funcOff - 1;
  if (count === 0) {
    push(L, FLOAT, nextFraction());
    return 1;
  }
  if (count > 2) fail(L, "wrong number of arguments");
  const low = count === 1 ? 1n : BigInt(integerArgument(L, 1));
  const span = BigInt(integerArgument(L, count)) - low;
  if (span < 0n) refuse(L, count, "interval is empty");
  if (span > 0x7fffffffffffffffn) refuse(L, count, "interval too large");
  const offset =
    span < 0xffffffffn
      ? BigInt(Math.floor(nextFraction() * (Number(span) + 1)))
      : ((BigInt(nextWord()) << 32n) | BigInt(nextWord())) % (span + 1n);
  pushInteger(L, low + offset);
  return 1;
}

function reseed(L: Thread): number {
  const value = floatArgument(L, 1);
  seed = (Math.trunc(value) ^ Math.trunc(value / 2 ** 32)) | 0 || 1;
  return 0;
}

/** Replacements in `math`. */
export const mathFunctions: Readonly<Record<string, HostFunction>> = {
  floor: rounded(Math.floor),
  ceil: rounded(Math.ceil),
  abs: magnitude,
  fmod: remainder,
  random,
  randomseed: reseed,
  tointeger: toWhole,
  type: kind,
  ult: isLessUnsigned,
};
