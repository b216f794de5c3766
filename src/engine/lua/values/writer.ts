import type { ValueWriter } from "../../../wit/values/backend.ts";
import { tag, type Lua, type LuaValue } from "../state/lua.ts";

/** Builds Lua values from canonical WIT values. */
export function luaWriter(lua: Lua): ValueWriter<LuaValue, readonly LuaValue[]> {
  return {
    nil: lua.nil,
    bool: (value) => lua.newBoolean(value),
    integer: (value) => lua.newNumber(value),
    long: (value) => (typeof value === "bigint" ? lua.newBigInt(value) : lua.newNumber(value)),
    float: (value) => lua.newNumber(value),
    text: (value) => lua.newText(value),
    bytes: (value) => lua.newBytes(value.slice()),
    handle(value) {
      throw new TypeError(`a resource handle (${typeof value}) cannot be held by Lua yet`);
    },
    list(items) {
      const table = lua.newTable();
      let hasNil = false;
      let i = 0;
      for (const item of items) {
        i += 1;
        if (item.type === tag.nil) hasNil = true;
        else lua.setIndex(table, i, item);
      }
      if (hasNil) lua.set(table, "n", lua.newNumber(items.length));
      return table;
    },
    shape: (names) => names.map((name) => lua.key(name)),
    table(keys, values) {
      const table = lua.newTable();
      let i = 0;
      for (const key of keys) {
        const value = values[i++];
        if (value !== undefined && value.type !== tag.nil) lua.initKey(table, key, value);
      }
      return table;
    },
    keepsNil: false,
  };
}
