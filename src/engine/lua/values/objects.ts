import type { Lua, LuaTable, LuaValue } from "../state/lua.ts";

/** The objects of hosts that Lua sees as userdata, by their class. */
export class Objects {
  readonly #lua: Lua;
  readonly #metatables = new Map<unknown, LuaTable>();
  readonly #known = new WeakMap<object, LuaValue>();

  constructor(lua: Lua) {
    this.#lua = lua;
  }

  /** Gives a class its metatable. */
  define(constructor: unknown, metatable: LuaTable): void {
    this.#metatables.set(constructor, metatable);
  }

  /** The one userdata of an object, or undefined when its class was never defined. */
  wrap(object: object): LuaValue | undefined {
    const known = this.#known.get(object);
    if (known !== undefined) return known;
    const metatable = this.#metatables.get(object.constructor);
    if (metatable === undefined) return undefined;
    const made = this.#lua.newUserdata(object, metatable);
    this.#known.set(object, made);
    return made;
  }
}
