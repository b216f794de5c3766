// Which fengari runs: the patched copy, or the untouched package (`lua.engine: stock`). Its inner modules are always those
// of the same copy as its API. One thread runs one of them at a time; the seam reads these bindings anew at every use.
import { createRequire } from "node:module";
import { checkFunctions } from "../vm/load.seam.ts";
import * as patched from "../vm/vm.seam.ts";

/** The interpreters there are, by their names in `weft.yaml`. */
export const interpreters = ["patched", "stock"] as const;
/** One of them. */
export type InterpreterName = (typeof interpreters)[number];

interface Interpreter {
  readonly lua: any;
  readonly lauxlib: any;
  readonly lualib: any;
  readonly to_luastring: (text: string) => Uint8Array;
  readonly objects: any;
  readonly strings: any;
  readonly tables: any;
}

/** The API of Lua in C, by its own names. */
export let { lua, lauxlib, lualib, to_luastring }: Interpreter = patched;
/** Functions of tables. */
export let tables: any = patched.tables;
/** Makers of values, closures, userdata and strings. */
export let { TValue, LClosure, CClosure, Udata }: any = patched.objects;
/** Makes a string. */
export let { TString }: any = patched.strings;

let current: InterpreterName = "patched";
let users = 0;

/** The interpreter of this thread. */
export function currentInterpreter(): InterpreterName {
  return current;
}

/**
 * Holds an interpreter until disposed of.
 * @throws Error while another one is held in the same thread, or when the package is not the one that is known.
 */
export function useInterpreter(name: InterpreterName): Disposable {
  if (name !== current && users > 0) {
    throw new Error(`This thread runs the ${current} Lua interpreter, so it cannot run the ${name} one: use isolates.`);
  }
  if (name !== current) install(name === "stock" ? loadStock() : patched);
  current = name;
  users += 1;
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (isHeld) users -= 1;
      isHeld = false;
    },
  };
}

function install(interpreter: Interpreter): void {
  ({ lua, lauxlib, lualib, to_luastring, tables } = interpreter);
  ({ TValue, LClosure, CClosure, Udata } = interpreter.objects);
  ({ TString } = interpreter.strings);
}

/** The package as it is published. The patched copy never enters the cache of modules, so this is another one. */
function loadStock(): Interpreter {
  const load = createRequire(import.meta.url);
  const { lua: api, lauxlib: auxiliary, lualib: libraries, to_luastring: encode } = load("fengari");
  const stock = {
    lua: api,
    lauxlib: auxiliary,
    lualib: libraries,
    to_luastring: encode,
    objects: load("fengari/src/lobject.js"),
    strings: load("fengari/src/lstring.js"),
    tables: load("fengari/src/ltable.js"),
  };
  checkShape(stock);
  return stock;
}

function checkShape({ lua: api, objects, strings, tables: table }: Interpreter): void {
  const needed = {
    lua: [api, ["lua_newthread", "lua_resume", "lua_yieldk", "lua_callk", "lua_atnativeerror"]],
    lobject: [objects, ["TValue", "LClosure", "CClosure", "Udata"]],
    lstring: [strings, ["TString"]],
    ltable: [table, ["luaH_new", "luaH_get", "luaH_getint", "luaH_getstr", "luaH_setfrom", "luaH_getn"]],
  } as const;
  for (const [name, [module, functions]] of Object.entries(needed)) checkFunctions(name, module, functions);
}
