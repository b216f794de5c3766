import type { Lua, LuaTable, LuaValue } from "../state/lua.ts";

/** What this constructor returns is what its subclasses write their private fields into. */
// oxlint-disable-next-line typescript/no-extraneous-class
class Same {
  constructor(object: object) {
    return object;
  }
}

/**
 * The userdata of an object, written into the object itself: what is in a WeakMap that has grown old outlives every
 * scavenge, and most of these objects live for one call.
 */
class Stamped extends Same {
  readonly #objects: Objects;
  readonly #userdata: LuaValue;

  constructor(object: object, objects: Objects, userdata: LuaValue) {
    super(object);
    this.#objects = objects;
    this.#userdata = userdata;
  }

  static userdataOf(object: object, objects: Objects): LuaValue | undefined {
    return #userdata in object && object.#objects === objects ? object.#userdata : undefined;
  }

  static isIn(object: object): boolean {
    return #userdata in object;
  }

  /** Writes the userdata into the object, and gives it back. */
  static write(object: object, objects: Objects, userdata: LuaValue): object {
    return new Stamped(object, objects, userdata);
  }
}

/** The objects of hosts that Lua sees as userdata, by their class. */
export class Objects {
  readonly #lua: Lua;
  readonly #metatables = new Map<unknown, { readonly metatable: LuaTable; readonly once: boolean }>();
  /** Of objects that another state of Lua knew first. */
  readonly #others = new WeakMap<object, LuaValue>();

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
    const known = Stamped.userdataOf(object, this) ?? this.#others.get(object);
    if (known !== undefined) return known;
    const made = this.#lua.newUserdata(object, metatable);
    if (Stamped.isIn(object)) this.#others.set(object, made);
    else Stamped.write(object, this, made);
    return made;
  }
}
