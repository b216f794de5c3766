// table.sort: a merge sort from the bottom up. Its state is a few numbers, so that it can stop between any two comparisons
// and its comparison function may wait.
import { push, slotAt } from "../api.seam.ts";
import {
  anyFunction,
  anyNumber,
  api,
  auxiliary,
  NIL,
  STRING,
  TValue,
  variantMask,
  type Slot,
  type Thread,
} from "../internals.seam.ts";
import { lessThan } from "../compare.seam.ts";
import { chargeFirst, sizes } from "../meter.seam.ts";
import { inTurns } from "../turns.seam.ts";
import { isTrue, refuse } from "./arguments.seam.ts";
import { checkTable, checkWritable, lengthArgument, plainTable, popItem, pushItem } from "./items.seam.ts";

const comparisonAt = 2;
const mostItems = 0x7fffffff;
const countable = ["__index", "__newindex", "__len"];

class Sorting {
  readonly #size: number;
  readonly #hasFunction: boolean;
  #items: Slot[] = [];
  #merged: Slot[] = [];
  /** The next item of each run and the ends of both. */
  #left = 0;
  #leftEnd = 0;
  #right = 0;
  #rightEnd = 0;
  #width = 1;
  #written = 0;
  #isAsked = false;
  #isSorted = false;

  constructor(L: Thread, size: number, hasFunction: boolean) {
    this.#size = size;
    this.#hasFunction = hasFunction;
    chargeFirst(L, 2 * size * sizes.item);
  }

  work(L: Thread): number | undefined {
    if (!this.#read(L)) return undefined;
    if (this.#isAsked) this.#answered(L);
    while (!this.#isSorted) {
      if (this.#left < this.#leftEnd && this.#right < this.#rightEnd) {
        if (--L.l_G.fuel < 0) return undefined;
        this.#compare(L);
      } else this.#finishRuns();
    }
    return this.#write(L) ? 0 : undefined;
  }

  /** Copies the items; false when the turn is over. */
  #read(L: Thread): boolean {
    const items = this.#items;
    while (items.length < this.#size) {
      if ((items.length & 7) === 0 && --L.l_G.fuel < 0) return false;
      pushItem(L, 1, items.length + 1);
      const { type, value } = L.stack[--L.top] as Slot;
      items.push(new TValue(type, value));
      if (items.length === this.#size) this.#beginRuns(0);
    }
    return true;
  }

  /** The right item goes first only if it is less: equal ones keep their order. */
  #compare(L: Thread): void {
    const right = this.#items[this.#right] as Slot;
    const left = this.#items[this.#left] as Slot;
    if (!this.#hasFunction) return this.#take(lessThan(L, right, left) === 1);
    const { type, value } = slotAt(L, comparisonAt);
    push(L, type, value);
    push(L, right.type, right.value);
    push(L, left.type, left.value);
    this.#isAsked = true;
    api.lua_callk(L, 2, 1, 0, (again: Thread) => inTurns(again, (thread) => this.work(thread)));
    this.#answered(L);
  }

  #answered(L: Thread): void {
    this.#isAsked = false;
    this.#take(isTrue(L.stack[--L.top] as Slot));
  }

  #take(isRight: boolean): void {
    this.#merged.push(this.#items[isRight ? this.#right++ : this.#left++] as Slot);
  }

  /** Copies what is left of two runs, and goes on to the next two, or to runs twice as long. */
  #finishRuns(): void {
    const items = this.#items;
    while (this.#left < this.#leftEnd) this.#merged.push(items[this.#left++] as Slot);
    while (this.#right < this.#rightEnd) this.#merged.push(items[this.#right++] as Slot);
    if (this.#rightEnd < this.#size) return this.#beginRuns(this.#rightEnd);
    [this.#items, this.#merged] = [this.#merged, []];
    this.#width *= 2;
    if (this.#width >= this.#size) this.#isSorted = true;
    else this.#beginRuns(0);
  }

  #beginRuns(at: number): void {
    this.#left = at;
    this.#right = this.#leftEnd = Math.min(this.#size, at + this.#width);
    this.#rightEnd = Math.min(this.#size, at + 2 * this.#width);
  }

  #write(L: Thread): boolean {
    for (; this.#written < this.#size; this.#written++) {
      if ((this.#written & 7) === 0 && --L.l_G.fuel < 0) return false;
      const { type, value } = this.#items[this.#written] as Slot;
      push(L, type, value);
      popItem(L, 1, this.#written + 1);
    }
    return true;
  }
}

/** Items of a table that are all numbers or all strings, which need no metamethods. */
function simpleItems(L: Thread, size: number): Slot[] | undefined {
  const table = plainTable(L, 1);
  if (table === undefined || size !== table.arr.length || size > mostSimple) return undefined;
  const { arr } = table;
  const isNumber = ((arr[0] as Slot).type & variantMask) === anyNumber;
  for (const { type } of arr) if (isNumber ? (type & variantMask) !== anyNumber : type !== STRING) return undefined;
  return arr;
}

/** Native sorting of more would take longer than a turn. */
const mostSimple = 5_000;

function sortSimple(L: Thread, items: Slot[]): number {
  L.l_G.fuel -= items.length;
  items.sort((a, b) => (lessThan(L, a, b) === 1 ? -1 : lessThan(L, b, a)));
  return 0;
}

/** `table.sort`. */
export function sort(L: Thread): number {
  checkTable(L, 1, countable);
  checkWritable(L, 1);
  const size = lengthArgument(L, 1);
  if (size <= 1) return 0;
  if (size >= mostItems) refuse(L, 1, "array too big");
  const order = slotAt(L, comparisonAt);
  const hasFunction = order.type !== NIL;
  if (hasFunction && (order.type & variantMask) !== anyFunction)
    auxiliary().luaL_checktype(L, comparisonAt, anyFunction);
  const simple = hasFunction ? undefined : simpleItems(L, size);
  if (simple !== undefined) return sortSimple(L, simple);
  const sorting = new Sorting(L, size, hasFunction);
  return inTurns(L, (thread) => sorting.work(thread));
}
