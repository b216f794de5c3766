import type { ValueReader } from "../../../wit/values/backend.ts";
import { tag, type Lua, type LuaTable, type LuaValue } from "../state/lua.ts";
import { luaTypeName } from "./generic.ts";
import { liveField, tableSource } from "./source.seam.ts";

/** Longer texts are cut in messages. */
const shownLength = 40;
/** Names shown of a table that came where something else was expected. */
const namesShown = 5;
/** No 64-bit number has more characters, sign included. */
const decimalLength = 20;

/** Reads Lua values as WIT values. */
export function luaReader(lua: Lua): ValueReader<LuaValue, LuaTable, LuaTable, readonly LuaValue[]> {
  const text = (value: LuaValue) => (isString(value) ? lua.text(value) : undefined);
  const table = (value: LuaValue) => (lua.isTable(value) ? value : undefined);
  return {
    indexBase: 1,
    nil: lua.nil,
    isNil: (value) => value.type === tag.nil,
    bool: (value) => (typeof value.value === "boolean" && value.type === tag.boolean ? value.value : undefined),
    integer,
    long(value, unsigned) {
      const number = isString(value) ? decimal(lua.text(value) ?? "") : integer(value);
      // A u64 above 2^63-1 is, in Lua, the integer with the same bits.
      const isNegative = unsigned && number !== undefined && number < 0 && value.type !== tag.float && !isString(value);
      return isNegative ? BigInt.asUintN(64, BigInt(number)) : number;
    },
    float: (value) => (isNumber(value) ? Number(value.value) : undefined),
    text,
    bytes: (value) => (isString(value) ? lua.bytes(value) : undefined),
    handle: (value) => lua.payload(value),
    list(value) {
      const found = table(value);
      return found !== undefined && (lengthOf(lua, found) > 0 || lua.isEmpty(found)) ? found : undefined;
    },
    length: (list) => lengthOf(lua, list),
    item: (list, index) => lua.getIndex(list, index + 1),
    table,
    key: (spellings) => spellings.map((name) => lua.key(name)),
    field(from, keys) {
      for (const key of keys) {
        const value = lua.getKey(from, key);
        if (value.type !== tag.nil) return value;
      }
      return lua.nil;
    },
    names: (from) => namesOf(lua, from),
    caseName(value) {
      if (isString(value)) return lua.text(value);
      const names = lua.isTable(value) ? namesOf(lua, value) : [];
      return names.length === 1 ? names[0] : undefined;
    },
    casePayload: (value, name) => (lua.isTable(value) ? lua.get(value, name) : lua.nil),
    describe: (value) => describe(lua, value),
    ...(lua.isPatched ? { source: tableSource, live: liveField } : undefined),
  };
}

/** A list that holds nil says its length in a field `n`, as `table.pack` does. */
function lengthOf(lua: Lua, list: LuaTable): number {
  const length = lua.length(list);
  const { type, value } = lua.get(list, "n");
  return type === tag.integer && typeof value === "number" && value > length && value <= maxHoles ? value : length;
}

/** A list may claim to be this long. */
const maxHoles = 10_000_000;

function isString(value: LuaValue): boolean {
  return value.type === tag.string || value.type === tag.shortString;
}

function isNumber(value: LuaValue): boolean {
  return (value.type & 15) === 3;
}

function integer({ type, value }: LuaValue): number | bigint | undefined {
  if (type === tag.integer && typeof value === "number") return value;
  if (type === tag.bigInteger && typeof value === "bigint") return value;
  if (type !== tag.float || typeof value !== "number" || !Number.isInteger(value)) return undefined;
  return Number.isSafeInteger(value) ? value + 0 : BigInt(value);
}

function decimal(text: string): number | bigint | undefined {
  if (text.length > decimalLength || !/^-?\d+$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number + 0 : BigInt(text);
}

function namesOf(lua: Lua, table: LuaTable): string[] {
  const names: string[] = [];
  lua.each(table, (key, value) => {
    const name = isString(key) && value.type !== tag.nil ? lua.text(key) : undefined;
    if (name !== undefined) names.push(name);
  });
  return names;
}

function describe(lua: Lua, value: LuaValue): string {
  if (isString(value)) {
    const text = lua.text(value);
    if (text === undefined) return "a string that is not valid UTF-8";
    const quoted = JSON.stringify(text.slice(0, shownLength + 1));
    return `string ${quoted.length > shownLength ? `${quoted.slice(0, shownLength)}…` : quoted}`;
  }
  if (isNumber(value)) return `number ${String(value.value)}`;
  if (value.type === tag.boolean) return `boolean ${String(value.value)}`;
  if (!lua.isTable(value)) return value.type === tag.nil ? "nil" : `a ${luaTypeName(value)}`;
  const length = lua.length(value);
  if (length > 0) return `a list of ${length}`;
  const names = namesOf(lua, value);
  if (names.length === 0) return lua.isEmpty(value) ? "an empty table" : "a table without names";
  return `a table with ${names.slice(0, namesShown).join(", ")}${names.length > namesShown ? ", …" : ""}`;
}
