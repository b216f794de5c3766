import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import { tag, type LuaValue } from "../../engine/lua/state/lua.ts";
import type { InstanceContext } from "../context.ts";
import type { SqlParam, SqlParams } from "./messages.ts";

type Call = LuaCall<InstanceContext>;

/** A value with a type that Lua's own does not say: `sql.NULL`, `sql.as.float(1)`. */
export class SqlTyped {
  readonly param: SqlParam;

  constructor(param: SqlParam) {
    this.param = param;
  }
}

/** As many as sqlite takes. */
const mostParams = 32_766;

function wrongPosition(position: number): WeftError {
  return new WeftError("INVALID_ARGUMENT", `parameters have positions from 1 to ${mostParams}, not ${position}`);
}

/** Reads the parameters of a statement: a list, or a table of names. */
export function readParams(call: Call, index: number): SqlParams {
  if (!call.has(index)) return [];
  const { lua } = call.runtime;
  const table = call.raw(index);
  if (!lua.isTable(table)) throw new WeftError("INVALID_ARGUMENT", "parameters are a table: a list, or values by name");
  const list: SqlParam[] = [];
  const names: Record<string, SqlParam> = {};
  lua.each(table, (key, value) => {
    const { value: position } = key;
    if (typeof position === "number") {
      if (!Number.isInteger(position) || position < 1 || position > mostParams) throw wrongPosition(position);
      list[position - 1] = paramOf(call, value, String(position));
    } else names[lua.text(key) ?? ""] = paramOf(call, value, lua.text(key) ?? "");
  });
  if (list.length === 0) return names;
  if (Object.keys(names).length > 0) {
    throw new WeftError("INVALID_ARGUMENT", "parameters have positions or names, not both");
  }
  // What is nil in between is NULL.
  return Array.from(list, (param) => param ?? null);
}

function paramOf(call: Call, value: LuaValue, name: string): SqlParam {
  if (value.type === tag.nil) return null;
  const payload = call.runtime.lua.payload(value);
  return payload instanceof SqlTyped ? payload.param : plain(call.runtime.fromLua(value, `parameter ${name}`), name);
}

function plain(value: Value, name: string): SqlParam {
  switch (typeof value) {
    case "boolean":
      return value ? 1 : 0;
    case "number":
    case "bigint":
    case "string":
      return value;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new WeftError("INVALID_ARGUMENT", `parameter ${name} is a table: encode it first, as JSON for example`);
  }
}
