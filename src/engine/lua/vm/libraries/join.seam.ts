// table.concat: stock fengari's copies bytes item by item.
import { longestString } from "../access.seam.ts";
import { push, slotAt } from "../api.seam.ts";
import {
  api,
  auxiliary,
  NIL,
  STRING,
  TABLE,
  variantMask,
  type HostFunction,
  type Slot,
  type Thread,
} from "../internals.seam.ts";
import { isString, showNumber } from "../numbers.seam.ts";
import { charactersOf, fromCharacters } from "../strings.seam.ts";
import { getInteger } from "../table.seam.ts";
import { fail, isNumber, textArgument } from "./arguments.seam.ts";

function integerOr(L: Thread, at: number, otherwise: () => number): number {
  return slotAt(L, at).type === NIL ? otherwise() : auxiliary().luaL_checkinteger(L, at);
}

/** An item with the metamethods of the table. */
function itemAt(L: Thread, table: Slot, index: number): Slot {
  if (table.type === TABLE && table.value.metatable === null) return getInteger(table.value, index);
  api.lua_geti(L, 1, index);
  return L.stack[--L.top] as Slot;
}

const typeName = (L: Thread, { type }: Slot) => new TextDecoder().decode(api.lua_typename(L, type & variantMask));

/** `table.concat`. */
export const join: HostFunction = (L) => {
  const table = slotAt(L, 1);
  if (table.type !== TABLE) auxiliary().luaL_checktype(L, 1, TABLE);
  const separator = slotAt(L, 2).type === NIL ? "" : textArgument(L, 2);
  const first = integerOr(L, 3, () => 1);
  const last = integerOr(L, 4, () => auxiliary().luaL_len(L, 1));
  let out = "";
  for (let i = first; i <= last; i++) {
    const item = itemAt(L, table, i);
    if (isString(item.type)) out += charactersOf(item.value);
    else if (isNumber(item)) out += showNumber(item);
    else fail(L, `invalid value (${typeName(L, item)}) at index ${i} in table for 'concat'`);
    if (i < last) out += separator;
    if (out.length > longestString) fail(L, "resulting string too large");
  }
  push(L, STRING, fromCharacters(out));
  return 1;
};
