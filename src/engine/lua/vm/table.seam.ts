// Tables: an array for the keys 1..n, and a hash part made on demand. Removed entries stay as tombstones until the next
// growth, so that traversal survives removal.
import {
  BIG_INTEGER,
  BOOLEAN,
  FLOAT,
  INTEGER,
  LClosure,
  LIGHT_USERDATA,
  NIL,
  nilSlot,
  objects,
  raise,
  SHORT_STRING,
  states,
  STRING,
  tables,
  TValue,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import { meter, trip } from "./meter.seam.ts";
import { integerOfFloat } from "./numbers.seam.ts";
import { charactersOf, fromCharacters, type LuaString } from "./strings.seam.ts";

// As in `sizes`, but constants of this file, which are quicker.
const tableSize = 136;
/** As above: what another file exports is looked up at every use. */
const counter = meter;
const itemSize = 48;
const entrySize = 140;

/** The mark of a table that refuses changes. */
const frozen = -1;

/** An entry of the hash part. The list of all runs in order of insertion. */
class Entry {
  /** What the map knows the key by. */
  readonly k: unknown;
  /** Type and value of the key. */
  readonly kt: number;
  readonly kv: any;
  readonly vt: Slot;
  n: Entry | null = null;
  p: Entry | null = null;
  constructor(k: unknown, kt: number, kv: unknown, value: Slot) {
    this.k = k;
    this.kt = kt;
    this.kv = kv;
    this.vt = value;
  }
  // The lexer looks at entries as stock fengari has them.
  get key(): Slot {
    return new TValue(this.kt, this.kv);
  }
  get value(): Slot {
    return this.vt;
  }
}

/** A Lua table. */
export class Table {
  readonly id: number;
  arr: Slot[] = [];
  map: Map<unknown, Entry> | null = null;
  /** First and last entry of the hash part. */
  f: Entry | null = null;
  l: Entry | null = null;
  tomb = 0;
  metatable: Table | null = null;
  /** Bits of the metamethods that are known to be absent. */
  flags = ~0;
  /** Which count of memory has seen it, or `frozen`. */
  mark = 0;
  constructor(L: Thread) {
    this.id = L.l_G.id_counter++;
    if ((counter.left -= tableSize) < 0) trip();
  }
  /** True for a table that refuses changes. */
  get isFrozen(): boolean {
    return this.mark === frozen;
  }
  /** The lexer looks for its strings in here. */
  get strong(): Map<unknown, Entry> {
    return (this.map ??= new Map());
  }
}

/** No integer of Lua is as large: keys from here on are no value of it. */
const beyondIntegers = 2n ** 80n;
const primitives = new Map<string, object>();
const wrappers = new WeakMap<object, object>();

/** Light userdata of any JavaScript value: never the same key as a Lua value. */
function lightKey(L: Thread, value: any): unknown {
  // The compiler knows whole numbers by these: kept by name, there would be one for each number of every source ever seen.
  if (Number.isInteger(value)) return beyondIntegers + BigInt(value);
  if (typeof value === "bigint") return 2n * beyondIntegers + value;
  if (["string", "number", "boolean"].includes(typeof value)) {
    const name = `${typeof value}:${String(value)}`;
    let key = primitives.get(name);
    if (key === undefined) primitives.set(name, (key = {}));
    return key;
  }
  if (typeof value !== "function" && !isLuaObject(L, value)) return value;
  let key = wrappers.get(value);
  if (key === undefined) wrappers.set(value, (key = {}));
  return key;
}

function isLuaObject(L: Thread, value: any): boolean {
  if (value instanceof states.lua_State) return value.l_G === L.l_G;
  return [Table, LClosure, objects.Udata, objects.CClosure].some((kind) => value instanceof kind);
}

/** What the map knows a key by. */
export function hashKey(L: Thread, key: Slot): unknown {
  switch (key.type) {
    case INTEGER:
    case BIG_INTEGER:
      return key.value;
    case STRING:
    case SHORT_STRING:
      return charactersOf(key.value);
    case FLOAT: {
      const integer = integerOfFloat(key.value);
      return integer === false ? key.value : integer;
    }
    case LIGHT_USERDATA:
      return lightKey(L, key.value);
    case NIL:
      return raise(L, "table index is nil");
    default:
      return key.value;
  }
}

/** A metatable that says nothing but that there is one: quick paths of the loop never write to a table that has any. */
function freezingMetatable(L: Thread): Table {
  const made = new Table(L);
  made.mark = frozen;
  setHash(made, "__metatable", STRING, fromCharacters("__metatable"), BOOLEAN, false);
  made.flags = 0;
  return made;
}

const freezing = new WeakMap<object, Table>();

/** Has a table refuse every change from now on. */
export function freeze(L: Thread, table: Table): void {
  table.mark = frozen;
  if (table.metatable !== null) return;
  let shared = freezing.get(L.l_G);
  if (shared === undefined) freezing.set(L.l_G, (shared = freezingMetatable(L)));
  table.metatable = shared;
}

/** The value at an integer key. */
export function getInteger(table: Table, key: number | bigint): Slot {
  const { arr } = table;
  if (key > 0 && key <= arr.length) return arr[(key as number) - 1] as Slot;
  const { map } = table;
  if (map === null) return nilSlot;
  const entry = map.get(key);
  return entry === undefined ? nilSlot : entry.vt;
}

/** The value at a string key. */
export function getString(table: Table, key: LuaString): Slot {
  const { map } = table;
  if (map === null) return nilSlot;
  const entry = map.get(key.hash !== null ? key.hash : charactersOf(key));
  return entry === undefined ? nilSlot : entry.vt;
}

/** The value at any key; nil for keys that no table holds. */
export function get(L: Thread, table: Table, key: Slot): Slot {
  switch (key.type) {
    case INTEGER:
      return getInteger(table, key.value);
    case STRING:
    case SHORT_STRING:
      return getString(table, key.value);
    case NIL:
      return nilSlot;
    case FLOAT:
      if (Number.isNaN(key.value)) return nilSlot;
      if (Number.isSafeInteger(key.value)) return getInteger(table, key.value + 0);
      break;
    default:
  }
  const { map } = table;
  if (map === null) return nilSlot;
  const entry = map.get(hashKey(L, key));
  return entry === undefined ? nilSlot : entry.vt;
}

function unlink(table: Table, { n, p }: Entry): void {
  if (p !== null) p.n = n;
  else table.f = n;
  if (n !== null) n.p = p;
  else table.l = p;
}

function sweep(table: Table): void {
  for (let entry = table.f; entry !== null; entry = entry.n) {
    if (entry.vt.type !== NIL) continue;
    table.map?.delete(entry.k);
    unlink(table, entry);
  }
  table.tomb = 0;
}

/** Fewer tombstones than this are not worth a sweep. */
const tolerated = 8;

function add(table: Table, hash: unknown, kt: number, kv: unknown, value: Slot): void {
  let { map } = table;
  if (map === null) map = table.map = new Map();
  else if (table.tomb > tolerated && table.tomb > map.size >> 1) sweep(table);
  const entry = new Entry(hash, kt, kv, value);
  if ((counter.left -= entrySize) < 0) trip();
  const last = table.l;
  entry.p = last;
  if (last !== null) last.n = entry;
  else table.f = entry;
  table.l = entry;
  map.set(hash, entry);
}

/** Moves the keys that follow the array out of the hash part. */
function migrate(table: Table, map: Map<unknown, Entry>): void {
  const { arr } = table;
  for (;;) {
    const entry = map.get(arr.length + 1);
    if (entry === undefined) return;
    map.delete(entry.k);
    unlink(table, entry);
    if (entry.vt.type === NIL) {
      table.tomb--;
      return;
    }
    arr.push(entry.vt);
  }
}

/** Stores at an integer key. */
export function setInteger(table: Table, key: number, type: number, value: unknown): void {
  const { arr } = table;
  if (key > 0 && key <= arr.length) {
    const slot = arr[key - 1] as Slot;
    slot.type = type;
    slot.value = value;
    return;
  }
  if (key === arr.length + 1) append(table, key, type, value);
  else setHash(table, key, INTEGER, key, type, value);
}

function append(table: Table, key: number, type: number, value: unknown): void {
  const { arr, map } = table;
  if (type === NIL) {
    if (map !== null) setHash(table, key, INTEGER, key, type, value);
    return;
  }
  arr.push(new TValue(type, value));
  if ((counter.left -= itemSize) < 0) trip();
  if (map === null || map.size === 0) return;
  const entry = map.get(key);
  if (entry !== undefined) {
    if (entry.vt.type === NIL) table.tomb--;
    map.delete(key);
    unlink(table, entry);
  }
  migrate(table, map);
}

/** Stores in the hash part, under what `hashKey` makes of the key. */
export function setHash(table: Table, hash: unknown, kt: number, kv: unknown, type: number, value: unknown): void {
  const entry = table.map === null ? undefined : table.map.get(hash);
  if (entry === undefined) {
    if (type !== NIL) add(table, hash, kt, kv, new TValue(type, value));
    return;
  }
  const slot = entry.vt;
  if (type === NIL) {
    if (slot.type === NIL) return;
    table.tomb++;
    slot.type = NIL;
    slot.value = null;
    return;
  }
  if (slot.type === NIL) table.tomb--;
  slot.type = type;
  slot.value = value;
}

/** Stores at any key; raises for nil and NaN. */
export function set(L: Thread, table: Table, key: Slot, { type, value }: Slot): void {
  switch (key.type) {
    case STRING:
    case SHORT_STRING: {
      const string: LuaString = key.value;
      return setHash(table, string.hash !== null ? string.hash : charactersOf(string), STRING, string, type, value);
    }
    case INTEGER:
      return setInteger(table, key.value, type, value);
    case FLOAT: {
      if (Number.isNaN(key.value)) raise(L, "table index is NaN");
      const integer = integerOfFloat(key.value);
      if (typeof integer === "number") return setInteger(table, integer, type, value);
      if (integer !== false) return setHash(table, integer, BIG_INTEGER, integer, type, value);
      break;
    }
    default:
  }
  setHash(table, hashKey(L, key), key.type, key.value, type, value);
}

/** A border: an index with a value whose successor has none. */
export function length(table: Table): number {
  const { arr, map } = table;
  const size = arr.length;
  if (size > 0 && arr[size - 1]?.type === NIL) return border(0, size, (i) => arr[i - 1]?.type === NIL);
  if (map === null || map.size === 0 || getInteger(table, size + 1).type === NIL) return size;
  let above = size + 1;
  let below = size;
  // A table that puts values at all powers of two gets to the end of the integers.
  while (getInteger(table, above).type !== NIL && above < Number.MAX_SAFE_INTEGER / 2) {
    below = above;
    above *= 2;
  }
  return border(below, above, (i) => getInteger(table, i).type === NIL);
}

function border(low: number, high: number, isEmpty: (index: number) => boolean): number {
  let [full, empty] = [low, high];
  while (empty - full > 1) {
    const middle = Math.floor((full + empty) / 2);
    if (isEmpty(middle)) empty = middle;
    else full = middle;
  }
  return full;
}

function arrayIndex(table: Table, key: Slot): number {
  if (key.type === NIL) return 0;
  if (key.type !== INTEGER && key.type !== FLOAT) return -1;
  return Number.isInteger(key.value) && key.value > 0 && key.value <= table.arr.length ? key.value : -1;
}

/** Replaces a key by the one that follows and stores its value; false at the end. */
export function next(L: Thread, table: Table, key: Slot, into: Slot | undefined): boolean {
  const { arr } = table;
  let entry: Entry | null | undefined;
  const start = key.type === INTEGER && key.value > 0 && key.value <= arr.length ? key.value : arrayIndex(table, key);
  if (start >= 0) {
    for (let i = start; i < arr.length; i++) {
      const slot = arr[i] as Slot;
      if (slot.type === NIL) continue;
      key.type = INTEGER;
      key.value = i + 1;
      if (into !== undefined) {
        into.type = slot.type;
        into.value = slot.value;
      }
      return true;
    }
    entry = table.f;
  } else {
    entry = table.map === null ? undefined : table.map.get(hashKey(L, key));
    if (entry === undefined) return raise(L, "invalid key to 'next'");
    entry = entry.n;
  }
  while (entry !== null && entry.vt.type === NIL) entry = entry.n;
  if (entry === null) return false;
  key.type = entry.kt;
  key.value = entry.kv;
  if (into !== undefined) {
    into.type = entry.vt.type;
    into.value = entry.vt.value;
  }
  return true;
}

Object.assign(tables, {
  Table,
  luaH_new: (L: Thread) => new Table(L),
  luaH_get: get,
  luaH_getint: getInteger,
  luaH_getstr: getString,
  luaH_getn: length,
  luaH_next: (L: Thread, table: Table, key: number) =>
    next(L, table, L.stack[key] as Slot, (L.stack[key + 1] ??= new TValue(NIL, null))),
  luaH_setint: (table: Table, key: number, { type, value }: Slot) => setInteger(table, key, type, value),
  luaH_setfrom: set,
  invalidateTMcache: (table: Table) => {
    table.flags = 0;
  },
});
