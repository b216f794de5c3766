import type { Request } from "./fiber.ts";
import { status, tag, type Lua, type LuaState, type LuaValue, type NativeFunction } from "../state/lua.ts";

/**
 * `coroutine.create`, `resume`, `wrap`, `status` and `close` that let a wait pass through: when the code inside a
 * user's coroutine waits for the host, every coroutine around it is suspended with it, up to the fiber.
 */
export function coroutineFunctions(lua: Lua): Readonly<Record<string, NativeFunction>> {
  const coroutines = new Coroutines(lua);
  return {
    create: (L) => coroutines.create(L),
    resume: (L) => coroutines.resume(L),
    wrap: (L) => coroutines.wrap(L),
    status: (L) => coroutines.status(L),
    close: (L) => coroutines.close(L),
  };
}

/** Stands for the wait of a coroutine whose slice was over. */
const turnOver: Request = {
  external: true,
  start(done) {
    const turn = setImmediate(() => done(() => 0));
    return { [Symbol.dispose]: () => clearImmediate(turn) };
  },
};

/** What came of running a coroutine: how many results it left on the resumer's stack, an error, or a wait. */
type Ran = number | "error" | "waits";

class Coroutines {
  readonly #lua: Lua;

  constructor(lua: Lua) {
    this.#lua = lua;
  }

  create(L: LuaState): number {
    this.#lua.push(L, this.#make(L));
    return 1;
  }

  resume(L: LuaState): number {
    const lua = this.#lua;
    const thread = lua.thread(lua.at(L, 1));
    if (thread === undefined) return this.#raise(L, "bad argument #1 to 'resume' (coroutine expected)");
    const count = lua.top(L) - 1;
    const refused = this.#refusal(thread, count);
    if (refused !== undefined) {
      lua.push(L, lua.newText(refused));
      return this.#resumed(L, "error");
    }
    lua.move(L, thread, count);
    return this.#afterResume(L, thread, this.#run(L, thread, count));
  }

  wrap(L: LuaState): number {
    const made = this.#make(L);
    this.#lua.push(
      L,
      this.#lua.newFunction((caller) => this.#callWrapped(caller), [made]),
    );
    return 1;
  }

  status(L: LuaState): number {
    const lua = this.#lua;
    const thread = lua.thread(lua.at(L, 1));
    if (thread === undefined) return this.#raise(L, "bad argument #1 to 'status' (coroutine expected)");
    lua.push(L, lua.newText(this.#statusOf(L, thread)));
    return 1;
  }

  /** As in Lua 5.4: true, or false and the error that the coroutine died of. */
  close(L: LuaState): number {
    const lua = this.#lua;
    const thread = lua.thread(lua.at(L, 1));
    if (thread === undefined) return this.#raise(L, "bad argument #1 to 'close' (coroutine expected)");
    const state = thread.fiber === undefined ? this.#statusOf(L, thread) : "running";
    if (state === "running" || state === "normal") return this.#raise(L, `cannot close a ${state} coroutine`);
    const standing = lua.statusOf(thread);
    const error = standing === status.ok || standing === status.yielded ? undefined : lua.copyAt(thread, -1);
    lua.closeThread(thread);
    lua.push(L, lua.newBoolean(error === undefined));
    if (error === undefined) return 1;
    lua.push(L, error);
    return 2;
  }

  #make(L: LuaState): LuaValue {
    const lua = this.#lua;
    const body = lua.at(L, 1);
    if (![tag.luaFunction, tag.hostFunction, tag.hostClosure].some((type) => type === body.type)) {
      return this.#raise(L, "bad argument #1 to 'create' (function expected)");
    }
    if (!lua.addThread(L.task?.account)) return this.#raise(L, "too many coroutines");
    const thread = lua.newThread();
    thread.task = L.task;
    lua.push(thread, body);
    return lua.newThreadValue(thread);
  }

  #callWrapped(L: LuaState): number {
    const lua = this.#lua;
    const thread = lua.thread(lua.upvalue(L, 1));
    if (thread === undefined) return 0;
    const count = lua.top(L);
    const refused = this.#refusal(thread, count);
    if (refused !== undefined) return this.#raise(L, refused);
    lua.move(L, thread, count);
    return this.#afterWrapped(L, thread, this.#run(L, thread, count));
  }

  #afterResume(L: LuaState, thread: LuaState, ran: Ran): number {
    if (ran !== "waits") return this.#resumed(L, ran);
    return this.#pass(L, thread, (again) => this.#afterResume(L, thread, again));
  }

  #afterWrapped(L: LuaState, thread: LuaState, ran: Ran): number {
    if (ran === "waits") return this.#pass(L, thread, (again) => this.#afterWrapped(L, thread, again));
    if (ran !== "error") return ran;
    const lua = this.#lua;
    const error = lua.copyAt(L, -1);
    L.died = { thread, error };
    return lua.raise(L);
  }

  /** Hands the wait of the coroutine on to the thread around it, and comes back when it is over. */
  #pass(L: LuaState, thread: LuaState, after: (ran: Ran) => number): number {
    L.request = thread.request ?? turnOver;
    thread.request = undefined;
    return this.#lua.yieldWith(L, () => {
      thread.answer = L.answer;
      L.answer = undefined;
      return after(this.#run(L, thread, 0));
    });
  }

  #resumed(L: LuaState, ran: number | "error"): number {
    const lua = this.#lua;
    lua.push(L, lua.newBoolean(ran !== "error"));
    const count = ran === "error" ? 1 : ran;
    lua.insert(L, -(count + 1));
    return count + 1;
  }

  #refusal(thread: LuaState, count: number): string | undefined {
    const lua = this.#lua;
    if (thread.resumer !== undefined || thread.fiber !== undefined) return "cannot resume non-suspended coroutine";
    if (!lua.reserve(thread, count + 1)) return "too many arguments to resume";
    const state = lua.statusOf(thread);
    if (state === status.ok && lua.hasFrames(thread)) return "cannot resume non-suspended coroutine";
    const isDead = state === status.ok ? lua.top(thread) === 0 : state !== status.yielded;
    return isDead ? "cannot resume dead coroutine" : undefined;
  }

  /** Runs a coroutine until it yields, ends or waits; its results or its error are then on top of `L`. */
  #run(L: LuaState, thread: LuaState, count: number): Ran {
    const lua = this.#lua;
    thread.resumer = L;
    const state = lua.resume(thread, L, count);
    if (state === status.yielded && (thread.request !== undefined || thread.isPreempted === true)) return "waits";
    thread.resumer = undefined;
    if (state !== status.ok && state !== status.yielded) {
      lua.reserve(thread, 1);
      lua.push(L, lua.copyAt(thread, -1));
      if (lua.isKilled()) return lua.raise(L);
      return "error";
    }
    const results = lua.top(thread);
    if (!lua.reserve(L, results + 1)) {
      lua.setTop(thread, 0);
      lua.push(L, lua.newText("too many results to resume"));
      return "error";
    }
    lua.move(thread, L, results);
    return results;
  }

  #statusOf(L: LuaState, thread: LuaState): string {
    if (thread === L) return "running";
    if (thread.resumer !== undefined) return "normal";
    const lua = this.#lua;
    const state = lua.statusOf(thread);
    if (state === status.yielded) return "suspended";
    if (state !== status.ok) return "dead";
    if (lua.hasFrames(thread)) return "normal";
    return lua.top(thread) === 0 ? "dead" : "suspended";
  }

  #raise(L: LuaState, message: string): never {
    const lua = this.#lua;
    lua.push(L, lua.newText(`${lua.where(L, 1)}${message}`));
    return lua.raise(L);
  }
}
