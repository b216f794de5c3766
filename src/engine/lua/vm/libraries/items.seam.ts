// Items of tables as the functions of `table` read and write them.
import { assign, index, refuseChange } from "../access.seam.ts";
import { push, pushInteger, slotAt } from "../api.seam.ts";
import { auxiliary, metamethodOf, event, TABLE, NIL, type Slot, type Thread } from "../internals.seam.ts";
import { literal } from "../strings.seam.ts";
import { getInteger, length, setInteger, type Table } from "../table.seam.ts";
import { fail } from "./arguments.seam.ts";

/** The argument as a table whose items no metamethod guards, or undefined when each access must ask. */
export function plainTable(L: Thread, at: number): Table | undefined {
  const { type, value } = slotAt(L, at);
  return type === TABLE && value.metatable === null ? value : undefined;
}

/** Raises unless the argument is a table or behaves like one. */
export function checkTable(L: Thread, at: number, methods: readonly string[]): void {
  const slot = slotAt(L, at);
  if (slot.type === TABLE) return;
  for (const name of methods) {
    if (auxiliary().luaL_getmetafield(L, at, literal(name)) === NIL) auxiliary().luaL_checktype(L, at, TABLE);
    L.top--;
  }
}

/** Raises when a table is one that all tasks share. */
export function checkWritable(L: Thread, at: number): void {
  const { type, value } = slotAt(L, at);
  if (type === TABLE && value.isFrozen) refuseChange(L);
}

/** The border of an argument, by its metamethod if it has one. */
export function lengthArgument(L: Thread, at: number): number {
  const slot = slotAt(L, at);
  if (slot.type === TABLE && metamethodOf(L, slot.value.metatable, event["TM_LEN"] as number) === null) {
    return length(slot.value);
  }
  const size: number = auxiliary().luaL_len(L, at);
  if (!Number.isSafeInteger(size)) fail(L, "object length is not an integer");
  return size;
}

/** Pushes the item of an argument. */
export function pushItem(L: Thread, at: number, key: number | bigint): void {
  const table = plainTable(L, at);
  if (table !== undefined && typeof key === "number") {
    const { type, value } = getInteger(table, key);
    return push(L, type, value);
  }
  const from = slotAt(L, at);
  pushInteger(L, key);
  index(L, from, L.stack[L.top - 1] as Slot, L.top - 1);
}

/** Pops a value into the item of an argument. */
export function popItem(L: Thread, at: number, key: number | bigint): void {
  const table = plainTable(L, at);
  if (table !== undefined && typeof key === "number") {
    const { type, value } = L.stack[--L.top] as Slot;
    return setInteger(table, key, type, value);
  }
  const to = slotAt(L, at);
  pushInteger(L, key);
  assign(L, to, L.stack[L.top - 1] as Slot, L.stack[L.top - 2] as Slot);
  L.top -= 2;
}
