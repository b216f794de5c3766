// Resume, yield and recovery from errors. A yield returns a mark through the interpreter's loop rather than throwing,
// wherever no other JavaScript frame is in between.
import {
  calls,
  machine,
  raise,
  STRING,
  TValue,
  variables,
  type Call,
  type HostFunction,
  type Jump,
  type Slot,
  type Thread,
} from "./internals.seam.ts";
import {
  beginCall,
  finishCall,
  isLuaCall,
  isProtected,
  loop,
  restoreTop,
  wasAllowingHooks,
  yielded,
} from "./frames.seam.ts";
import { fromCharacters } from "./strings.seam.ts";

/** What a frame's context holds while its thread is stopped between two instructions. */
export const preempted = -77;

// How a protected run ends.
const ok = 0;
const suspended = 1;
const failed = 2;
const outOfMemory = 4;
const failedInHandler = 6;
/** A JavaScript error that nobody translated. */
const nativeError = -1;

const nestedResumes = 200;
const allResults = -1;

/** Ends a host function whose callee has come back. True when it yields again. */
export function finishHost(L: Thread, status: number): boolean {
  const { ci } = L;
  if ((ci.callstatus & isProtected) !== 0) {
    ci.callstatus &= ~isProtected;
    L.errfunc = ci.c_old_errfunc;
  }
  if (ci.nresults === allResults && ci.top < L.top) ci.top = L.top;
  if (ci.c_k === null) return raise(L, "a function without a continuation was interrupted");
  const count = ci.c_k(L, status, ci.c_ctx);
  if (count === yielded) return true;
  finishCall(L, ci, L.top - count, count);
  return false;
}

/** Runs all frames of a thread to their ends; `status` is that of an error that the topmost host function receives. */
function unroll(L: Thread, status: number | null): void {
  if (status !== null && finishHost(L, status)) return;
  while (L.ci !== L.base_ci) {
    if ((L.ci.callstatus & isLuaCall) === 0) {
      if (finishHost(L, suspended)) return;
    } else {
      finishInstruction(L, L.ci);
      loop.run(L);
      if (L.status === suspended) return;
    }
  }
}

const callOpcode = 36;

/** Ends the instruction in whose middle a Lua function was suspended: nearly always a call, whose results are in place. */
function finishInstruction(L: Thread, call: Call): void {
  const instruction = call.l_code[call.l_savedpc - 1];
  if (instruction?.opcode !== callOpcode) machine.luaV_finishOp(L);
  else if (instruction.C !== 0) restoreTop(L, call.top);
}

function begin(L: Thread, count: number): void {
  if (beginCall(L, L.top - count - 1, allResults) === 1) loop.run(L);
  if (L.status !== suspended && L.ci !== L.base_ci) unroll(L, null);
}

function goOn(L: Thread, count: number): void {
  const { ci } = L;
  L.status = ok;
  if ((ci.callstatus & isLuaCall) !== 0) {
    if (ci.c_ctx === preempted) ci.c_ctx = null;
    else restoreFunction(L, ci);
    loop.run(L);
  } else {
    restoreFunction(L, ci);
    let results = count;
    if (ci.c_k !== null) {
      results = ci.c_k(L, suspended, ci.c_ctx);
      if (results === yielded) return;
    }
    finishCall(L, ci, L.top - results, results);
  }
  if (L.status !== suspended) unroll(L, null);
}

function restoreFunction(L: Thread, call: Call): void {
  call.funcOff = call.extra;
  call.func = L.stack[call.funcOff] as Slot;
}

function resumeBody(L: Thread, count: number): void {
  if (L.status === ok) begin(L, count);
  else goOn(L, count);
}

/** Ends a thread with an error that no protected call catches. */
export function kill(L: Thread, { type, value }: Slot): never {
  L.l_G.isKilled = true;
  L.stack[L.top++] = new TValue(type, value);
  return calls.luaD_throw(L, failed) as never;
}

function protectedCall(L: Thread): Call | null {
  if (L.l_G.isKilled) return null;
  for (let call: Call | null = L.ci; call !== null; call = call.previous) {
    if ((call.callstatus & isProtected) !== 0) return call;
  }
  return null;
}

function putError(L: Thread, status: number, at: number): void {
  const raised = L.stack[L.top - 1] as Slot;
  let error = new TValue(raised.type, raised.value);
  if (status === outOfMemory) error = new TValue(STRING, fromCharacters("not enough memory"));
  if (status === failedInHandler) error = new TValue(STRING, fromCharacters("error in error handling"));
  L.stack[at] = error;
  L.top = at + 1;
}

function refuse(L: Thread, message: string, count: number): number {
  L.top -= count;
  L.stack[L.top++] = new TValue(STRING, fromCharacters(message));
  return failed;
}

/** Runs protected code; a yield that returned is told by the thread's own status. */
function protect(L: Thread, error: number | null, count: number): number {
  L.nny = 0;
  L.nexec = 0;
  const { nCcalls, errorJmp: previous } = L;
  const jump: Jump = { status: ok, previous };
  L.errorJmp = jump;
  try {
    if (error === null) resumeBody(L, count);
    else unroll(L, error);
  } catch (thrown) {
    // Not thrown by the interpreter: its own way of running protected code translates it.
    if (jump.status === ok) jump.status = calls.luaD_rawrunprotected(L, rethrow, thrown);
  }
  L.errorJmp = previous;
  L.nCcalls = nCcalls;
  if (jump.status === ok) return L.status === suspended ? suspended : ok;
  return jump.status === nativeError ? failed : jump.status;
}

function rethrow(_L: Thread, thrown: unknown): never {
  throw thrown;
}

function resume(L: Thread, from: Thread | null, count: number): number {
  if (L.status === ok && L.ci !== L.base_ci) return refuse(L, "cannot resume non-suspended coroutine", count);
  if (L.status > suspended) return refuse(L, "cannot resume dead coroutine", count);
  const nny = L.nny;
  L.nCcalls = from === null ? 1 : from.nCcalls + 1;
  if (L.nCcalls >= nestedResumes) return refuse(L, "stack overflow", count);
  let status = protect(L, null, count);
  while (status > suspended) {
    const call = protectedCall(L);
    if (call === null) break;
    const at = call.extra;
    variables.luaF_close(L, at);
    putError(L, status, at);
    L.ci = call;
    L.allowhook = call.callstatus & wasAllowingHooks;
    L.errfunc = call.c_old_errfunc;
    status = protect(L, status, 0);
  }
  if (status > suspended) {
    L.status = status;
    putError(L, status, L.top);
    L.ci.top = L.top;
  }
  L.nny = nny;
  L.nCcalls--;
  return status;
}

function yieldWith(L: Thread, count: number, context: unknown, next?: HostFunction | null): number {
  const { ci } = L;
  if (L.nny > 0) {
    raise(
      L,
      L === L.l_G.mainthread
        ? "attempt to yield from outside a coroutine"
        : "attempt to yield across a JS-call boundary",
    );
  }
  L.status = suspended;
  ci.extra = ci.funcOff;
  if ((ci.callstatus & isLuaCall) !== 0) return 0; // From a hook: the loop stops by itself.
  ci.c_k = next ?? null;
  ci.c_ctx = context;
  ci.funcOff = L.top - count - 1;
  ci.func = L.stack[ci.funcOff] as Slot;
  // Below is the interpreter's loop or the resume itself: both know the mark.
  if (L.nexec <= 1) return yielded;
  return calls.luaD_throw(L, suspended);
}

calls.lua_resume = resume;
calls.lua_yieldk = yieldWith;
calls.lua_yield = (L: Thread, count: number) => yieldWith(L, count, 0, null);
