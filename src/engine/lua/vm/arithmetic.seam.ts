// Arithmetic beyond what the interpreter's loop does itself: large integers, mixed kinds, strings, metamethods.
import {
  event,
  FLOAT,
  INTEGER,
  BIG_INTEGER,
  metamethods,
  NIL,
  objects,
  raise,
  TValue,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import { variantMask, anyNumber } from "./internals.seam.ts";
import {
  isInteger,
  isString,
  largestNumber,
  numberOfString,
  storeInteger,
  toBigInt,
  toInteger,
  wrap,
} from "./numbers.seam.ts";

/** Operators, numbered as in the compiler. */
export const operator = {
  add: 0,
  sub: 1,
  mul: 2,
  mod: 3,
  pow: 4,
  div: 5,
  idiv: 6,
  band: 7,
  bor: 8,
  bxor: 9,
  shl: 10,
  shr: 11,
  unm: 12,
  bnot: 13,
} as const;

const events = [
  "ADD",
  "SUB",
  "MUL",
  "MOD",
  "POW",
  "DIV",
  "IDIV",
  "BAND",
  "BOR",
  "BXOR",
  "SHL",
  "SHR",
  "UNM",
  "BNOT",
].map((name) => event[`TM_${name}`] as number);

const modulo = (x: number, y: number): number => {
  const rest = x % y;
  return rest * y < 0 ? rest + y : rest;
};

function moduloBig(x: bigint, y: bigint): bigint {
  const rest = x % y;
  return rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest;
}

function divideBig(x: bigint, y: bigint): bigint {
  const quotient = x / y;
  return x % y !== 0n && x < 0n !== y < 0n ? quotient - 1n : quotient;
}

function shiftLeft(value: bigint, by: number): bigint {
  if (by <= -64 || by >= 64) return 0n;
  if (by >= 0) return wrap(value << BigInt(by));
  return wrap(BigInt.asUintN(64, value) >> BigInt(-by));
}

/** Calculates into a slot; false when the operands ask for a metamethod. */
function calculate(L: Thread | null, op: number, a: Slot, b: Slot, into: Slot): boolean {
  if (op >= operator.band && op !== operator.unm) return calculateBits(op, a, b, into);
  if (op !== operator.pow && op !== operator.div && isInteger(a.type) && isInteger(b.type)) {
    calculateIntegers(L, op, a, b, into);
    return true;
  }
  const x = operand(a);
  const y = operand(b);
  if (x === undefined || y === undefined) return false;
  // Strings that spell integers calculate as floats, as in Lua 5.3.
  into.value = calculateFloats(op, Number(x.value), Number(y.value));
  into.type = FLOAT;
  return true;
}

function operand(slot: Slot): Slot | undefined {
  if ((slot.type & variantMask) === anyNumber) return slot;
  return isString(slot.type) ? numberOfString(slot) : undefined;
}

function calculateFloats(op: number, x: number, y: number): number {
  switch (op) {
    case operator.add:
      return x + y;
    case operator.sub:
      return x - y;
    case operator.mul:
      return x * y;
    case operator.mod:
      return modulo(x, y);
    case operator.pow:
      // C, unlike JavaScript, has 1 ^ nan == 1 and (-1) ^ inf == 1.
      return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
    case operator.div:
      return x / y;
    case operator.idiv:
      return Math.floor(x / y);
    default:
      return -x;
  }
}

function calculateIntegers(L: Thread | null, op: number, a: Slot, b: Slot, into: Slot): void {
  const x: number | bigint = a.value;
  const y: number | bigint = b.value;
  if (typeof x === "number" && typeof y === "number") {
    const result = calculateSmall(L, op, x, y);
    if (result <= largestNumber && result >= -largestNumber) {
      into.type = INTEGER;
      into.value = result;
      return;
    }
  }
  storeInteger(into, wrap(calculateBig(L, op, toBigInt(x), toBigInt(y))));
}

/** Quotients of numbers above this may round: they are calculated as BigInts. */
const exactQuotient = 2 ** 52;

/** NaN or a number beyond the safe integers when the result needs BigInts. Adding 0 makes -0 to 0. */
function calculateSmall(L: Thread | null, op: number, x: number, y: number): number {
  switch (op) {
    case operator.add:
      return x + y;
    case operator.sub:
      return x - y;
    case operator.mul:
      return x * y + 0;
    case operator.mod:
      refuseZero(L, op, y === 0);
      return modulo(x, y) + 0;
    case operator.idiv:
      refuseZero(L, op, y === 0);
      return Math.abs(x) > exactQuotient ? NaN : (x - modulo(x, y)) / y + 0;
    default:
      return 0 - x;
  }
}

function calculateBig(L: Thread | null, op: number, x: bigint, y: bigint): bigint {
  switch (op) {
    case operator.add:
      return x + y;
    case operator.sub:
      return x - y;
    case operator.mul:
      return x * y;
    case operator.mod:
      refuseZero(L, op, y === 0n);
      return moduloBig(x, y);
    case operator.idiv:
      refuseZero(L, op, y === 0n);
      return divideBig(x, y);
    default:
      return -x;
  }
}

function refuseZero(L: Thread | null, op: number, isZero: boolean): void {
  if (!isZero || L === null) return;
  raise(L, op === operator.mod ? "attempt to perform 'n%%0'" : "attempt to divide by zero");
}

const wordSize = 2 ** 32;

function calculateBits(op: number, a: Slot, b: Slot, into: Slot): boolean {
  const x = toInteger(a);
  const y = toInteger(b);
  if (x === false || y === false) return false;
  if (op <= operator.bxor && typeof x === "number" && typeof y === "number") {
    const result =
      combine(op, Math.floor(x / wordSize), Math.floor(y / wordSize)) * wordSize + (combine(op, x, y) >>> 0);
    if (result >= -largestNumber) {
      into.type = INTEGER;
      into.value = result;
      return true;
    }
  }
  storeInteger(into, wrap(combineBig(op, toBigInt(x), toBigInt(y))));
  return true;
}

function combine(op: number, x: number, y: number): number {
  if (op === operator.band) return x & y;
  return op === operator.bor ? x | y : x ^ y;
}

function combineBig(op: number, x: bigint, y: bigint): bigint {
  switch (op) {
    case operator.band:
      return x & y;
    case operator.bor:
      return x | y;
    case operator.bxor:
      return x ^ y;
    case operator.shl:
      return shiftLeft(x, Number(y));
    case operator.shr:
      return shiftLeft(x, -Number(y));
    default:
      return ~x;
  }
}

/** Calculates into a slot of the stack, by metamethod where the operands ask for one. */
export function arithmetic(L: Thread, op: number, a: Slot, b: Slot, into: number): void {
  // Operands may be the result's slot: each calculation reads before it writes.
  if (calculate(L, op, a, b, L.stack[into] as Slot)) return;
  metamethods.luaT_trybinTM(L, a, b, L.stack[into], events[op]);
}

objects.luaO_arith = (L: Thread | null, op: number, a: Slot, b: Slot, into: any) => {
  const result = new TValue(NIL, null);
  if (L === null) return fold(op, a, b, into, result);
  if (!calculate(L, op, a, b, result)) return metamethods.luaT_trybinTM(L, a, b, into, events[op]);
  const slot: Slot = typeof into === "number" ? (L.stack[into] as Slot) : into;
  slot.type = result.type;
  slot.value = result.value;
};

/** Calculation by the compiler, which knows no large integers: NaN makes it leave the operation to run time. */
function fold(op: number, a: Slot, b: Slot, into: Slot, result: Slot): void {
  const hasLarge = typeof a.value === "bigint" || typeof b.value === "bigint";
  if (!hasLarge) calculate(null, op, a, b, result);
  const isFoldable = !hasLarge && result.type !== BIG_INTEGER && result.type !== NIL;
  into.type = isFoldable ? result.type : FLOAT;
  into.value = isFoldable ? result.value : NaN;
}
