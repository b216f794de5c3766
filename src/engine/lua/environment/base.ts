import { WeftError } from "../../../core/errors.ts";
import { LuaRaise } from "../errors/raise.ts";
import type { ModuleTable } from "../module.ts";
import type { Runtime } from "../runtime.ts";
import { tag, type Lua, type LuaTable, type NativeFunction } from "../state/lua.ts";
import { coroutineFunctions } from "../tasks/coroutines.ts";
import { coroutineAdditions } from "../modules/coroutine.ts";
import { olderMath } from "./math.ts";
import { osLibrary } from "./os.ts";

/** The base functions that programs keep. What is not named here is not there: load, dofile, collectgarbage, debug, io … */
const kept =
  "assert error getmetatable setmetatable ipairs pairs next pcall xpcall rawequal rawget rawset select tonumber tostring type _VERSION";

/** String functions whose first argument may be an error object, which is then its text. */
const takesErrors = "find match gmatch gsub lower upper sub len rep reverse format byte";

/** Makes the globals that all programs share. They are frozen, so that no task can change another's. */
export function baseGlobals<Host>(runtime: Runtime<Host>): LuaTable {
  const { lua } = runtime;
  const globals = lua.library("_G");
  const base = lua.newTable();
  for (const name of kept.split(" ")) lua.set(base, name, lua.get(globals, name));
  lua.set(base, "rawset", lua.newFunction(guardedRawset(lua, lua.get(globals, "rawset").value)));
  lua.set(base, "unpack", lua.get(lua.library("table"), "unpack"));
  lua.set(base, "table", frozen(lua, copyOf(lua, lua.library("table"))));
  lua.set(base, "math", frozen(lua, extended(runtime, "math", olderMath)));
  lua.set(base, "coroutine", frozen(lua, coroutineLibrary(runtime)));
  lua.set(base, "os", frozen(lua, runtime.bindTable("os", osLibrary)));
  lua.set(base, "string", stringLibrary(lua));
  lua.set(base, "package", frozen(lua, packageLibrary(lua)));
  return base;
}

/** What is left of `package` where no file is ever searched. */
function packageLibrary(lua: Lua): LuaTable {
  const table = lua.newTable();
  lua.set(table, "path", lua.newText(""));
  lua.set(table, "cpath", lua.newText(""));
  return table;
}

function coroutineLibrary<Host>(runtime: Runtime<Host>): LuaTable {
  const { lua } = runtime;
  const table = extended(runtime, "coroutine", coroutineAdditions);
  for (const [name, native] of Object.entries(coroutineFunctions(lua))) lua.set(table, name, lua.newFunction(native));
  return table;
}

function stringLibrary(lua: Lua): LuaTable {
  const table = copyOf(lua, lua.library("string"));
  lua.set(table, "dump", lua.nil);
  for (const name of takesErrors.split(" ")) {
    const { value } = lua.get(table, name);
    if (isNative(value)) lua.set(table, name, lua.newFunction(takingErrors(lua, value)));
  }
  frozen(lua, table);
  const metatable = lua.stringMetatable();
  if (metatable !== undefined) {
    lua.set(metatable, "__index", table);
    lua.set(metatable, "__metatable", lua.newBoolean(false));
  }
  return table;
}

function takingErrors(lua: Lua, native: NativeFunction): NativeFunction {
  return (L) => {
    const first = lua.at(L, 1);
    if (first.type === tag.userdata && lua.payload(first) instanceof WeftError) {
      const text = lua.display(L, first);
      lua.replace(L, 1, lua.newText(text));
    }
    return native(L);
  };
}

/** `rawset` goes around metatables, so it must refuse read-only tables itself. */
function guardedRawset(lua: Lua, native: unknown): NativeFunction {
  return (L) => {
    const table = lua.at(L, 1);
    if (lua.isTable(table) && lua.isFrozen(table)) throw new LuaRaise(`${lua.where(L, 1)}this table is read-only`);
    return isNative(native) ? native(L) : 0;
  };
}

function isNative(value: unknown): value is NativeFunction {
  return typeof value === "function";
}

function extended<Host>(runtime: Runtime<Host>, name: string, more: ModuleTable<Host>): LuaTable {
  const table = copyOf(runtime.lua, runtime.lua.library(name));
  runtime.lua.each(runtime.bindTable(name, more), (key, value) => runtime.lua.setRaw(table, key, value));
  return table;
}

function copyOf(lua: Lua, table: LuaTable): LuaTable {
  const copy = lua.newTable();
  lua.each(table, (key, value) => lua.setRaw(copy, key, value));
  return copy;
}

function frozen(lua: Lua, table: LuaTable): LuaTable {
  lua.freeze(table);
  return table;
}
