import { LuaResults } from "../../engine/lua/call.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import { decodeJson, encodeJson } from "../../engine/lua/values/json.ts";

/** JSON text. The empty table is `[]`, null is nil, whole numbers are integers. */
export const jsonModule: LuaModule<unknown> = {
  name: "json",
  always: false,
  table: {
    encode: (call) => new LuaResults([encodeJson(call.runtime.lua, call.keep(1).value)]),
    decode: (call) => decodeJson(call.runtime.lua, call.bytes(1)),
  },
};
