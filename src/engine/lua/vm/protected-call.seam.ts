// pcall without a JavaScript frame of its own: yields below it stay cheap, and it nests without end.
import {
  api,
  auxiliary,
  BOOLEAN,
  overflow,
  type HostFunction,
  type Slot,
  type Thread,
  TValue,
} from "./internals.seam.ts";
import { beginCall, finishCall, isProtected, nextCall, reserve, wasAllowingHooks, yielded } from "./frames.seam.ts";
import { literal } from "./strings.seam.ts";

const suspended = 1;
const noValue = -1;
const hostSlots = 21;

function finishProtected(L: Thread, status: number, extra: number): number {
  if (status === 0 || status === suspended) return api.lua_gettop(L) - extra;
  api.lua_pushboolean(L, 0);
  api.lua_pushvalue(L, -2);
  return 2;
}

/** `pcall` as called from anywhere but the interpreter's loop. */
export const protectedCall: HostFunction = (L) => {
  if (api.lua_type(L, 1) === noValue) auxiliary().luaL_argerror(L, 1, literal("value expected"));
  api.lua_pushboolean(L, 1);
  api.lua_insert(L, 1);
  const status: number = api.lua_pcallk(L, api.lua_gettop(L) - 2, -1, 0, 0, finishProtected);
  return finishProtected(L, status, 0);
};

/** Nested any deeper, calls that hand on the results of others would take quadratic time. PUC Lua stops at 200. */
const deepest = 2_000;

function finishNested(L: Thread, status: number, extra: number): number {
  L.nested--;
  return finishProtected(L, status, extra);
}

/** `pcall` inside the loop; its function stands at `at`. Answers as `beginCall` does. */
export function beginProtected(L: Thread, at: number, func: Slot, results: number): number {
  reserve(L, hostSlots);
  if (L.nested >= deepest) overflow(L);
  L.nested++;
  const { stack } = L;
  // The results begin with true: it goes before the function that is called.
  const last = stack[L.top - 1] as Slot;
  stack[L.top] = new TValue(last.type, last.value);
  for (let i = L.top - 1; i > at + 1; i--) {
    const into = stack[i] as Slot;
    const from = stack[i - 1] as Slot;
    into.type = from.type;
    into.value = from.value;
  }
  L.top++;
  const answer = stack[at + 1] as Slot;
  answer.type = BOOLEAN;
  answer.value = true;

  const call = nextCall(L);
  call.funcOff = at;
  call.nresults = results;
  call.func = func;
  call.top = L.top + hostSlots - 1;
  call.c_k = finishNested;
  call.c_ctx = 0;
  call.extra = at + 2;
  call.c_old_errfunc = L.errfunc;
  call.callstatus = isProtected | (L.allowhook === 0 ? 0 : wasAllowingHooks);
  L.errfunc = 0;
  L.ci = call;
  const state = beginCall(L, at + 2, -1);
  if (state === 1 || state === yielded) return state;
  L.nested--;
  call.callstatus &= ~isProtected;
  L.errfunc = call.c_old_errfunc;
  finishCall(L, call, at + 1, L.top - (at + 1));
  return 0;
}
