// The functions of `table` that move items. Long moves stop between steps and go on later.
import { push, slotAt } from "../api.seam.ts";
import { auxiliary, NIL, type HostFunction, type Thread } from "../internals.seam.ts";
import { spend } from "../meter.seam.ts";
import { toBigInt } from "../numbers.seam.ts";
import { literal } from "../strings.seam.ts";
import type { Table } from "../table.seam.ts";
import { inTurns } from "../turns.seam.ts";
import { fail, integerArgument, integerOr, refuse } from "./arguments.seam.ts";
import { checkTable, checkWritable, lengthArgument, plainTable, popItem, pushItem } from "./items.seam.ts";

const readable = ["__index"];
const writable = ["__newindex"];
const countable = ["__index", "__newindex", "__len"];
/** Moves within an array that native code makes in the time of one step. */
const movesPerStep = 256;

const argumentCount = (L: Thread) => L.top - L.ci.funcOff - 1;

/** Moves items `from`, `from + step` … to the places beside them, so many of them. */
function shift(L: Thread, first: number, count: number, step: 1 | -1, done: (L: Thread) => number): number {
  let moved = 0;
  return inTurns(L, (thread) => {
    for (; moved < count; moved++) {
      if (--thread.l_G.fuel < 0) return undefined;
      const to = first + moved * step;
      pushItem(thread, 1, to + step);
      popItem(thread, 1, to);
    }
    return done(thread);
  });
}

function insert(L: Thread): number {
  checkTable(L, 1, countable);
  checkWritable(L, 1);
  const count = argumentCount(L);
  const end = lengthArgument(L, 1) + 1;
  if (count === 2) {
    popItem(L, 1, end);
    return 0;
  }
  if (count !== 3) fail(L, "wrong number of arguments to 'insert'");
  const at = Number(integerArgument(L, 2));
  if (at < 1 || at > end) refuse(L, 2, "position out of bounds");
  const table = plainTable(L, 1);
  if (table !== undefined && end === table.arr.length + 1 && at < end) return insertInArray(L, table, at);
  return shift(L, end, end - at, -1, (thread) => {
    popItem(thread, 1, at);
    return 0;
  });
}

/** Native code moves the items of an array at once. */
function insertInArray(L: Thread, table: Table, at: number): number {
  const { arr } = table;
  spend(L, ((arr.length - at) / movesPerStep) | 0);
  // Appending first keeps array and hash part in order.
  pushItem(L, 1, arr.length);
  popItem(L, 1, arr.length + 1);
  const size = arr.length;
  const { type, value } = slotAt(L, 3);
  const last = arr[size - 2];
  if (last === undefined) return 0;
  arr.copyWithin(at, at - 1, size - 2);
  last.type = type;
  last.value = value;
  arr[at - 1] = last;
  return 0;
}

function remove(L: Thread): number {
  checkTable(L, 1, countable);
  checkWritable(L, 1);
  const size = lengthArgument(L, 1);
  const hasPlace = argumentCount(L) > 1;
  const at = hasPlace ? Number(integerArgument(L, 2)) : size;
  // Of an empty table even the place 0 may be removed.
  if (hasPlace && size + 1 !== at && at !== size && (at < 1 || at > size + 1)) refuse(L, 1, "position out of bounds");
  pushItem(L, 1, at);
  const table = plainTable(L, 1);
  if (table !== undefined && size === table.arr.length && at >= 1 && at <= size) {
    const { arr } = table;
    spend(L, ((size - at) / movesPerStep) | 0);
    arr.splice(at - 1, 1);
    return 1;
  }
  return shift(L, at, Math.max(0, size - at), 1, (thread) => {
    push(thread, NIL, null);
    popItem(thread, 1, at > size ? at : size);
    return 1;
  });
}

function move(L: Thread): number {
  const from = toBigInt(integerArgument(L, 2));
  const end = toBigInt(integerArgument(L, 3));
  const to = toBigInt(integerArgument(L, 4));
  const target = slotAt(L, 5).type === NIL ? 1 : 5;
  checkTable(L, 1, readable);
  checkTable(L, target, writable);
  checkWritable(L, target);
  const largest = 0x7fffffffffffffffn;
  if (end >= from) {
    if (from <= 0n && end >= largest + from) refuse(L, 3, "too many elements to move");
    if (to > largest - (end - from)) refuse(L, 4, "destination wrap around");
  }
  const count = end - from + 1n;
  const isDown = to > from && to <= end && (target === 1 || slotAt(L, 1).value === slotAt(L, 5).value);
  let moved = 0n;
  return inTurns(L, (thread) => {
    for (; moved < count; moved++) {
      if (--thread.l_G.fuel < 0) return undefined;
      const offset = isDown ? count - 1n - moved : moved;
      pushItem(thread, 1, near(from + offset));
      popItem(thread, target, near(to + offset));
    }
    const { type, value } = slotAt(thread, target);
    push(thread, type, value);
    return 1;
  });
}

/** Integers as tables know them: numbers where they are exact. */
function near(key: bigint): number | bigint {
  const number = Number(key);
  return Number.isSafeInteger(number) ? number : key;
}

/** More results than a stack has room for. */
const mostResults = 1_000_000;

function unpack(L: Thread): number {
  const from = toBigInt(integerOr(L, 2, () => 1));
  const end = toBigInt(integerOr(L, 3, () => lengthArgument(L, 1)));
  if (from > end) return 0;
  if (end - from >= mostResults) fail(L, "too many results to unpack");
  const count = Number(end - from) + 1;
  spend(L, count >> 3);
  auxiliary().luaL_checkstack(L, count, literal("too many results to unpack"));
  const first = near(from);
  if (typeof first === "number" && Number.isSafeInteger(first + count)) {
    for (let i = 0; i < count; i++) pushItem(L, 1, first + i);
  } else for (let i = from; i <= end; i++) pushItem(L, 1, near(i));
  return count;
}

/** Replacements in `table`. */
export const tableFunctions: Readonly<Record<string, HostFunction>> = { insert, move, remove, unpack };
