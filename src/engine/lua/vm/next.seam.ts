// `next` and `pairs`, which the interpreter's loop knows by identity.
import { api, auxiliary, HOST_FUNCTION, NIL, TABLE, TValue, type HostFunction, type Slot } from "./internals.seam.ts";
import { literal } from "./strings.seam.ts";
import { next } from "./table.seam.ts";

/** `next` of the base library. */
export const nextFunction: HostFunction = (L) => {
  const at = L.ci.funcOff;
  auxiliary().luaL_checktype(L, 1, TABLE);
  const given = L.stack[at + 2] as Slot;
  const key = L.top > at + 2 ? new TValue(given.type, given.value) : new TValue(NIL, null);
  const value = new TValue(NIL, null);
  if (!next(L, (L.stack[at + 1] as Slot).value, key, value)) {
    L.stack[L.top++] = new TValue(NIL, null);
    return 1;
  }
  L.stack[L.top++] = key;
  L.stack[L.top++] = value;
  return 2;
};

/** `pairs` of the base library. */
export const pairsFunction: HostFunction = (L) => {
  auxiliary().luaL_checkany(L, 1);
  const method: number = auxiliary().luaL_getmetafield(L, 1, literal("__pairs"));
  if (method === NIL) L.stack[L.top++] = new TValue(HOST_FUNCTION, nextFunction);
  api.lua_pushvalue(L, 1);
  if (method === NIL) L.stack[L.top++] = new TValue(NIL, null);
  else api.lua_call(L, 1, 3);
  return 3;
};
