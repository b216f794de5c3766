// Calls: frames are reused rather than made and dropped, and slots of the stack are written in place.
import {
  anyFunction,
  CallInfo,
  calls,
  debug,
  event,
  HOST_CLOSURE,
  HOST_FUNCTION,
  LUA_FUNCTION,
  metamethods,
  NIL,
  overflow,
  TValue,
  variantMask,
  type Call,
  type HostFunction,
  type Prototype,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import { charge, sizes } from "./meter.seam.ts";
import { literal } from "./strings.seam.ts";

// Bits of a call's status.
/** Hooks were allowed when the call began. */
export const wasAllowingHooks = 1;
/** The call is of a Lua function. */
export const isLuaCall = 2;
/** A protected call that has no JavaScript frame of its own. */
export const isProtected = 16;
/** The frame was taken over by a tail call. */
export const isTailCall = 32;

/** What a host function that yields returns: its callers hand it on down to the resume. */
export const yielded = -7;
/** Slots that a host function may push without asking. */
const hostSlots = 20;
const allResults = -1;
/** More results than these are paid for. */
const manyResults = 64;

const callHook = 1;
const returnHook = 2;
const lineHook = 4;
const tailCallOpcode = 37;

/** The interpreter's loop; set by its own file, which needs this one. */
export const loop: { run: (L: Thread) => void } = { run: () => undefined };

function nilAt(stack: Slot[], index: number): void {
  const slot = stack[index];
  if (slot === undefined) {
    stack[index] = new TValue(NIL, null);
    return;
  }
  slot.type = NIL;
  slot.value = null;
}

/** Moves the top up, filling with nil. */
function adjustTop(L: Thread, top: number): void {
  for (let i = L.top; i < top; i++) nilAt(L.stack, i);
  L.top = top;
}

/** Moves the top without touching registers that hold something. */
export function restoreTop(L: Thread, top: number): void {
  const { stack } = L;
  for (let i = L.top; i < top; i++) if (stack[i] === undefined) stack[i] = new TValue(NIL, null);
  L.top = top;
}

/** Makes room for more slots; raises when the stack is at its limit. */
export function reserve(L: Thread, slots: number): void {
  if (L.stack_last - L.top <= slots) calls.luaD_growstack(L, slots);
}

/** The frame for the next call: the one that was there last time, or a new one. */
export function nextCall(L: Thread): Call {
  const previous = L.ci;
  const { next } = previous;
  if (next !== null) return next;
  const made = new CallInfo();
  made.extra = 0;
  made.previous = previous;
  previous.next = made;
  return made;
}

/** Calls a host function; answers `yielded` or 0. */
export function callHost(L: Thread, host: HostFunction, at: number, results: number): number {
  reserve(L, hostSlots);
  const call = nextCall(L);
  call.funcOff = at;
  call.nresults = results;
  call.func = L.stack[at] as Slot;
  call.top = L.top + hostSlots;
  // Stock lua_pcallk only ever clears the bit: without it hooks would stay off after the first caught error.
  call.callstatus = L.allowhook === 0 ? 0 : wasAllowingHooks;
  call.c_k = null;
  L.ci = call;
  if ((L.hookmask & callHook) !== 0) calls.luaD_hook(L, 0, -1);
  const count = host(L);
  if (count === yielded) return yielded;
  if (typeof count !== "number" || count < 0 || (count | 0) !== count) {
    throw new Error("a host function must return how many results it pushed");
  }
  finishCall(L, call, L.top - count, count);
  return 0;
}

/** Ends a call: moves its results to where its function was. True when their number was fixed by the caller. */
export function finishCall(L: Thread, call: Call, first: number, count: number): boolean {
  if ((L.hookmask & (returnHook | lineHook)) !== 0) reportReturn(L, call);
  const { stack } = L;
  const at = call.funcOff;
  const wanted = call.nresults;
  L.ci = call.previous;
  if (wanted === 1) {
    const into = stack[at] as Slot;
    if (count === 0) {
      into.type = NIL;
      into.value = null;
    } else {
      const from = stack[first] as Slot;
      into.type = from.type;
      into.value = from.value;
    }
    L.top = at + 1;
    return true;
  }
  if (wanted === 0) {
    L.top = at;
    return true;
  }
  const moved = wanted === allResults || count < wanted ? count : wanted;
  for (let i = 0; i < moved; i++) {
    const into = stack[at + i] as Slot;
    const from = stack[first + i] as Slot;
    into.type = from.type;
    into.value = from.value;
  }
  if (wanted === allResults) {
    if (count > manyResults) L.l_G.fuel -= count >> 2;
    L.top = at + count;
    return false;
  }
  for (let i = moved; i < wanted; i++) nilAt(stack, at + i);
  L.top = at + wanted;
  return true;
}

function reportReturn(L: Thread, call: Call): void {
  if ((L.hookmask & returnHook) !== 0) calls.luaD_hook(L, 1, -1);
  L.oldpc = call.previous.l_savedpc;
}

/** Moves the fixed parameters above the extra arguments; answers where the registers begin. */
function moveParameters(L: Thread, { numparams }: Prototype, given: number): number {
  const { stack, top: base } = L;
  const first = base - given;
  for (let i = 0; i < numparams; i++) {
    nilAt(stack, L.top);
    if (i < given) {
      const into = stack[L.top] as Slot;
      const from = stack[first + i] as Slot;
      into.type = from.type;
      into.value = from.value;
      from.type = NIL;
      from.value = null;
    }
    L.top++;
  }
  return base;
}

/** Pushes the frame of a Lua function. */
export function enterLua(L: Thread, at: number, func: Slot, results: number): Call {
  const { stack } = L;
  const prototype: Prototype = func.value.p;
  const size = prototype.maxstacksize;
  let given = L.top - at - 1;
  reserve(L, size);
  let base = at + 1;
  if (prototype.is_vararg) base = moveParameters(L, prototype, given);
  else for (; given < prototype.numparams; given++) nilAt(stack, L.top++);
  const call = nextCall(L);
  call.funcOff = at;
  call.nresults = results;
  call.func = func;
  call.l_base = base;
  const top = base + size;
  call.top = top;
  for (let i = L.top; i < top; i++) if (stack[i] === undefined) stack[i] = new TValue(NIL, null);
  L.top = top;
  call.l_code = prototype.code;
  call.l_savedpc = 0;
  call.callstatus = isLuaCall;
  L.ci = call;
  if ((L.hookmask & callHook) !== 0) reportCall(L, call);
  return call;
}

function reportCall(L: Thread, call: Call): void {
  const { previous } = call;
  const isTail =
    (previous.callstatus & isLuaCall) !== 0 && previous.l_code[previous.l_savedpc - 1]?.opcode === tailCallOpcode;
  if (isTail) call.callstatus |= isTailCall;
  call.l_savedpc++;
  calls.luaD_hook(L, isTail ? 4 : 0, -1);
  call.l_savedpc--;
}

/** Puts the `__call` of a value in front of it. */
function insertCallMetamethod(L: Thread, at: number, func: Slot): void {
  const method: Slot = metamethods.luaT_gettmbyobj(L, func, event["TM_CALL"]);
  if ((method.type & variantMask) !== anyFunction) debug.luaG_typeerror(L, func, literal("call"));
  reserve(L, 1);
  const { stack } = L;
  const last = stack[L.top - 1] as Slot;
  stack[L.top++] = new TValue(last.type, last.value);
  for (let i = L.top - 2; i > at; i--) {
    const into = stack[i] as Slot;
    const from = stack[i - 1] as Slot;
    into.type = from.type;
    into.value = from.value;
  }
  const into = stack[at] as Slot;
  into.type = method.type;
  into.value = method.value;
}

/** Begins a call: 0 when a host function has finished, 1 when a Lua frame waits to be run, or `yielded`. */
export function beginCall(L: Thread, at: number, results: number): number {
  for (;;) {
    const func = L.stack[at] as Slot;
    switch (func.type) {
      case LUA_FUNCTION:
        enterLua(L, at, func, results);
        return 1;
      case HOST_FUNCTION:
        return callHost(L, func.value, at, results);
      case HOST_CLOSURE:
        return callHost(L, func.value.f, at, results);
      default:
        insertCallMetamethod(L, at, func);
    }
  }
}

/** Nested calls through JavaScript, whose own stack ends not far above. */
const nestedCalls = 200;
/** Room for the handling of that error. */
const nestedCallsInErrors = 225;
const errorInErrorHandling = 6;

/** Slots that stay free above the top, and those for handling the error that a stack is full. */
const spareSlots = 5;
const errorSlots = 200;

function resize(L: Thread, size: number): void {
  if (size > L.stack.length) charge((size - L.stack.length) * sizes.item);
  L.stack.length = size;
  L.stack_last = size - spareSlots;
}

calls.luaD_growstack = (L: Thread, slots: number) => {
  const most = L.l_G.stackSlots;
  const { length } = L.stack;
  // The handler of that error fills it a second time.
  if (length > most) calls.luaD_throw(L, errorInErrorHandling);
  const needed = L.top + slots + spareSlots;
  if (needed <= most) return resize(L, Math.max(needed, Math.min(2 * length, most)));
  resize(L, most + errorSlots);
  overflow(L);
};

/** Calls with a JavaScript frame in between: a yield must unwind that by throwing. */
export function call(L: Thread, at: number, results: number): void {
  if (++L.nCcalls >= nestedCalls) {
    if (L.nCcalls === nestedCalls) overflow(L);
    else if (L.nCcalls >= nestedCallsInErrors) calls.luaD_throw(L, errorInErrorHandling);
  }
  L.nexec++;
  const state = beginCall(L, at, results);
  if (state === 1) loop.run(L);
  else if (state === yielded) calls.luaD_throw(L, 1);
  L.nexec--;
  L.nCcalls--;
}

calls.adjust_top = adjustTop;
calls.luaD_precall = (L: Thread, at: number, results: number) => beginCall(L, at, results) !== 1;
calls.luaD_poscall = finishCall;
calls.luaD_call = call;
calls.luaD_callnoyield = (L: Thread, at: number, results: number) => {
  L.nny++;
  call(L, at, results);
  L.nny--;
};

const protectedRun = calls.luaD_pcall;
calls.luaD_pcall = (L: Thread, body: unknown, argument: unknown, top: number, handler: number): number => {
  const { nexec } = L;
  const status: number = protectedRun(L, body, argument, top, handler);
  L.nexec = nexec;
  // What ends a task passes every protected call.
  if (status !== 0 && L.l_G.isKilled) calls.luaD_throw(L, status);
  return status;
};
