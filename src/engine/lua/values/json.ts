import { WeftError } from "../../../core/errors.ts";
import { tag, type Lua, type LuaTable, type LuaValue } from "../state/lua.ts";
import { luaTypeName } from "./generic.ts";
import { LuaReference } from "./reference.ts";

/** JSON nested deeper than this is refused in both directions: whoever reads it next recurses too. */
const jsonDepth = 128;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Numbers of so many digits may be integers that no JavaScript number holds. */
const longDigits = /\d{16}/;

/** A Lua value as JSON text. The empty table is an array. @throws WeftError for what JSON cannot say. */
export function encodeJson(lua: Lua, value: LuaValue): LuaValue {
  return lua.newText(new Encoder(lua).encode(value, { path: "value", depth: 0 }));
}

/** The Lua value that JSON text says: null is nil, whole numbers are integers. @throws WeftError */
export function decodeJson(lua: Lua, bytes: Uint8Array): LuaReference {
  let parsed: unknown;
  try {
    const text = decoder.decode(bytes);
    parsed = longDigits.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WeftError("INVALID_ARGUMENT", `this is not JSON: ${reason}`, { cause: error });
  }
  return new LuaReference(fromJson(lua, parsed, 0));
}

/** Keeps integers exact that are too long for a number and short enough for 64 bits. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) return value;
  if (!/^-?\d{1,19}$/.test(source)) return value;
  const exact = BigInt(source);
  return BigInt.asIntN(64, exact) === exact ? exact : value;
}

function fromJson(lua: Lua, value: unknown, depth: number): LuaValue {
  switch (typeof value) {
    case "string":
      return lua.newText(value);
    case "number":
      return lua.newNumber(value);
    case "bigint":
      return lua.newBigInt(value);
    case "boolean":
      return lua.newBoolean(value);
    default:
      if (typeof value !== "object" || value === null) return lua.nil;
  }
  if (depth >= jsonDepth) throw new WeftError("INVALID_ARGUMENT", `the JSON is nested deeper than ${jsonDepth}`);
  const table = lua.newTable();
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const made = fromJson(lua, item, depth + 1);
      if (made.type !== tag.nil) lua.setIndex(table, i + 1, made);
    }
    return table;
  }
  for (const [name, item] of Object.entries(value)) {
    const made = fromJson(lua, item, depth + 1);
    if (made.type !== tag.nil) lua.set(table, name, made);
  }
  return table;
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

class Encoder {
  readonly #lua: Lua;
  readonly #open = new Set<unknown>();

  constructor(lua: Lua) {
    this.#lua = lua;
  }

  encode(value: LuaValue, place: Place): string {
    const lua = this.#lua;
    if (lua.isTable(value)) return this.#table(value, place);
    switch (value.type) {
      case tag.nil:
        return "null";
      case tag.string:
      case tag.shortString:
        return JSON.stringify(this.#text(value, place));
      case tag.userdata: {
        const payload = lua.payload(value);
        if (payload instanceof WeftError) return JSON.stringify(payload.message);
        return this.#refuse(place, "a userdata cannot be written as JSON");
      }
      default:
        break;
    }
    if (typeof value.value === "boolean" || typeof value.value === "bigint") return String(value.value);
    if (typeof value.value !== "number")
      return this.#refuse(place, `a ${luaTypeName(value)} cannot be written as JSON`);
    return Number.isFinite(value.value)
      ? String(value.value)
      : this.#refuse(place, `${value.value} cannot be written as JSON`);
  }

  #table(table: LuaTable, place: Place): string {
    const lua = this.#lua;
    if (this.#open.has(table.value)) this.#refuse(place, "the table contains itself");
    if (place.depth >= jsonDepth) this.#refuse(place, `tables are nested deeper than ${jsonDepth}`);
    this.#open.add(table.value);
    const length = lua.length(table);
    let names = 0;
    let others = 0;
    lua.each(table, (key) => {
      if (key.type === tag.string || key.type === tag.shortString) names += 1;
      else others += 1;
    });
    if (others !== length || (names > 0 && others > 0)) {
      this.#refuse(place, names > 0 ? "the table has names and positions" : "the table has gaps between its positions");
    }
    const text = names > 0 ? this.#record(table, place) : this.#list(table, length, place);
    this.#open.delete(table.value);
    return text;
  }

  #list(table: LuaTable, length: number, { path, depth }: Place): string {
    const items: string[] = [];
    for (let i = 1; i <= length; i++) {
      items.push(this.encode(this.#lua.getIndex(table, i), { path: `${path}[${i}]`, depth: depth + 1 }));
    }
    return `[${items.join(",")}]`;
  }

  #record(table: LuaTable, place: Place): string {
    const fields: string[] = [];
    this.#lua.each(table, (key, item) => {
      const name = this.#text(key, place);
      const value = this.encode(item, { path: `${place.path}.${name}`, depth: place.depth + 1 });
      fields.push(`${JSON.stringify(name)}:${value}`);
    });
    return `{${fields.join(",")}}`;
  }

  #text(value: LuaValue, place: Place): string {
    return this.#lua.text(value) ?? this.#refuse(place, "a string is not valid UTF-8");
  }

  #refuse({ path }: Place, problem: string): never {
    throw new WeftError("INVALID_ARGUMENT", `${path}: ${problem}`, { details: { path } });
  }
}
