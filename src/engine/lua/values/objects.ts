import type { Lua, LuaTable, LuaValue } from "../state/lua.ts";

/** The objects of hosts that Lua sees as userdata, by their class. */
export class Objects {
  readonly #lua: Lua;
  readonly #metatables = new Map<unknown, { readonly metatable: LuaTable; readonly once: boolean }>();
  readonly #known = new WeakMap<object, LuaValue>();

  constructor(lua: Lua) {
    this.#lua = lua;
  }

  /** Gives a class its metatable. Objects handed out `once` are not remembered. */
  define(constructor: unknown, metatable: LuaTable, once: boolean): void {
    this.#metatables.set(constructor, { metatable, once });
  }

  /** The userdata of an object, the same each time unless it is handed out once, or undefined when its class was never defined. */
  wrap(object: object): LuaValue | undefined {
    const defined = this.#metatables.get(object.constructor);
    if (defined === undefined) return undefined;
    const { metatable, once } = defined;
    if (once) return this.#lua.newUserdata(object, metatable);
    const known = this.#known.get(object);
    if (known !== undefined) return known;
    const made = this.#lua.newUserdata(object, metatable);
    this.#known.set(object, made);
    return made;
  }
}
