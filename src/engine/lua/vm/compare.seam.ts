// Order and equality.
import {
  anyNumber,
  debug,
  event,
  machine,
  metamethods,
  NIL,
  SHORT_STRING,
  STRING,
  TABLE,
  TValue,
  USERDATA,
  variantMask,
  metamethodOf,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import { isString } from "./numbers.seam.ts";
import { spend } from "./meter.seam.ts";
import { flatten, type LuaString } from "./strings.seam.ts";

/** Strings from this length on are paid for when they are compared. */
const longString = 8_192;

/** The characters of a string for a comparison. */
function compared(L: Thread | null, string: LuaString): string {
  const characters = flatten(string);
  // What native code compares in the time of one step.
  if (characters.length >= longString && L !== null) spend(L, characters.length >> 6);
  return characters;
}

const areNumbers = (a: Slot, b: Slot) => (a.type & variantMask) === anyNumber && (b.type & variantMask) === anyNumber;

/** 1 when `a < b`. JavaScript compares numbers with BigInts exactly. */
export function lessThan(L: Thread, a: Slot, b: Slot): number {
  if (areNumbers(a, b)) return a.value < b.value ? 1 : 0;
  if (isString(a.type) && isString(b.type)) return compared(L, a.value) < compared(L, b.value) ? 1 : 0;
  const answer = metamethods.luaT_callorderTM(L, a, b, event["TM_LT"]);
  if (answer === null) debug.luaG_ordererror(L, a, b);
  return answer ? 1 : 0;
}

/** Set while `a <= b` is answered by `not (b < a)`: a yield in there must turn its result. */
const callTurned = 128;

/** 1 when `a <= b`. */
export function lessOrEqual(L: Thread, a: Slot, b: Slot): number {
  if (areNumbers(a, b)) return a.value <= b.value ? 1 : 0;
  if (isString(a.type) && isString(b.type)) return compared(L, a.value) <= compared(L, b.value) ? 1 : 0;
  const answer = metamethods.luaT_callorderTM(L, a, b, event["TM_LE"]);
  if (answer !== null) return answer ? 1 : 0;
  L.ci.callstatus |= callTurned;
  const turned = metamethods.luaT_callorderTM(L, b, a, event["TM_LT"]);
  L.ci.callstatus ^= callTurned;
  if (turned === null) debug.luaG_ordererror(L, a, b);
  return turned ? 0 : 1;
}

/** 1 when equal; without a thread no metamethod is asked. */
export function equal(L: Thread | null, a: Slot, b: Slot): number {
  const { type } = a;
  if (type !== b.type) {
    if (isString(type) && isString(b.type)) return compared(L, a.value) === compared(L, b.value) ? 1 : 0;
    // An integer and a float may be equal, and a BigInt equals a number only by ==.
    return areNumbers(a, b) && a.value == b.value ? 1 : 0;
  }
  switch (type) {
    case NIL:
      return 1;
    case STRING:
    case SHORT_STRING:
      return a.value === b.value || compared(L, a.value) === compared(L, b.value) ? 1 : 0;
    case TABLE:
    case USERDATA:
      return a.value === b.value || (L !== null && equalByMetamethod(L, a, b)) ? 1 : 0;
    default:
      return a.value === b.value ? 1 : 0;
  }
}

function equalByMetamethod(L: Thread, a: Slot, b: Slot): boolean {
  const name = event["TM_EQ"] as number;
  const method = metamethodOf(L, a.value.metatable, name) ?? metamethodOf(L, b.value.metatable, name);
  if (method === null) return false;
  const answer: any = new TValue(NIL, null);
  metamethods.luaT_callTM(L, method, a, b, answer, 1);
  return !answer.l_isfalse();
}

machine.luaV_lessthan = lessThan;
machine.luaV_lessequal = lessOrEqual;
machine.luaV_equalobj = equal;
machine.luaV_rawequalobj = (a: Slot, b: Slot) => equal(null, a, b);
