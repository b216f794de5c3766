// Which fengari runs: the patched copy. Its inner modules are those of the same copy as its API.

/** The API of Lua in C, by its own names; values, closures and userdata; strings; tables. */
export { lua, lauxlib, lualib, objects, strings, tables, to_luastring } from "../vm/vm.seam.ts";
