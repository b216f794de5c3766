// The modules of the private copy whose functions are replaced, and the shapes of what they work on.
import { checkFunctions, loadPrivate } from "./load.seam.ts";
import { showFloat } from "./format.ts";
import { charactersOf, encode, type LuaString } from "./strings.seam.ts";

/** A value on a stack, in a table or a constant; written in place. */
export interface Slot {
  type: number;
  value: any;
}

/** One active call. */
export interface Call {
  func: Slot;
  funcOff: number;
  top: number;
  previous: Call;
  next: Call | null;
  l_base: number;
  l_code: Instruction[];
  l_savedpc: number;
  nresults: number;
  callstatus: number;
  extra: number;
  c_k: ((L: Thread, status: number, context: any) => number) | null;
  c_ctx: any;
  c_old_errfunc: number;
}

/** A decoded instruction. */
export interface Instruction {
  readonly opcode: number;
  readonly A: number;
  readonly B: number;
  readonly C: number;
  readonly Ax: number;
  readonly Bx: number;
  readonly sBx: number;
}

/** Compiled code of one function. */
export interface Prototype {
  readonly k: Slot[];
  readonly p: Prototype[];
  readonly code: Instruction[];
  readonly upvalues: { readonly instack: boolean; readonly idx: number }[];
  readonly numparams: number;
  readonly is_vararg: boolean;
  readonly maxstacksize: number;
}

/** A Lua function: code and the variables it has captured. */
export interface Closure {
  p: Prototype;
  readonly nupvalues: number;
  readonly upvals: Slot[];
}

/** Where an error that is thrown ends. */
export interface Jump {
  status: number;
  readonly previous: Jump | null;
}

/** A Lua thread. */
export interface Thread {
  readonly stack: Slot[];
  stack_last: number;
  readonly base_ci: Call;
  readonly l_G: Shared;
  readonly hookmask: number;
  top: number;
  ci: Call;
  status: number;
  /** Above zero while a callback of a library function is on the stack: it cannot yield. */
  nny: number;
  /** JavaScript frames of the interpreter below; a yield over more than one must throw. */
  nexec: number;
  /** Calls of `pcall` that are running without JavaScript frames of their own. */
  nested: number;
  nCcalls: number;
  errorJmp: Jump | null;
  errfunc: number;
  allowhook: number;
  oldpc: number;
}

/** What all threads of an interpreter share. */
export interface Shared {
  readonly mainthread: Thread;
  readonly l_registry: Slot;
  readonly tmname: LuaString[];
  id_counter: number;
  /** Fuel handed out so far: what was used is that less `fuel`. */
  granted: number;
  /** Bytes that a library function is about to allocate. */
  pending: number;
  /** Set while errors pass all protected calls, because the task is being ended. */
  isKilled: boolean;
  /** Slots that the stack of a thread may have. */
  stackSlots: number;
  /** Makes the error of a stack that is full; without it, that is a text. */
  onOverflow: ((message: string) => Slot) | null;
  /** Loops and calls that may still run before `onFuel` is asked. */
  fuel: number;
  /** Refills `fuel` and says whether the thread may go on; may raise instead. */
  onFuel: ((L: Thread) => "yield" | "continue") | null;
}

/** A host function: arguments on the stack, answers the number of results. */
export type HostFunction = (L: Thread) => number;

// Type tags. Integers within ±(2^53-1) are numbers; the others of 64 bits have a tag of their own and are BigInts.
// Tags that differ in the variant alone share the lower four bits.
/** Tag of nil. */
export const NIL = 0;
/** Tag of a boolean. */
export const BOOLEAN = 1;
/** Tag of a JavaScript value. */
export const LIGHT_USERDATA = 2;
/** Tag of a float. */
export const FLOAT = 3;
/** Tag of a string that the compiler made. */
export const SHORT_STRING = 4;
/** Tag of a table. */
export const TABLE = 5;
/** Tag of a Lua function. */
export const LUA_FUNCTION = 6;
/** Tag of userdata. */
export const USERDATA = 7;
/** Tag of an integer that is a number. */
export const INTEGER = 19;
/** Tag of a string. */
export const STRING = 20;
/** Tag of a host function. */
export const HOST_FUNCTION = 22;
/** Tag of an integer that is a BigInt. */
export const BIG_INTEGER = 35;
/** Tag of a host function with values of its own. */
export const HOST_CLOSURE = 38;
/** The lower four bits of every kind of number, string and function. */
export const variantMask = 15;
/** The kind of all numbers. */
export const anyNumber = 3;
/** The kind of all strings. */
export const anyString = 4;
/** The kind of all functions. */
export const anyFunction = 6;

const configuration = loadPrivate("luaconf");
checkFunctions("luaconf", configuration, ["lua_number2str", "lua_integer2str", "lua_numbertointeger", "ldexp"]);
configuration.LUA_MAXINTEGER = Number.MAX_SAFE_INTEGER;
configuration.LUA_MININTEGER = -Number.MAX_SAFE_INTEGER;
configuration.lua_numbertointeger = (value: number) => (Number.isSafeInteger(value) ? value + 0 : false);
configuration.lua_number2str = showFloat;
configuration.lua_integer2str = String;
// No ".0" behind whole floats: `100 / 2` reads 50, as in every Lua before 5.3.
configuration.LUA_COMPAT_FLOATSTRING = true;
// Long names of chunks stay whole in messages.
configuration.LUA_IDSIZE = 200;
// A million slots would let a runaway recursion take a second and 100 MB.
configuration.LUAI_MAXSTACK = 200_000;

/** Power of two times a number, exact. */
export const scale: (value: number, exponent: number) => number = configuration.ldexp;

/** fengari's C-like interface. */
export const api = loadPrivate("lapi");
/** Values, closures and userdata. */
export const objects = loadPrivate("lobject");
/** Functions of tables. */
export const tables = loadPrivate("ltable");
/** Operations of the machine. */
export const machine = loadPrivate("lvm");
/** Calls, errors and the stack. */
export const calls = loadPrivate("ldo");
/** Captured variables. */
export const variables = loadPrivate("lfunc");
/** Metamethods by number and by value. */
export const metamethods = loadPrivate("ltm");
/** Error messages and hooks. */
export const debug = loadPrivate("ldebug");
/** Threads and the state they share. */
export const states = loadPrivate("lstate");

checkFunctions("lapi", api, ["lua_load", "lua_pushinteger", "lua_rawgeti", "lua_geti", "lua_pcallk", "lua_tointegerx"]);
checkFunctions("lobject", objects, ["TValue", "LClosure", "CClosure", "Udata", "luaO_str2num", "luaO_arith"]);
checkFunctions("ltable", tables, ["luaH_new", "luaH_get", "luaH_getint", "luaH_getstr", "luaH_next", "luaH_setfrom"]);
checkFunctions("lvm", machine, ["luaV_execute", "luaV_finishOp", "luaV_concat", "luaV_gettable", "luaV_tointeger"]);
checkFunctions("ldo", calls, ["luaD_call", "luaD_precall", "luaD_poscall", "luaD_throw", "luaD_rawrunprotected"]);
checkFunctions("ltm", metamethods, ["luaT_gettm", "luaT_gettmbyobj", "luaT_callTM", "luaT_trybinTM"]);
checkFunctions("lstate", states, ["lua_newstate", "CallInfo", "lua_State"]);

/** Makes a slot. */
export const TValue: new (type: number, value: any) => Slot = objects.TValue;
/** A nil that nobody writes. */
export const nilSlot: Slot = objects.luaO_nilobject;
/** Makes a Lua function without code. */
export const LClosure: new (L: Thread, upvalues: number) => Closure = objects.LClosure;
/** Makes a frame. */
export const CallInfo: new () => Call = states.CallInfo;

// fengari's constructors fill fields of integers with NaN, so V8 would keep each of them as a float in a box of its own.
// It gives that up for fields that once held something else.
function unbox(made: any): void {
  for (const [name, value] of Object.entries(made)) if (Number.isNaN(value)) made[name] = null;
}
unbox(new CallInfo());
unbox(complete(new states.lua_State({ id_counter: 0 })));

/** Gives a thread the fields that it may get later: threads of one shape are what every quick path is made for. */
export function complete(thread: any): any {
  thread.nexec = thread.nested = 0;
  thread.task = thread.fiber = thread.resumer = thread.request = thread.answer = thread.died = undefined;
  thread.isPreempted = false;
  thread.base_ci.extra = 0;
  return thread;
}
/** Numbers of the metamethods, by name. */
export const event: Readonly<Record<string, number>> = metamethods.TMS;

/** Raises an error with the position of the running function. */
export function raise(L: Thread, message: string): never {
  return debug.luaG_runerror(L, encode(message)) as never;
}

/** Raises the error of a stack that is full, Lua's own or JavaScript's. */
export function overflow(L: Thread): never {
  const { onOverflow } = L.l_G;
  if (onOverflow === null) return raise(L, "stack overflow");
  auxiliary().luaL_where(L, 1);
  const where = charactersOf((L.stack[--L.top] as Slot).value);
  const { type, value } = onOverflow(`${where}stack overflow`);
  L.stack[L.top++] = new TValue(type, value);
  return debug.luaG_errormsg(L) as never;
}

/** The metamethod of a table's metatable or null; absence is remembered in `flags`. */
export function metamethodOf(L: Thread, metatable: any, name: number): Slot | null {
  if (metatable === null || (metatable.flags & (1 << name)) !== 0) return null;
  return metamethods.luaT_gettm(metatable, name, L.l_G.tmname[name]);
}

let loadedAuxiliary: any;

/** fengari's auxiliary library. It keeps the functions it finds: it is loaded when all patches are in place. */
export function auxiliary(): any {
  return (loadedAuxiliary ??= loadPrivate("lauxlib"));
}
