// Seam for compiled code of fengari: plain data that closures share.
import type { Lua, LuaPrototype } from "./lua.ts";

/** The same code under another chunk name: instructions, constants and lines are shared, only the heads are new. */
export function renamed(lua: Lua, prototype: LuaPrototype, chunk: string): LuaPrototype {
  const { value: source } = lua.newText(`@${chunk}`);
  const copy = (of: any): any => {
    // Made as the compiler makes it, so that the interpreter's loop meets one shape only.
    const head = new of.constructor(lua.main);
    // The cache holds the last closure made of the code: another program's.
    return Object.assign(head, of, { id: head.id, source, cache: null, p: of.p.map(copy) });
  };
  return copy(prototype);
}
