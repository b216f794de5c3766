import type { LuaCall, Returned } from "../call.ts";
import { raise } from "../call.ts";
import { badArgument } from "../errors/raise.ts";
import type { ModuleTable } from "../module.ts";
import { tag, type LuaTable } from "../state/lua.ts";
import { formatDate, localParts, utcParts, type DateParts } from "./dates.ts";

const secondMs = 1_000;
/** A conversion becomes up to 24 characters, of which nobody asks for megabytes. */
const longestFormat = 10_000;
/** Fields of dates as far as C's integers go. */
const largestField = 0x3fffffff;

/** The part of `os` that reaches nothing outside the clock. */
export const osLibrary: ModuleTable<unknown> = {
  platform: "wippy",
  time,
  date,
  clock: () => performance.now() / secondMs,
  difftime: (call) => call.number(1) - (call.has(2) ? call.number(2) : 0),
};

function time(call: LuaCall<unknown>): Returned {
  if (!call.has(1)) return Math.floor(Date.now() / secondMs);
  const { lua } = call.runtime;
  const table = lua.copyAt(call.thread, 1);
  if (!lua.isTable(table)) throw badArgument(1, call.name, `table expected, got ${call.typeOf(1)}`);
  const [sec, min, hour] = [field(call, table, "sec", 0), field(call, table, "min", 0), field(call, table, "hour", 12)];
  const [day, month, year] = [field(call, table, "day"), field(call, table, "month"), field(call, table, "year")];
  const at = new Date(2000, 0, 1, hour, min, sec);
  // Not by the constructor, which takes years below 100 for those of the twentieth century.
  at.setFullYear(year, month - 1, day);
  at.setHours(hour, min, sec, 0);
  if (Number.isNaN(at.getTime())) raise("time result cannot be represented in this installation");
  if (lua.isFrozen(table)) raise("this table is read-only");
  for (const [name, value] of Object.entries(fieldsOf(localParts(at)))) lua.set(table, name, call.runtime.toLua(value));
  return Math.floor(at.getTime() / secondMs);
}

/** A whole number of a date table. */
function field(call: LuaCall<unknown>, table: LuaTable, name: string, otherwise?: number): number {
  const { lua } = call.runtime;
  const item = lua.get(table, name);
  if (item.type === tag.nil) return otherwise ?? raise(`field '${name}' missing in date table`);
  const isText = item.type === tag.string || item.type === tag.shortString;
  const text = isText ? (lua.text(item) ?? "") : "";
  const value = isText ? (text.trim() === "" ? Number.NaN : Number(text)) : item.value;
  if (typeof value === "bigint") return raise(`field '${name}' is out-of-bound`);
  if (typeof value !== "number" || !Number.isInteger(value)) return raise(`field '${name}' is not an integer`);
  return Math.abs(value) <= largestField ? value : raise(`field '${name}' is out-of-bound`);
}

function fieldsOf({ offset: _offset, zone: _zone, ...fields }: DateParts) {
  return fields;
}

function date(call: LuaCall<unknown>): Returned {
  const format = call.has(1) ? call.text(1) : "%c";
  if (format.length > longestFormat) throw badArgument(1, call.name, "format too long");
  const seconds = call.has(2) ? call.number(2) : Math.floor(Date.now() / secondMs);
  if (!Number.isInteger(seconds)) throw badArgument(2, call.name, "number has no integer representation");
  const at = new Date(seconds * secondMs);
  if (Number.isNaN(at.getTime())) raise("time result cannot be represented in this installation");
  const isUtc = format.startsWith("!");
  const parts = isUtc ? utcParts(at) : localParts(at);
  const pattern = isUtc ? format.slice(1) : format;
  if (pattern.startsWith("*t")) return fieldsOf(parts);
  return formatDate(pattern, parts, (conversion) => {
    throw badArgument(1, call.name, `invalid conversion specifier '${conversion}'`);
  });
}
