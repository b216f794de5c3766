import type { ValueWriter } from "../../../wit/values/backend.ts";
import { tag, type Lua, type LuaValue } from "../state/lua.ts";

/** Builds Lua values from canonical WIT values. */
export function luaWriter(lua: Lua): ValueWriter<LuaValue, readonly string[]> {
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
      for (const [i, item] of items.entries()) {
        if (item.type === tag.nil) hasNil = true;
        else lua.setIndex(table, i + 1, item);
      }
      if (hasNil) lua.set(table, "n", lua.newNumber(items.length));
      return table;
    },
    shape: (names) => names,
    table(names, values) {
      const table = lua.newTable();
      for (const [i, name] of names.entries()) {
        const value = values[i];
        if (value !== undefined && value.type !== tag.nil) lua.set(table, name, value);
      }
      return table;
    },
    keepsNil: false,
  };
}
