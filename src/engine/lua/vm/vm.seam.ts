// The interpreter: a private copy of fengari with its inner parts replaced. Importing this file builds it.
import "./interpreter.seam.ts";
import { nextFunction, pairsFunction } from "./next.seam.ts";
import { protectedCall } from "./protected-call.seam.ts";
import { loadPrivate } from "./load.seam.ts";
import "./api.seam.ts";
import { STRING, TABLE } from "./internals.seam.ts";

const fengari = loadPrivate("fengari");
void STRING; void TABLE; void nextFunction; void pairsFunction; void protectedCall;
export const { lua, lauxlib, lualib, to_luastring } = fengari;
