// Which fengari runs. Its inner modules must be those of the same copy as its API.
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** The API of Lua in C, by its own names. */
export const { lua, lauxlib, lualib, to_luastring } = load("fengari");
/** Values, closures and userdata. */
export const objects = load("fengari/src/lobject.js");
export const strings = load("fengari/src/lstring.js");
export const tables = load("fengari/src/ltable.js");
