// Runs Lua on the bare interpreter, without engine or environment.
import { lauxlib, lua, lualib, to_luastring } from "../../../../../../src/engine/lua/vm/vm.seam.ts";

/** What a program prints: a line each time, values apart by a blank; a failure ends it with `error: …`. */
export function printed(source: string): string[] {
  const L = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(L);
  const lines: string[] = [];
  lua.lua_pushcfunction(L, (inner: unknown) => {
    const values: string[] = [];
    for (let at = 1; at <= lua.lua_gettop(inner); at++) {
      values.push(new TextDecoder("latin1").decode(lauxlib.luaL_tolstring(inner, at)));
      lua.lua_pop(inner, 1);
    }
    lines.push(values.join(" "));
    return 0;
  });
  lua.lua_setglobal(L, to_luastring("print"));
  lua.lua_atnativeerror(L, (inner: unknown) => {
    lua.lua_pushstring(inner, to_luastring(String(lua.lua_touserdata(inner, 1))));
    return 1;
  });
  const status =
    lauxlib.luaL_loadbuffer(L, to_luastring(source), null, to_luastring("=test")) || lua.lua_pcall(L, 0, -1, 0);
  if (status !== 0) lines.push(`error: ${lua.lua_tojsstring(L, -1)}`);
  return lines;
}

/** How the state of a scheduler sees it: a thread that runs a source in slices. */
export class SlicedThread {
  readonly #L: any;
  readonly #main: any;
  /** Times the thread was asked for its turn. */
  turns = 0;

  /** `decide` answers each time a slice of `fuel` is used up: a text raises that error. */
  constructor(source: string, fuel: number, decide: (turn: number) => "yield" | "continue" | { raise: string }) {
    this.#main = lauxlib.luaL_newstate();
    lualib.luaL_openlibs(this.#main);
    this.#L = lua.lua_newthread(this.#main);
    const shared = this.#main.l_G;
    shared.fuel = fuel;
    shared.onFuel = (L: any) => {
      const decision = decide(++this.turns);
      if (typeof decision === "string") {
        shared.fuel = fuel;
        return decision;
      }
      // No refill: the next loop or call asks again, so that no pcall outlives it.
      shared.fuel = 0;
      lua.lua_pushstring(L, to_luastring(decision.raise));
      return lua.lua_error(L);
    };
    if (lauxlib.luaL_loadstring(this.#L, to_luastring(source)) !== 0) throw new Error(lua.lua_tojsstring(this.#L, -1));
  }

  /** Runs to the next stop: `yielded`, or what the program returned or raised. */
  resume(): string {
    const status: number = lua.lua_resume(this.#L, null, 0);
    if (status === 1) return "yielded";
    return new TextDecoder().decode(lauxlib.luaL_tolstring(this.#L, -1));
  }
}

/** What another fengari makes of an expression. */
export function stockPrinted(fengari: any, expression: string): string {
  const L = fengari.lauxlib.luaL_newstate();
  fengari.lauxlib.luaL_dostring(L, fengari.to_luastring(`return ${expression}`));
  return fengari.lua.lua_tojsstring(L, -1);
}
