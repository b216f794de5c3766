import { WeftError } from "../../../core/errors.ts";
import { LuaResults, results, type LuaCall, type Returned } from "../call.ts";
import { LuaRaise } from "../errors/raise.ts";
import type { LuaModule } from "../module.ts";
import { tag } from "../state/lua.ts";
import { findProblem } from "../types/check.ts";
import { readDescription } from "../types/description.seam.ts";
import { LuaType } from "../types/lua-type.ts";

/** Types without references to values of their program, by their description: every run of it finds the same object. */
const known = new Map<string, LuaType>();
/** More than any app declares; beyond, they are made anew. */
const mostTypes = 2_000;

/** The type that a declaration in the source became; further arguments are the values that it refers to. */
function declared(call: LuaCall<unknown>): LuaType {
  const text = call.text(1);
  const found = call.count === 1 ? known.get(text) : undefined;
  if (found !== undefined) return found;
  const outside = Array.from({ length: call.count - 1 }, (_, i) => {
    const value = call.payload(i + 2);
    return value instanceof LuaType ? value : undefined;
  });
  const type = new LuaType(readDescription(text), outside);
  if (call.count > 1) return type;
  if (known.size >= mostTypes) known.clear();
  known.set(text, type);
  return type;
}

/** Adds exported types to the table that a chunk returns, unless it has fields of these names. */
function exported(call: LuaCall<unknown>): Returned {
  const { lua } = call.runtime;
  const types = call.raw(1);
  const table = call.raw(2);
  if (lua.isTable(types) && lua.isTable(table) && !lua.isFrozen(table)) {
    lua.each(types, (name, type) => {
      if (lua.getRaw(table, name).type === tag.nil) lua.setRaw(table, name, type);
    });
  }
  return new LuaResults(Array.from({ length: call.count - 1 }, (_, i) => call.keep(i + 2).value));
}

const self = (call: LuaCall<unknown>) => call.object(1, LuaType);

/** The value, if it is of the type. @throws WeftError otherwise. */
function checked(call: LuaCall<unknown>) {
  const type = self(call);
  const problem = findProblem(call.runtime.lua, type, call.raw(2));
  if (problem !== undefined) throw new WeftError("INVALID_ARGUMENT", problem, { details: { type: type.name } });
  return call.keep(2);
}

function cast(call: LuaCall<unknown>): Returned {
  try {
    return checked(call);
  } catch (error) {
    throw error instanceof WeftError ? new LuaRaise(error) : error;
  }
}

/** What the eraser puts in the place of type declarations whose names are used as values. */
export const typesModule: LuaModule<unknown> = {
  name: "__types",
  always: true,
  classes: [
    {
      type: LuaType,
      methods: { is: (call) => results(checked(call), null), name: (call) => self(call).name },
      meta: { __call: cast, __tostring: (call) => self(call).name },
    },
  ],
  table: { declared, exported },
};
