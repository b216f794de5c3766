// Seam for fengari, which has no types. Everything else in engine/lua speaks to the interpreter through `Lua`.
import { LuaSyntaxError } from "../syntax-error.ts";
import { freeze, kill } from "../vm/vm.seam.ts";
import { budget } from "./budget.seam.ts";
import { eachEntry, freezeStock, isFrozenStock } from "./stock-freeze.seam.ts";
import {
  CClosure,
  LClosure,
  lauxlib,
  lua,
  lualib,
  tables,
  to_luastring,
  TString,
  TValue,
  Udata,
} from "./interpreter.seam.ts";
import {
  status,
  tag,
  type Lua,
  type LuaPrototype,
  type LuaState,
  type LuaTable,
  type LuaValue,
  type NativeFunction,
} from "./lua.ts";

/** Set in the status of a call of a Lua function. */
const luaFrame = 2;
/** What a frame's context holds while its thread was stopped in the middle. */
const preempted = -77;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Opens an interpreter with the standard libraries, none of them yet safe for guests. */
export function openLua(): Lua {
  const main = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(main);
  return {
    main,
    nil: new TValue(tag.nil, null),
    ...stack,
    ...running(main),
    ...budget(main),
    ...values(main),
    ...tableAccess(main),
  };
}

/** Slots of a new thread's stack, which grows by itself: most tasks that wait need no more. */
const firstSlots = 12;

const slot = (L: any, index: number) => (index < 0 ? L.top + index : L.ci.funcOff + index);
const nothing: LuaValue = new TValue(tag.nil, null);

const stack = {
  top: (L: LuaState): number => lua.lua_gettop(L),
  setTop: (L: LuaState, top: number): void => lua.lua_settop(L, top),
  reserve: (L: LuaState, slots: number): boolean => lua.lua_checkstack(L, slots),
  at(L: LuaState, index: number): LuaValue {
    const place = slot(L, index);
    return place < (L as any).top ? (L as any).stack[place] : nothing;
  },
  copyAt(L: LuaState, index: number): LuaValue {
    const { type, value } = stack.at(L, index);
    return new TValue(type, value);
  },
  push(L: LuaState, value: LuaValue): void {
    (L as any).stack[(L as any).top++] = new TValue(value.type, value.value);
  },
  insert: (L: LuaState, index: number): void => lua.lua_insert(L, index),
  replace(L: LuaState, index: number, { type, value }: LuaValue): void {
    (L as any).stack[slot(L, index)] = new TValue(type, value);
  },
  move: (from: LuaState, to: LuaState, count: number): void => lua.lua_xmove(from, to, count),
  upvalue: (L: LuaState, index: number): LuaValue => (L as any).ci.func.value.upvalue[index - 1],
};

function running(main: any) {
  return {
    newThread(): LuaState {
      const thread = lua.lua_newthread(main);
      // What is popped stays where it is: the slot would hold the thread, and all that it comes to hold.
      main.stack[main.top - 1].setnilvalue();
      lua.lua_pop(main, 1);
      thread.stack.length = firstSlots;
      return thread;
    },
    compile(source: string, chunk: string): LuaPrototype {
      const result = lauxlib.luaL_loadbufferx(
        main,
        to_luastring(source),
        null,
        to_luastring(`@${chunk}`),
        to_luastring("t"),
      );
      const top = stack.at(main, -1) as any;
      const { value } = top;
      const text = result === 0 ? "" : lua.lua_tojsstring(main, -1);
      lua.lua_pop(main, 1);
      if (result === 0) return value.p;
      const found = /:(\d+): (.*)$/s.exec(text);
      throw new LuaSyntaxError(found?.[2] ?? text, Number(found?.[1] ?? 1));
    },
    pushClosure(L: LuaState, prototype: LuaPrototype, environment: LuaTable): void {
      const proto = prototype as any;
      const closure = new LClosure(L, proto.upvalues.length);
      closure.p = proto;
      for (let i = 0; i < closure.nupvalues; i++) closure.upvals[i] = new TValue(tag.nil, null);
      if (closure.nupvalues > 0) closure.upvals[0] = new TValue(environment.type, environment.value);
      stack.push(L, new TValue(tag.luaFunction, closure));
    },
    isPatched: main.l_G.fuel !== undefined,
    onNativeError(translate: (thrown: unknown) => LuaValue): void {
      lua.lua_atnativeerror(main, (L: LuaState) => {
        const thrown = lua.lua_touserdata(L, 1);
        stack.push(L, translate(thrown));
        return 1;
      });
    },
    resume(thread: LuaState, from: LuaState | undefined, count: number): number {
      const result = lua.lua_resume(thread, from ?? null, count);
      // Who is preempted stands in a Lua function, or in a long library function that says so.
      const { ci } = thread as any;
      thread.isPreempted = result === status.yielded && ((ci.callstatus & luaFrame) !== 0 || ci.c_ctx === preempted);
      return result;
    },
    yieldWith: (L: LuaState, next: NativeFunction): number => lua.lua_yieldk(L, 0, null, next),
    call: (L: LuaState, count: number, results: number): void => lua.lua_call(L, count, results),
    callThen(L: LuaState, shape: { args: number; results: number }, next: NativeFunction): number {
      lua.lua_callk(L, shape.args, shape.results, null, next);
      return next(L);
    },
    statusOf: (L: LuaState): number => lua.lua_status(L),
    canYield(L: LuaState): boolean {
      for (let thread: LuaState | undefined = L; thread !== undefined; thread = thread.resumer) {
        if ((thread as any).nny > 0) return false;
      }
      return true;
    },
    closeThread: (thread: LuaState): void => {
      const { base_ci: base } = thread as any;
      // Variables that closures share are slots of their own: they outlive the stack.
      Object.assign(thread, { ci: base, status: status.ok, top: base.funcOff + 1, nny: 0 });
    },
    hasFrames: (L: LuaState): boolean => (L as any).ci !== (L as any).base_ci,
    raise(L: LuaState): never {
      if (main.l_G.isKilled === true) kill(L as any, { ...(L as any).stack[--(L as any).top] });
      throw lua.lua_error(L);
    },
    where(L: LuaState, level: number): string {
      lauxlib.luaL_where(L, level);
      const text = lua.lua_tojsstring(L, -1);
      lua.lua_pop(L, 1);
      return text;
    },
    frames,
    display(L: LuaState, value: LuaValue): string {
      lua.lua_checkstack(L, 4);
      stack.push(L, value);
      lauxlib.luaL_tolstring(L, -1);
      const shown = loose(bytesOf(stack.at(L, -1)));
      lua.lua_pop(L, 2);
      return shown;
    },
  };
}

function frames(L: LuaState, limit: number): string[] {
  const found: string[] = [];
  const info = new lua.lua_Debug();
  for (let level = 0; found.length < limit && lua.lua_getstack(L, level, info); level++) {
    lua.lua_getinfo(L, to_luastring("Sl"), info);
    if (info.currentline > 0) found.push(`${loose(info.source).slice(1)}:${info.currentline}`);
  }
  return found;
}

const loose = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (value: LuaValue): Uint8Array => (value.value as any).getstr();

/** Up to this length a loop over ASCII is quicker than the decoder. */
const shortText = 32;

function isAscii(text: string): boolean {
  if (text.length > shortText) return Buffer.byteLength(text) === text.length;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

function asciiText(bytes: Uint8Array): string | undefined {
  let text = "";
  for (const byte of bytes) {
    if (byte > 127) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function values(main: any) {
  const isPatched = main.l_G.fuel !== undefined;
  const newBytes = (bytes: Uint8Array): LuaValue => new TValue(tag.string, new TString(main, bytes));
  return {
    bytes: bytesOf,
    text(value: LuaValue): string | undefined {
      const string = value.value as any;
      // The patched interpreter keeps one character a byte: ASCII is the text already.
      if (isPatched && string.hash !== null && isAscii(string.hash)) return string.hash;
      const bytes = bytesOf(value);
      const short = bytes.length <= shortText ? asciiText(bytes) : undefined;
      if (short !== undefined) return short;
      try {
        return decoder.decode(bytes);
      } catch {
        return undefined;
      }
    },
    newText(text: string): LuaValue {
      if (!isPatched || !isAscii(text)) return newBytes(encoder.encode(text));
      const string = new TString(main, null);
      string.hash = text;
      return new TValue(tag.string, string);
    },
    newBytes,
    newNumber(value: number): LuaValue {
      const isInteger = isPatched ? Number.isSafeInteger(value) : (value | 0) === value;
      return new TValue(isInteger && !Object.is(value, -0) ? tag.integer : tag.float, value);
    },
    newFloat: (value: number): LuaValue => new TValue(tag.float, value),
    newBigInt(value: bigint): LuaValue {
      if (!isPatched) return new TValue(tag.float, Number(value));
      const wrapped = BigInt.asIntN(64, value);
      const number = Number(wrapped);
      return Number.isSafeInteger(number) ? new TValue(tag.integer, number) : new TValue(tag.bigInteger, wrapped);
    },
    newBoolean: (value: boolean): LuaValue => new TValue(tag.boolean, value),
    newFunction(native: NativeFunction, upvalues: readonly LuaValue[] = []): LuaValue {
      if (upvalues.length === 0) return new TValue(tag.hostFunction, native);
      const closure = new CClosure(main, native, upvalues.length);
      closure.upvalue = upvalues.map(({ type, value }) => new TValue(type, value));
      return new TValue(tag.hostClosure, closure);
    },
    newUserdata(payload: object, metatable: LuaTable): LuaValue {
      const data = new Udata(main, 0);
      data.data = payload;
      data.metatable = metatable.value;
      return new TValue(tag.userdata, data);
    },
    payload: (value: LuaValue): object | undefined =>
      value.type === tag.userdata ? (value.value as any).data : undefined,
    newThreadValue: (thread: LuaState): LuaValue => new TValue(tag.thread, thread),
    thread: (value: LuaValue): LuaState | undefined => (value.type === tag.thread ? (value.value as any) : undefined),
  };
}

/** Names of fields are kept as Lua's strings. They come from outside as well: few are longer, and there is no end of them. */
const keyLength = 64;
const mostKeys = 10_000;

function tableAccess(main: any) {
  const isPatched = main.l_G.fuel !== undefined;
  const keys = new Map<string, any>();
  const key = (name: string) => {
    let made = keys.get(name);
    if (made === undefined) {
      made = new TString(main, encoder.encode(name));
      if (name.length > keyLength) return made;
      if (keys.size >= mostKeys) keys.clear();
      keys.set(name, made);
    }
    return made;
  };
  const get = (table: LuaTable, name: string): LuaValue => tables.luaH_getstr(table.value, key(name));
  const newTable = (): LuaTable => new TValue(tag.table, tables.luaH_new(main));
  const isTable = (value: LuaValue): value is LuaTable => value.type === tag.table;
  return {
    newTable,
    isTable,
    get,
    key: (name: string): LuaValue => new TValue(tag.string, key(name)),
    getKey: (table: LuaTable, name: LuaValue): LuaValue => tables.luaH_getstr(table.value, name.value),
    initKey: (table: LuaTable, name: LuaValue, value: LuaValue): void =>
      tables.luaH_setfrom(main, table.value, name, value),
    getIndex: (table: LuaTable, index: number): LuaValue => tables.luaH_getint(table.value, index),
    getRaw: (table: LuaTable, name: LuaValue): LuaValue => tables.luaH_get(main, table.value, name),
    set: (table: LuaTable, name: string, value: LuaValue): void =>
      changed(table, tables.luaH_setfrom(main, table.value, new TValue(tag.string, key(name)), value)),
    setIndex: (table: LuaTable, index: number, value: LuaValue): void => tables.luaH_setint(table.value, index, value),
    setRaw: (table: LuaTable, name: LuaValue, value: LuaValue): void =>
      changed(table, tables.luaH_setfrom(main, table.value, name, value)),
    length: (table: LuaTable): number => tables.luaH_getn(table.value),
    isEmpty: (table: LuaTable): boolean => isEmptyTable(table.value),
    each(table: LuaTable, visit: (key: LuaValue, value: LuaValue) => void): void {
      eachEntry(table.value, visit);
    },
    metatable(table: LuaTable): LuaTable | undefined {
      const { metatable } = table.value as any;
      return metatable ? new TValue(tag.table, metatable) : undefined;
    },
    setMetatable(table: LuaTable, metatable: LuaTable): void {
      (table.value as any).metatable = metatable.value;
    },
    stringMetatable(): LuaTable | undefined {
      const metatable = main.l_G.mt[4];
      return metatable ? new TValue(tag.table, metatable) : undefined;
    },
    freeze: (table: LuaTable): void => (isPatched ? freeze(main, table.value as any) : freezeStock(main, table)),
    isFrozen: (table: LuaTable): boolean => (isPatched ? (table.value as any).isFrozen : isFrozenStock(table)),
    library(name: string): LuaTable {
      const globals = new TValue(tag.table, tables.luaH_getint(main.l_G.l_registry.value, 2).value);
      if (name === "_G") return globals;
      const found = get(globals, name);
      return new TValue(found.type, found.value);
    },
  };
}

function isEmptyTable(table: any): boolean {
  let isEmpty = true;
  if (table.f || table.arr?.length > 0) eachEntry(table, () => (isEmpty = false));
  return isEmpty;
}

/** Metamethods are cached by absence: a table that gains a field must forget. */
function changed(table: LuaTable, _done: unknown): void {
  (table.value as any).flags = 0;
}
