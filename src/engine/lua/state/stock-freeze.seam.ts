// Seam for read-only tables of stock fengari, which knows none.
import { lauxlib, lua, tables, to_luastring, TString, TValue } from "./interpreter.seam.ts";
import { tag, type LuaState, type LuaTable, type LuaValue } from "./lua.ts";

const encoder = new TextEncoder();

/** Visits a table of stock fengari, or one with an array part. */
export function eachEntry(table: any, visit: (key: LuaValue, value: LuaValue) => void): void {
  const { arr = [] } = table;
  for (let i = 0; i < arr.length; i++) {
    if (arr[i].type !== tag.nil) visit(new TValue(tag.integer, i + 1), arr[i]);
  }
  for (let entry = table.f; entry; entry = entry.n) {
    if (entry.vt === undefined) visit(entry.key, entry.value);
    else if (entry.vt.type !== tag.nil) visit(new TValue(entry.kt, entry.kv), entry.vt);
  }
}

const frozen = new WeakSet<any>();

/** True for what `freezeStock` was given. */
export function isFrozenStock(table: LuaTable): boolean {
  return frozen.has(table.value);
}

/** The content moves behind an empty table whose metatable refuses changes. */
export function freezeStock(main: any, table: LuaTable): void {
  const outer = table.value as any;
  if (frozen.has(outer)) return;
  const inner = tables.luaH_new(main);
  const metatable = tables.luaH_new(main);
  const set = (to: any, name: string, value: LuaValue) =>
    tables.luaH_setfrom(main, to, new TValue(tag.string, new TString(main, encoder.encode(name))), value);
  eachEntry(outer, (key, value) => tables.luaH_setfrom(main, inner, key, value));
  const content = new TValue(tag.table, inner);
  set(metatable, "__index", content);
  set(metatable, "__metatable", new TValue(tag.boolean, false));
  set(metatable, "__newindex", new TValue(tag.hostFunction, refuseChange));
  const pairs = (L: LuaState) => {
    lua.lua_getglobal(main, to_luastring("next"));
    lua.lua_xmove(main, L, 1);
    const thread = L as any;
    thread.stack[thread.top++] = new TValue(content.type, content.value);
    lua.lua_pushnil(L);
    return 3;
  };
  set(metatable, "__pairs", new TValue(tag.hostFunction, pairs));
  Object.assign(outer, tables.luaH_new(main), { id: outer.id });
  metatable.flags = 0;
  outer.metatable = metatable;
  frozen.add(outer);
}

function refuseChange(L: LuaState): number {
  return lauxlib.luaL_error(L, to_luastring("this table is read-only"));
}
