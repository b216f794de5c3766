// What the interpreter's loop does seldom, kept out of it so that it stays compact for the optimiser.
import {
  anyNumber,
  anyString,
  BIG_INTEGER,
  calls,
  FLOAT,
  INTEGER,
  LClosure,
  LUA_FUNCTION,
  NIL,
  raise,
  TValue,
  variantMask,
  type Call,
  type Closure,
  type Prototype,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import { preempted } from "./coroutines.seam.ts";
import { charge, mustStop, sizes } from "./meter.seam.ts";
import {
  integerEnd,
  isInteger,
  largestInteger,
  largestNumber,
  numberOfString,
  smallestInteger,
  storeInteger,
  toBigInt,
  toFloat,
} from "./numbers.seam.ts";
import { setInteger, type Table } from "./table.seam.ts";

const suspended = 1;

/**
 * Asks what becomes of a thread whose fuel is used up; it may raise. True when the thread stops here: it goes on at
 * `from`. Below a callback of a library function it cannot stop.
 */
export function stops(L: Thread, call: Call, at: number, from: number): boolean {
  call.l_savedpc = at;
  if (!mustStop(L) || L.nny !== 0) return false;
  call.l_savedpc = from;
  call.c_ctx = preempted;
  L.status = suspended;
  // Below other JavaScript frames the thread stops as yields do there: by unwinding them.
  if (L.nexec !== 1) calls.luaD_throw(L, suspended);
  L.nexec--;
  return true;
}

/** Prepares a numeric loop: its three registers get one kind of number, and the start is one step back. */
export function prepareLoop(L: Thread, init: Slot, limit: Slot, step: Slot): void {
  if (isInteger(init.type) && isInteger(step.type)) {
    if ((limit.type & variantMask) === anyString) Object.assign(limit, numberOfString(limit));
    if ((limit.type & variantMask) === anyNumber) return prepareIntegers(init, limit, step);
  }
  toFloatSlot(L, limit, "'for' limit must be a number");
  toFloatSlot(L, step, "'for' step must be a number");
  toFloatSlot(L, init, "'for' initial value must be a number");
  init.value -= step.value;
}

function toFloatSlot(L: Thread, slot: Slot, complaint: string): void {
  const value = toFloat(slot);
  if (value === false) raise(L, complaint);
  slot.type = FLOAT;
  slot.value = value;
}

function prepareIntegers(init: Slot, limit: Slot, step: Slot): void {
  const isUp = step.value > 0;
  let end: number | bigint = limit.value;
  if (typeof end === "number" && limit.type === FLOAT) {
    // No number is below NaN: the loop does not run.
    if (Number.isNaN(end)) end = isUp ? -Infinity : Infinity;
    end = isUp ? Math.floor(end) : Math.ceil(end);
  }
  if (isOutOfReach(init, end, step)) end = isUp ? largestNumber : -largestNumber;
  const isBeyond = typeof end === "bigint" || Math.abs(end) > largestNumber;
  if (init.type === INTEGER && step.type === INTEGER && !isBeyond && Number.isSafeInteger(init.value - step.value)) {
    limit.type = INTEGER;
    limit.value = end;
    init.value -= step.value;
    return;
  }
  limit.value = typeof end === "bigint" ? end : clip(end);
  init.value = toBigInt(init.value) - toBigInt(step.value);
  step.value = toBigInt(step.value);
  limit.type = init.type = step.type = BIG_INTEGER;
}

/** A loop from near with small steps would run for days to a limit beyond the safe integers: it needs no BigInts. */
function isOutOfReach(init: Slot, end: number | bigint, step: Slot): boolean {
  if (init.type !== INTEGER || step.type !== INTEGER) return false;
  if (Math.abs(init.value) > largestNumber / 2 || Math.abs(step.value) > nearStep) return false;
  return step.value > 0 ? end > largestNumber : end < -largestNumber;
}

const nearStep = 1024;

function clip(end: number): bigint {
  if (end >= integerEnd) return largestInteger;
  return end < -integerEnd ? smallestInteger : BigInt(end);
}

/** One step of a loop over large integers; false at its end, which is also where integers end. */
export function stepBig(index: Slot, limit: Slot, step: Slot, into: Slot): boolean {
  const value: bigint = index.value + step.value;
  if (value > largestInteger || value < smallestInteger) return false;
  if (step.value > 0n ? value > limit.value : value < limit.value) return false;
  index.value = value;
  storeInteger(into, value);
  return true;
}

const itemsPerFlush = 50;

/** Stores the values above a table's register as its items. */
export function storeItems(L: Thread, at: number, count: number, block: number): void {
  const table: Table = (L.stack[at] as Slot).value;
  const first = (block - 1) * itemsPerFlush;
  for (let i = 1; i <= count; i++) {
    const { type, value } = L.stack[at + i] as Slot;
    // Holes between items stay in the array part.
    if (type === NIL && i < count && first + i === table.arr.length + 1) table.arr.push(new TValue(NIL, null));
    else setInteger(table, first + i, type, value);
  }
}

/** Makes a function. The code remembers none of those made of it: the last one would keep all that it captured. */
export function capture(L: Thread, prototype: Prototype, outer: Closure, base: number, into: Slot): void {
  const { upvalues } = prototype;
  const { stack } = L;
  into.type = LUA_FUNCTION;
  const closure = new LClosure(L, upvalues.length);
  charge(sizes.closure + sizes.variable * upvalues.length);
  closure.p = prototype;
  for (let i = 0; i < upvalues.length; i++) {
    const { instack, idx } = upvalues[i] as Prototype["upvalues"][number];
    closure.upvals[i] = (instack ? stack[base + idx] : outer.upvals[idx]) as Slot;
  }
  into.value = closure;
}
