import { decodeError, encodeError, isWireError, WeftError } from "../../../core/errors.ts";
import type { Value } from "../../../core/values.ts";
import { tag, type Lua, type LuaTable, type LuaValue } from "../state/lua.ts";
import type { Objects } from "./objects.ts";
import { crossing, LuaReference } from "./reference.ts";

/** Values nested deeper than this do not cross: every converter after this one recurses too. */
const valueDepth = 200;

/** What becomes of a value that cannot cross a call: a failure that names the place, or nil (`compat: wippy`). */
export type Strangers = "fail" | "nil";

/** Converts between Lua values and the data that crosses calls without a signature. */
export class GenericValues {
  readonly #lua: Lua;
  readonly #objects: Objects;

  constructor(lua: Lua, objects: Objects) {
    this.#lua = lua;
    this.#objects = objects;
  }

  /** A Lua value from a `Value`, or from an object whose class a module defined. */
  toLua(value: unknown): LuaValue {
    const lua = this.#lua;
    switch (typeof value) {
      case "undefined":
        return lua.nil;
      case "boolean":
        return lua.newBoolean(value);
      case "number":
        return lua.newNumber(value);
      case "bigint":
        return lua.newBigInt(value);
      case "string":
        return lua.newText(value);
      case "object":
        return value === null ? lua.nil : this.#objectToLua(value);
      default:
        throw new TypeError(`a ${typeof value} has no form in Lua`);
    }
  }

  /**
   * The `Value` of a Lua value; `place` names it in messages.
   * @throws WeftError `INVALID_ARGUMENT` for what cannot cross.
   */
  fromLua(value: LuaValue, place: string, strangers: Strangers = "fail"): Value {
    return new Reading(this.#lua, strangers).read(value, { path: place, depth: 0 });
  }

  #objectToLua(value: object): LuaValue {
    const lua = this.#lua;
    if (value instanceof Uint8Array) return lua.newBytes(value.slice());
    if (value instanceof LuaReference) return value.value;
    if (Array.isArray(value)) return this.#listToLua(value);
    if (value instanceof Map) return this.#mapToLua(value);
    if (isWireError(value)) return this.toLua(decodeError(value));
    const wrapped = this.#objects.wrap(value);
    if (wrapped !== undefined) return wrapped;
    const table = lua.newTable();
    for (const [name, item] of Object.entries(value)) {
      const made = this.toLua(item);
      if (made.type !== tag.nil) lua.set(table, name, made);
    }
    return table;
  }

  #listToLua(list: readonly unknown[]): LuaTable {
    const table = this.#lua.newTable();
    for (const [i, item] of list.entries()) {
      const made = this.toLua(item);
      if (made.type !== tag.nil) this.#lua.setIndex(table, i + 1, made);
    }
    return table;
  }

  #mapToLua(map: ReadonlyMap<unknown, unknown>): LuaTable {
    const table = this.#lua.newTable();
    for (const [key, item] of map) {
      const name = this.toLua(key);
      const made = this.toLua(item);
      if (name.type !== tag.nil && made.type !== tag.nil) this.#lua.setRaw(table, name, made);
    }
    return table;
  }
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

/** One conversion out of Lua; knows the tables it is inside of, so that a cycle ends. */
class Reading {
  readonly #lua: Lua;
  readonly #strangers: Strangers;
  readonly #open = new Set<unknown>();

  constructor(lua: Lua, strangers: Strangers) {
    this.#lua = lua;
    this.#strangers = strangers;
  }

  read(value: LuaValue, place: Place): Value {
    const lua = this.#lua;
    if (lua.isTable(value)) return this.#table(value, place);
    switch (value.type) {
      case tag.nil:
        return null;
      case tag.boolean:
        return value.value === true;
      case tag.string:
      case tag.shortString:
        return lua.text(value) ?? lua.bytes(value).slice();
      default:
        if (typeof value.value === "number" || typeof value.value === "bigint") return value.value;
        return this.#userdata(value, place);
    }
  }

  #userdata(value: LuaValue, place: Place): Value {
    const payload = this.#lua.payload(value);
    if (payload instanceof WeftError) return encodeError(payload);
    if (payload !== undefined && crossing in payload && typeof payload[crossing] === "function") {
      return this.read(payload[crossing](), place);
    }
    if (this.#strangers === "nil") return null;
    return fail(place, `a ${luaTypeName(value)} cannot cross a call`);
  }

  #table(table: LuaTable, place: Place): Value {
    if (this.#open.has(table.value)) fail(place, "a table that contains itself cannot cross a call");
    if (place.depth >= valueDepth) fail(place, `tables nested deeper than ${valueDepth} cannot cross a call`);
    this.#open.add(table.value);
    const shape = this.#shapeOf(table);
    const result =
      shape === "list"
        ? this.#list(table, place)
        : shape === "record"
          ? this.#record(table, place)
          : this.#map(table, place);
    this.#open.delete(table.value);
    return result;
  }

  #shapeOf(table: LuaTable): "list" | "record" | "map" {
    const lua = this.#lua;
    let named = 0;
    let others = 0;
    lua.each(table, (key) => {
      if (isText(key) && lua.text(key) !== undefined) named += 1;
      else others += 1;
    });
    if (named > 0) return others === 0 ? "record" : "map";
    return others === lua.length(table) ? "list" : "map";
  }

  #list(table: LuaTable, { path, depth }: Place): Value[] {
    const list: Value[] = [];
    const length = this.#lua.length(table);
    for (let i = 1; i <= length; i++) {
      const item = this.#lua.getIndex(table, i);
      const simple = simpleValue(item);
      list.push(simple === undefined ? this.read(item, { path: `${path}[${i}]`, depth: depth + 1 }) : simple);
    }
    return list;
  }

  #record(table: LuaTable, { path, depth }: Place): Value {
    const record: Record<string, Value> = {};
    this.#lua.each(table, (key, item) => {
      const name = this.#lua.text(key) ?? "";
      const value = simpleValue(item) ?? this.read(item, { path: `${path}.${name}`, depth: depth + 1 });
      if (name !== "__proto__") record[name] = value;
      else Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
    });
    return record;
  }

  #map(table: LuaTable, { path, depth }: Place): Value {
    const map = new Map<Value, Value>();
    this.#lua.each(table, (key, item) => {
      const name = this.read(key, { path: `${path}: a key`, depth: depth + 1 });
      map.set(name, this.read(item, { path: `${path}[${showPlainly(this.#lua, key)}]`, depth: depth + 1 }));
    });
    return map;
  }
}

/** Numbers and booleans, which need no path. */
function simpleValue(value: LuaValue): number | boolean | undefined {
  return typeof value.value === "number" || typeof value.value === "boolean" ? value.value : undefined;
}

function isText(value: LuaValue): boolean {
  return value.type === tag.string || value.type === tag.shortString;
}

/** A value for a message, without running any metamethod. */
export function showPlainly(lua: Lua, value: LuaValue): string {
  if (isText(value)) return JSON.stringify(lua.text(value) ?? "bytes");
  const plain = value.value;
  const isPlain = typeof plain === "number" || typeof plain === "bigint" || typeof plain === "boolean";
  return isPlain ? String(plain) : luaTypeName(value);
}

/** The name that `type` gives a value. */
export function luaTypeName(value: LuaValue): string {
  switch (value.type & 15) {
    case 0:
      return "nil";
    case 1:
      return "boolean";
    case 3:
      return "number";
    case 4:
      return "string";
    case 5:
      return "table";
    case 6:
      return "function";
    case 8:
      return "thread";
    default:
      return "userdata";
  }
}

function fail({ path }: Place, problem: string): never {
  throw new WeftError("INVALID_ARGUMENT", `${path}: ${problem}`, { details: { path } });
}
