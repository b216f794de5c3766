import type { LuaValue } from "../state/lua.ts";

/** A Lua value that the host keeps and gives back untouched: a function, or what lies in a channel. */
export class LuaReference {
  readonly value: LuaValue;

  constructor(value: LuaValue) {
    this.value = value;
  }
}

/** Objects that hosts hand out and that may cross a call: the key of the method that says as what. */
export const crossing: unique symbol = Symbol("crossing");
