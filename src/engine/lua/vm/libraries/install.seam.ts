// Puts the replacements among the standard libraries.
import { pushInteger } from "../api.seam.ts";
import { api, HOST_FUNCTION, type HostFunction, type Thread, TValue } from "../internals.seam.ts";
import { largestInteger, smallestInteger } from "../numbers.seam.ts";
import { literal } from "../strings.seam.ts";
import { baseFunctions } from "./base.seam.ts";
import { format } from "./format.seam.ts";
import { join } from "./join.seam.ts";
import { mathFunctions } from "./math.seam.ts";
import { pack, packSize, unpack } from "./pack.seam.ts";
import { searchFunctions } from "./search.seam.ts";
import { sort } from "./sort.seam.ts";
import { tableFunctions } from "./table.seam.ts";
import { textFunctions } from "./text.seam.ts";

const stringFunctions = { ...searchFunctions, ...textFunctions, format, pack, packsize: packSize, unpack };

/** Replaces functions of libraries that are open already. */
export function installLibraries(L: Thread): void {
  replace(L, "_G", baseFunctions);
  replace(L, "string", stringFunctions);
  replace(L, "math", mathFunctions);
  replace(L, "table", { ...tableFunctions, concat: join, sort });
  api.lua_getglobal(L, literal("math"));
  for (const [name, value] of Object.entries({ maxinteger: largestInteger, mininteger: smallestInteger })) {
    pushInteger(L, value);
    api.lua_setfield(L, -2, literal(name));
  }
  api.lua_pop(L, 1);
}

function replace(L: Thread, library: string, functions: Readonly<Record<string, HostFunction>>): void {
  api.lua_getglobal(L, literal(library));
  for (const [name, run] of Object.entries(functions)) {
    L.stack[L.top++] = new TValue(HOST_FUNCTION, run);
    api.lua_setfield(L, -2, literal(name));
  }
  api.lua_pop(L, 1);
}
