// How many bytes a task holds: a walk over everything its threads can reach. It goes on in steps while the task stands
// still, so that others run in between. Frozen tables and code belong to nobody.
import { anyString, LClosure, objects, states, TABLE, variantMask, type Slot } from "./internals.seam.ts";
import { sizes } from "./meter.seam.ts";
import { charactersOf, type LuaString } from "./strings.seam.ts";
import { Table } from "./table.seam.ts";

const { CClosure, Udata } = objects;

/** Marks tell one walk from another; a smaller one is never seen again. */
let marks = 0;

/** A slot that points to nothing has one of these types. */
const lastPlain = 3;
const frameSize = 150;

/** A count of memory under way. */
export class Measurement {
  readonly #mark = ++marks;
  readonly #left: any[] = [];
  /** Objects seen that have no mark of their own: a field more would make two shapes of them. */
  readonly #seen = new Set<object>();
  /** The table or thread in whose middle the last step ended, and where. */
  #current: any = null;
  #at = 0;
  #entry: any = null;
  bytes = 0;
  threads = 0;

  /** Adds a value from which the task begins. */
  add({ type, value }: { readonly type: number; readonly value: any }): void {
    this.#visit(type, value);
  }

  /** Adds a thread. */
  addThread(thread: any): void {
    this.#push(thread);
  }

  /** Looks at about so many values; true when all are counted. */
  run(values: number): boolean {
    let budget = values;
    while (budget > 0) {
      if (this.#current !== null) budget -= this.#goOn(budget);
      else if (this.#left.length === 0) return true;
      else {
        this.#begin(this.#left.pop());
        budget--;
      }
    }
    return false;
  }

  #push(object: any): void {
    if (object instanceof Table) {
      if (object.mark === this.#mark) return;
      object.mark = this.#mark;
    } else {
      if (this.#seen.has(object)) return;
      this.#seen.add(object);
    }
    this.#left.push(object);
  }

  #begin(object: any): void {
    if (object instanceof Table) {
      this.bytes += sizes.table + object.arr.length * sizes.item;
      this.#current = object;
      this.#at = 0;
      this.#entry = object.f;
      if (object.metatable !== null && !object.metatable.isFrozen) this.#push(object.metatable);
    } else if (object instanceof states.lua_State) {
      this.bytes += sizes.thread;
      this.threads++;
      for (let call = object.base_ci; call !== null; call = call.next) this.bytes += frameSize;
      this.#current = object;
      this.#at = 0;
      this.#entry = null;
    } else if (object instanceof LClosure || object instanceof CClosure) {
      this.bytes += sizes.closure + sizes.variable * object.nupvalues;
      for (const { type, value } of object instanceof LClosure ? object.upvals : object.upvalue)
        this.#visit(type, value);
    } else {
      this.bytes += sizes.table;
      this.#payload(object);
    }
  }

  /** What a host object holds for Lua it lists itself. */
  #payload(userdata: any): void {
    const values: Iterable<Slot> = userdata.data?.luaValues?.() ?? [];
    for (const { type, value } of values) {
      this.bytes += sizes.item;
      this.#visit(type, value);
    }
  }

  /** Goes on in the middle of a table or a thread; answers how many values it has looked at. */
  #goOn(budget: number): number {
    const isTable = this.#current instanceof Table;
    const slots = isTable ? this.#current.arr : this.#current.stack;
    const begin = this.#at;
    const end = Math.min(slots.length, begin + budget);
    for (let i = begin; i < end; i++) {
      const slot = slots[i];
      if (slot === undefined) continue;
      if (!isTable) this.bytes += sizes.item;
      if (slot.type > lastPlain) this.#visit(slot.type, slot.value);
    }
    this.#at = end;
    let count = end - begin;
    for (; this.#entry !== null && count < budget; this.#entry = this.#entry.n) {
      count++;
      this.bytes += sizes.entry;
      const { kt, kv, vt } = this.#entry;
      if (kt > lastPlain) this.#visit(kt, kv);
      if (vt.type > lastPlain) this.#visit(vt.type, vt.value);
    }
    if (this.#at >= slots.length && this.#entry === null) this.#current = null;
    return count + 1;
  }

  #visit(type: number, value: any): void {
    if ((type & variantMask) === anyString) return this.#string(value);
    if (type === TABLE && value.isFrozen) return;
    if (typeof value === "object" && value !== null && isCounted(value)) this.#push(value);
  }

  #string(string: LuaString): void {
    if (string.mark === this.#mark) return;
    const characters = charactersOf(string);
    // Reading one character puts pieces together: what is counted is what there is.
    if (string.mark < 0) characters.charCodeAt(characters.length - 1);
    string.mark = this.#mark;
    this.bytes += sizes.string + characters.length + (string.realstring?.length ?? 0);
  }
}

function isCounted(value: object): boolean {
  return (
    value instanceof Table ||
    value instanceof LClosure ||
    value instanceof CClosure ||
    value instanceof Udata ||
    value instanceof states.lua_State
  );
}
