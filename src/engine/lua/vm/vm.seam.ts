// The interpreter: a private copy of fengari with its inner parts replaced. Importing this file builds it.
import "./interpreter.seam.ts";
import type { Thread } from "./internals.seam.ts";
import { installLibraries } from "./libraries/install.seam.ts";
import { loadPrivate } from "./load.seam.ts";

const fengari = loadPrivate("fengari");
const openStock = fengari.lualib.luaL_openlibs;

/** Opens all standard libraries; none of them is yet safe for guests. */
fengari.lualib.luaL_openlibs = (L: Thread) => {
  openStock(L);
  installLibraries(L);
};

/** fengari's interfaces, as its package exports them. */
export const { lua, lauxlib, lualib, to_luastring } = fengari;
/** Values, closures and userdata. */
export const objects = loadPrivate("lobject");
/** Strings. */
export const strings = loadPrivate("lstring");
/** Functions of tables. */
export const tables = loadPrivate("ltable");
/** What the running task uses, and how many bytes it holds. */
export { charge, meter, sizes } from "./meter.seam.ts";
/** Counts the bytes that values reach. */
export { Measurement } from "./measure.seam.ts";
/** Ends a thread with an error that nothing catches. */
export { kill } from "./coroutines.seam.ts";
/** Has a table refuse changes. */
export { freeze } from "./table.seam.ts";
