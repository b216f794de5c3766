// Functions of the base library.
import { push, pushInteger, pushSlot, slotAt } from "../api.seam.ts";
import { FLOAT, INTEGER, NIL, TValue, auxiliary, type HostFunction, type Thread } from "../internals.seam.ts";
import { nextFunction, pairsFunction } from "../next.seam.ts";
import { isString, numberOfString } from "../numbers.seam.ts";
import { protectedCall } from "../protected-call.seam.ts";
import { charactersOf } from "../strings.seam.ts";
import { isNumber, refuse, textArgument } from "./arguments.seam.ts";

function toNumber(L: Thread): number {
  if (slotAt(L, 2).type === NIL) {
    const slot = slotAt(L, 1);
    auxiliary().luaL_checkany(L, 1);
    if (isNumber(slot)) push(L, slot.type, slot.value);
    else pushSlot(L, (isString(slot.type) ? numberOfString(slot) : undefined) ?? new TValue(NIL, null));
    return 1;
  }
  const base: number = auxiliary().luaL_checkinteger(L, 2);
  const slot = slotAt(L, 1);
  auxiliary().luaL_checktype(L, 1, 4);
  if (base < 2 || base > 36) refuse(L, 2, "base out of range");
  const value = numeral(charactersOf(slot.value), base);
  if (value === undefined) pushSlot(L, new TValue(NIL, null));
  else pushInteger(L, value);
  return 1;
}

/** An integer written in a base; larger ones wrap. */
function numeral(text: string, base: number): bigint | undefined {
  const [, sign = "", digits = ""] = /^[ \f\n\r\t\v]*([-+]?)([0-9a-zA-Z]+)[ \f\n\r\t\v]*$/.exec(text) ?? [];
  if (digits === "") return undefined;
  let value = 0n;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (worth >= base) return undefined;
    value = BigInt.asIntN(64, value * BigInt(base) + BigInt(worth));
  }
  return sign === "-" ? -value : value;
}

/** Memory is JavaScript's: the options are accepted, and only `count` says something. */
function collectGarbage(L: Thread): number {
  const option = slotAt(L, 1).type === NIL ? "collect" : textArgument(L, 1);
  if (option === "count") push(L, FLOAT, process.memoryUsage().heapUsed / 1024);
  else push(L, INTEGER, 0);
  return 1;
}

/** Replacements among the globals. */
export const baseFunctions: Readonly<Record<string, HostFunction>> = {
  collectgarbage: collectGarbage,
  next: nextFunction,
  pairs: pairsFunction,
  pcall: protectedCall,
  tonumber: toNumber,
};
