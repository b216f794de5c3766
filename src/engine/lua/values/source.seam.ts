// Seam for generated code that reads the patched interpreter's tables as they are: an array, and a map by characters.
import { tag, type LuaTable, type LuaValue } from "../state/lua.ts";

/** What takes the place of `item` and `field` in generated code. WIT names are ASCII, so they are their characters. */
export const tableSource = {
  item: (list: string, index: string): string =>
    `(${index} < ${list}.value.arr.length ? ${list}.value.arr[${index}] : rt.item(${list}, ${index}))`,
  field: (table: string, names: readonly string[]): string =>
    `(${names.map((name) => `rt.live(${table}, ${JSON.stringify(name)})`).join(" ?? ")} ?? nil)`,
};

/** The value under one name; undefined for none. */
export function liveField(table: LuaTable, name: string): LuaValue | undefined {
  const { map } = table.value as any;
  if (map === null) return undefined;
  const entry = map.get(name);
  return entry === undefined || entry.vt.type === tag.nil ? undefined : entry.vt;
}
