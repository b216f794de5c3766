// The interpreter: a private copy of fengari with its inner parts replaced. Importing this file builds it.
import "./interpreter.seam.ts";
import { objects, tables, type Thread } from "./internals.seam.ts";
import { installLibraries } from "./libraries/install.seam.ts";
import { loadPrivate } from "./load.seam.ts";
import { TString } from "./strings.seam.ts";

const fengari = loadPrivate("fengari");

/** fengari's interfaces, and the inner modules whose shapes the seam of `Lua` reads and builds. */
export const { lua, lauxlib, to_luastring } = fengari;
export { objects, tables, TString };

/** Opens a state with all standard libraries; none of them is yet safe for guests. */
export function openState(): Thread {
  const L: Thread = lauxlib.luaL_newstate();
  fengari.lualib.luaL_openlibs(L);
  installLibraries(L);
  return L;
}
