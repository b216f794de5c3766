// Arguments of library functions.
import { slotAt } from "../api.seam.ts";
import { auxiliary, BOOLEAN, NIL, type Slot, type Thread } from "../internals.seam.ts";
import { isString, showNumber, toInteger } from "../numbers.seam.ts";
import { anyNumber, variantMask } from "../internals.seam.ts";
import { charactersOf, encode, flatten, literal } from "../strings.seam.ts";

/** True for integers and floats. */
export const isNumber = ({ type }: Slot): boolean => (type & variantMask) === anyNumber;

/** An argument as an exact integer. */
export function integerArgument(L: Thread, at: number): number | bigint {
  const value = toInteger(slotAt(L, at));
  return value === false ? auxiliary().luaL_checkinteger(L, at) : value;
}

/** An argument as a float. */
export function floatArgument(L: Thread, at: number): number {
  return auxiliary().luaL_checknumber(L, at);
}

/** An argument as an exact integer, or something else where there is none. */
export function integerOr(L: Thread, at: number, otherwise: () => number): number | bigint {
  return slotAt(L, at).type === NIL ? otherwise() : integerArgument(L, at);
}

/** Everything but nil and false. */
export function isTrue({ type, value }: Slot): boolean {
  return type !== NIL && !(type === BOOLEAN && value === false);
}

/** The characters of an argument that is a string or a number. */
export function textArgument(L: Thread, at: number): string {
  const slot = slotAt(L, at);
  if (isString(slot.type)) return flatten(slot.value);
  if (isNumber(slot)) return showNumber(slot);
  auxiliary().luaL_checkstring(L, at);
  return shown(L, at);
}

/** The characters of what `tostring` makes of an argument. */
export function shown(L: Thread, at: number): string {
  const slot = slotAt(L, at);
  if (isString(slot.type)) return charactersOf(slot.value);
  if (isNumber(slot)) return showNumber(slot);
  auxiliary().luaL_tolstring(L, at);
  return charactersOf((L.stack[--L.top] as Slot).value);
}

/** Raises an error that names the argument. */
export function refuse(L: Thread, at: number, message: string): never {
  return auxiliary().luaL_argerror(L, at, encode(message)) as never;
}

/** Raises an error with the position of the caller. */
export function fail(L: Thread, message: string): never {
  return auxiliary().luaL_error(L, literal("%s"), encode(message)) as never;
}
