// The C-like interface of fengari, where it knows too little of large integers or too much of bytecode.
import {
  api,
  auxiliary,
  BIG_INTEGER,
  complete,
  HOST_FUNCTION,
  INTEGER,
  FLOAT,
  NIL,
  nilSlot,
  states,
  TValue,
  variantMask,
  type Prototype,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import { loadPrivate } from "./load.seam.ts";
import { assign, index, refuseChange } from "./access.seam.ts";
import { isInteger, storeInteger, toInteger, toNumber, wrap } from "./numbers.seam.ts";
import { literal } from "./strings.seam.ts";
import { getInteger, setInteger } from "./table.seam.ts";

/** Pushes a slot that nobody else holds. */
export function pushSlot(L: Thread, slot: Slot): void {
  L.stack[L.top++] = slot;
}

/** Pushes a new value. */
export function push(L: Thread, type: number, value: unknown): void {
  pushSlot(L, new TValue(type, value));
}

/** Pushes an integer; one beyond 64 bits wraps. */
export function pushInteger(L: Thread, value: number | bigint): void {
  const slot = new TValue(INTEGER, value);
  if (typeof value === "bigint") storeInteger(slot, wrap(value));
  pushSlot(L, slot);
}

const registry: number = loadPrivate("defs").LUA_REGISTRYINDEX;

/** The slot at an index of the interface: an argument, from the top, the registry, or a captured value. */
export function slotAt(L: Thread, at: number): Slot {
  if (at > 0) {
    const place = L.ci.funcOff + at;
    return place >= L.top ? nilSlot : (L.stack[place] as Slot);
  }
  if (at > registry) return L.stack[L.top + at] as Slot;
  if (at === registry) return L.l_G.l_registry;
  const { func } = L.ci;
  if (func.type === HOST_FUNCTION) return nilSlot;
  const captured = registry - at;
  return captured <= func.value.nupvalues ? func.value.upvalue[captured - 1] : nilSlot;
}

api.lua_pushinteger = (L: Thread, value: unknown) => {
  if (typeof value === "bigint") return pushInteger(L, value);
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new TypeError("invalid argument");
  return push(L, INTEGER, value + 0);
};
api.lua_isinteger = (L: Thread, at: number) => isInteger(slotAt(L, at).type);
api.lua_tointegerx = (L: Thread, at: number) => toNumber(slotAt(L, at));
api.lua_tointeger = (L: Thread, at: number) => {
  const value = toInteger(slotAt(L, at));
  return value === false ? 0 : value;
};
api.lua_rawgeti = (L: Thread, at: number, key: number) => {
  const { type, value } = getInteger(slotAt(L, at).value, key);
  push(L, type, value);
  return type & variantMask;
};
api.lua_rawseti = (L: Thread, at: number, key: number) => {
  const table = slotAt(L, at).value;
  const { type, value } = L.stack[--L.top] as Slot;
  if (table.isFrozen) refuseChange(L);
  setInteger(table, key, type, value);
};
const rawSet = api.lua_rawset;
api.lua_rawset = (L: Thread, at: number) => {
  if (slotAt(L, at).value.isFrozen) refuseChange(L);
  rawSet(L, at);
};
const setMetatable = api.lua_setmetatable;
api.lua_setmetatable = (L: Thread, at: number) => {
  if (slotAt(L, at).value?.isFrozen === true) refuseChange(L);
  setMetatable(L, at);
};
api.lua_geti = (L: Thread, at: number, key: number) => {
  const from = slotAt(L, at);
  push(L, INTEGER, key);
  index(L, from, L.stack[L.top - 1] as Slot, L.top - 1);
  return (L.stack[L.top - 1] as Slot).type & variantMask;
};
api.lua_seti = (L: Thread, at: number, key: number) => {
  const to = slotAt(L, at);
  push(L, INTEGER, key);
  assign(L, to, L.stack[L.top - 1] as Slot, L.stack[L.top - 2] as Slot);
  L.top -= 2;
};
api.lua_pop = (L: Thread, count: number) => {
  L.top -= count;
};

// Slots of a host function's frame are captured by nobody: they move as they are.
api.lua_insert = (L: Thread, at: number) => {
  const { stack } = L;
  const to = at > 0 ? L.ci.funcOff + at : L.top + at;
  const slot = stack[L.top - 1] as Slot;
  for (let i = L.top - 1; i > to; i--) stack[i] = stack[i - 1] as Slot;
  stack[to] = slot;
};

// Stock fengari deletes what it takes from a stack, which makes arrays slow.
api.lua_settop = (L: Thread, at: number) => {
  const top = at >= 0 ? L.ci.funcOff + 1 + at : L.top + at + 1;
  while (L.top < top) L.stack[L.top++] = new TValue(NIL, null);
  L.top = top;
};
api.lua_xmove = (from: Thread, to: Thread, count: number) => {
  if (from === to) return;
  from.top -= count;
  for (let i = 0; i < count; i++) {
    const { type, value } = from.stack[from.top + i] as Slot;
    push(to, type, value);
  }
};

/** The compiler keeps literals of 64 bits as floats, because the lexer knows two kinds of numbers only. */
function tagLargeLiterals({ k, p }: Prototype): void {
  for (const constant of k) {
    if (constant.type === FLOAT && typeof constant.value === "bigint") constant.type = BIG_INTEGER;
  }
  for (const inner of p) tagLargeLiterals(inner);
}

const compile = api.lua_load;
api.lua_load = (L: Thread, reader: unknown, data: unknown, chunk: Uint8Array, _mode: unknown) => {
  // Bytecode is trusted by the interpreter's loop and can be forged: text only, whatever the caller allows.
  const status: number = compile(L, reader, data, chunk, literal("t"));
  if (status === 0) tagLargeLiterals((L.stack[L.top - 1] as Slot).value.p);
  return status;
};
api.lua_dump = (L: Thread) => auxiliary().luaL_error(L, literal("unable to dump given function"));

/** Slots of a stack that nobody limits: a million would let runaway recursion take a second and 100 MB. */
const stackSlots = 200_000;
/** Fuel of a state that nobody counts. */
const unlimited = 0x3fffffff;

const newThread = states.lua_newthread;
states.lua_newthread = (L: Thread) => complete(newThread(L));

const newState = states.lua_newstate;
states.lua_newstate = () => {
  const L: Thread | null = newState();
  if (L !== null) {
    complete(L);
    Object.assign(L.l_G, {
      fuel: unlimited,
      onFuel: null,
      granted: unlimited,
      pending: 0,
      isKilled: false,
      stackSlots,
      onOverflow: null,
    });
  }
  return L;
};
