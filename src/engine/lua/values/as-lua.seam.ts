// Seam for generated code, whose results have no types.
import type { LuaValue } from "../state/lua.ts";

/** A value that code made with the Lua writer has built. */
export function asLua(built: unknown): LuaValue {
  return built as LuaValue;
}
