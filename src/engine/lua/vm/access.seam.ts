// Indexing, length and concatenation of values, metamethods included.
import {
  anyFunction,
  anyNumber,
  anyString,
  debug,
  event,
  INTEGER,
  machine,
  metamethodOf,
  metamethods,
  NIL,
  raise,
  STRING,
  TABLE,
  variantMask,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import { isString, showNumber } from "./numbers.seam.ts";
import { charactersOf, joinedString, literal } from "./strings.seam.ts";
import { get, getInteger, getString, length, set, type Table } from "./table.seam.ts";

const indexEvent = event["TM_INDEX"] as number;
const newIndexEvent = event["TM_NEWINDEX"] as number;
const lengthEvent = event["TM_LEN"] as number;
const concatEvent = event["TM_CONCAT"] as number;

/** Longer chains of `__index` are taken for endless. */
const longestChain = 2_000;

function store(L: Thread, into: number, { type, value }: Slot): void {
  const slot = L.stack[into] as Slot;
  slot.type = type;
  slot.value = value;
}

function storeNil(L: Thread, into: number): void {
  const slot = L.stack[into] as Slot;
  slot.type = NIL;
  slot.value = null;
}

/** `value[key]` into a slot of the stack. */
export function index(L: Thread, value: Slot, key: Slot, into: number): void {
  if (value.type === TABLE) {
    const table: Table = value.value;
    let found;
    if (key.type === STRING) found = getString(table, key.value);
    else if (key.type === INTEGER) found = getInteger(table, key.value);
    else found = get(L, table, key);
    if (found.type !== NIL) return store(L, into, found);
    if (table.metatable === null) return storeNil(L, into);
  }
  indexByMetamethod(L, value, key, into);
}

/** `value[key]` where the plain look-up may not be the answer. */
export function indexByMetamethod(L: Thread, value: Slot, key: Slot, into: number): void {
  let from = value;
  for (let link = 0; link < longestChain; link++) {
    let method: Slot | null;
    if (from.type === TABLE) {
      const found = get(L, from.value, key);
      if (found.type !== NIL) return store(L, into, found);
      method = metamethodOf(L, from.value.metatable, indexEvent);
      if (method === null) return storeNil(L, into);
    } else {
      method = metamethods.luaT_gettmbyobj(L, from, indexEvent) as Slot;
      if (method.type === NIL) debug.luaG_typeerror(L, from, literal("index"));
    }
    if ((method.type & variantMask) === anyFunction) {
      return metamethods.luaT_callTM(L, method, from, key, L.stack[into], 1);
    }
    from = method;
  }
  raise(L, "'__index' chain too long; possible loop");
}

/** `target[key] = value`. */
export function assign(L: Thread, target: Slot, key: Slot, value: Slot): void {
  if (target.type === TABLE && target.value.metatable === null) {
    target.value.flags = 0;
    return set(L, target.value, key, value);
  }
  let to = target;
  for (let link = 0; link < longestChain; link++) {
    let method: Slot | null;
    if (to.type === TABLE) {
      const table: Table = to.value;
      method = get(L, table, key).type !== NIL ? null : metamethodOf(L, table.metatable, newIndexEvent);
      if (method === null) {
        if (table.isFrozen) refuseChange(L);
        table.flags = 0;
        return set(L, table, key, value);
      }
    } else {
      method = metamethods.luaT_gettmbyobj(L, to, newIndexEvent) as Slot;
      if (method.type === NIL) debug.luaG_typeerror(L, to, literal("index"));
    }
    if ((method.type & variantMask) === anyFunction) return metamethods.luaT_callTM(L, method, to, key, value, 0);
    to = method;
  }
  raise(L, "'__newindex' chain too long; possible loop");
}

/** Raises for an attempt to change a table that all tasks share. */
export function refuseChange(L: Thread): never {
  return raise(L, "this table is read-only");
}

/** `#value` into a slot. */
export function lengthOf(L: Thread, into: Slot, value: Slot): void {
  let method: Slot | null;
  if (value.type === TABLE) {
    method = metamethodOf(L, value.value.metatable, lengthEvent);
    if (method === null) return storeLength(into, length(value.value));
  } else if (isString(value.type)) {
    return storeLength(into, value.value.tsslen());
  } else {
    method = metamethods.luaT_gettmbyobj(L, value, lengthEvent) as Slot;
    if (method.type === NIL) debug.luaG_typeerror(L, value, literal("get length of"));
  }
  metamethods.luaT_callTM(L, method, value, value, into, 1);
}

function storeLength(into: Slot, size: number): void {
  into.type = INTEGER;
  into.value = size;
}

/** Strings are the one thing of which a short program makes gigabytes outside the memory that V8 watches. */
export const longestString = 64 * 1024 * 1024;

/** The characters of a string or number, undefined for anything else. */
function textOf(slot: Slot): string | undefined {
  const type = slot.type & variantMask;
  if (type === anyString) return charactersOf(slot.value);
  return type === anyNumber ? showNumber(slot) : undefined;
}

/** Concatenates the topmost values into the lowest of them. */
export function concatenate(L: Thread, count: number): void {
  const { stack } = L;
  let left = count;
  do {
    const { top } = L;
    const last = stack[top - 1] as Slot;
    const before = stack[top - 2] as Slot;
    let joined = textOf(before) === undefined ? undefined : textOf(last);
    let taken = 2;
    if (joined === undefined) {
      metamethods.luaT_trybinTM(L, before, last, before, concatEvent);
    } else {
      let longest = joined.length;
      for (taken = 1; taken < left; taken++) {
        const part = textOf(stack[top - taken - 1] as Slot);
        if (part === undefined) break;
        if (part.length + joined.length > longestString) raise(L, "string length overflow");
        if (part.length > longest) longest = part.length;
        joined = part + joined;
      }
      const into = stack[top - taken] as Slot;
      into.type = STRING;
      into.value = joinedString(joined, joined.length - longest);
    }
    left -= taken - 1;
    L.top = top - (taken - 1);
  } while (left > 1);
}

machine.luaV_gettable = index;
machine.settable = assign;
machine.luaV_objlen = lengthOf;
machine.luaV_concat = concatenate;
