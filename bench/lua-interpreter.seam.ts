// Seam for bare interpreters: the patched fengari and the package as published share one untyped API.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { LuaFactory } from "wasmoon";
import * as patched from "../src/engine/lua/vm/vm.seam.ts";

const fengari: Record<"patched" | "stock", any> = { patched, stock: createRequire(import.meta.url)("fengari") };

/** Loads a chunk that returns a function, and gives what calls that. */
export function loadKernel(which: "patched" | "stock", source: string): () => void {
  const { lua, lauxlib, lualib, to_luastring } = fengari[which];
  const L = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(L);
  lua.lua_register(L, to_luastring("host"), () => 0);
  const check = (status: number): void => {
    if (status !== 0) throw new Error(`${which}: ${Buffer.from(lua.lua_tostring(L, -1)).toString()}`);
  };
  check(lauxlib.luaL_loadbuffer(L, to_luastring(source), null, to_luastring("kernel")));
  check(lua.lua_pcall(L, 0, 1, 0));
  return () => {
    lua.lua_pushvalue(L, -1);
    check(lua.lua_pcall(L, 0, 0, 0));
  };
}

/** A script that times a kernel from inside: the median of some runs, in milliseconds. */
function timed(source: string, tell: string): string {
  return `local kernel = (function() host = host or function() end ${source} end)()
    local times = {}
    for i = 1, 9 do local t = os.clock() for _ = 1, 10 do kernel() end times[i] = (os.clock() - t) / 10 end
    table.sort(times) ${tell}(times[5] * 1000)`;
}

/** Milliseconds that wasmoon, PUC Lua 5.4 as WebAssembly, takes for a kernel. */
export async function wasmoonMs(source: string): Promise<number> {
  const engine = await new LuaFactory().createEngine();
  try {
    engine.global.set("host", () => undefined);
    return Number(await engine.doString(timed(source, "return ")));
  } finally {
    engine.global.close();
  }
}

/** Milliseconds that PUC Lua 5.3 takes for a kernel: the median of some runs; undefined where it is not installed. */
export function pucMs(source: string): number | undefined {
  const { status, stdout } = spawnSync("lua5.3", ["-e", ` ${timed(source, "print")}`], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : undefined;
}
