// Runs Lua on bare interpreters, without engine or environment: the patched fengari, the package as published, PUC Lua.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import * as patched from "../../../src/engine/lua/vm/vm.seam.ts";

/** The interpreters that run in this process. */
export const inProcess = ["patched", "stock"] as const;
/** One of them. */
export type InProcess = (typeof inProcess)[number];

const fengari: Record<InProcess, any> = { patched, stock: createRequire(import.meta.url)("fengari") };

/** What chunks print, run one after the other in one state; one that fails adds a line `failed: …`. */
export function run(which: InProcess, chunks: readonly Chunk[], skipped: ReadonlySet<string> = new Set()): string[] {
  const { lua, lauxlib, lualib, to_luastring } = fengari[which];
  const L = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(L);
  const lines: string[] = [];
  lua.lua_register(L, to_luastring("print"), (inner: unknown) => {
    const values: string[] = [];
    for (let at = 1; at <= lua.lua_gettop(inner); at += 1) {
      values.push(bytes(lauxlib.luaL_tolstring(inner, at)));
      lua.lua_pop(inner, 1);
    }
    lines.push(values.join("\t"));
    return 0;
  });
  lua.lua_createtable(L, 0, 0);
  for (const name of skipped) {
    lua.lua_pushboolean(L, true);
    lua.lua_setfield(L, -2, to_luastring(name));
  }
  lua.lua_setglobal(L, to_luastring("skipped"));
  lua.lua_atnativeerror(L, (inner: unknown) => {
    lua.lua_pushstring(inner, to_luastring(`JavaScript: ${String(lua.lua_touserdata(inner, 1))}`));
    return 1;
  });
  for (const { name, source } of chunks) {
    const status =
      lauxlib.luaL_loadbuffer(L, to_luastring(source), null, to_luastring(name)) || lua.lua_pcall(L, 0, 0, 0);
    if (status !== 0) lines.push(`failed: ${lua.lua_type(L, -1) === 4 ? bytes(lua.lua_tostring(L, -1)) : "no text"}`);
  }
  return lines;
}

/** A source and its name, as `load` takes it. */
export interface Chunk {
  readonly name: string;
  readonly source: string;
}

/** Bytes as a text of one character each, so that none is lost. */
function bytes(values: Uint8Array): string {
  return Buffer.from(values).toString("latin1");
}

/** Whether PUC Lua 5.3 is installed here. */
export const hasPuc: boolean = spawnSync("lua5.3", ["-v"]).status === 0;

/** What PUC Lua 5.3 prints, the first chunk without a name. */
export function runPuc([first, ...rest]: readonly Chunk[]): string[] {
  const more = rest.flatMap(({ name, source }) => ["-e", ` run(${quoted(source)}, ${quoted(name)})`]);
  const { stdout, stderr } = spawnSync("lua5.3", ["-e", ` ${pucRun}`, "-e", ` ${first?.source ?? ""}`, ...more], {
    encoding: "latin1",
  });
  return `${stdout}${stderr}`.split("\n").slice(0, -1);
}

/** Runs a chunk as `run` does. */
const pucRun = `function run(source, name)
  local loaded, problem = load(source, name)
  local ok, e = pcall(loaded or error, problem)
  if not ok then print("failed: " .. (type(e) == "string" and e or "no text")) end
end`;

/** A text as Lua reads it. */
function quoted(text: string): string {
  return `[=====[\n${text}]=====]`;
}
