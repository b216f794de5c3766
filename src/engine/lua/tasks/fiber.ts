import { status, type Lua, type LuaState } from "../state/lua.ts";
import type { Task } from "./task.ts";

/** Pushes what a fiber waited for onto its thread, or raises; returns how many values it pushed. */
export type Answer = (L: LuaState) => number;

/** Something a fiber waits for. */
export interface Request {
  /** Begins the wait; `done` is heard once. Dispose what is returned to give the wait up. */
  start(done: (answer: Answer) => void): Disposable | undefined;
  /** True when the wait ends by itself, without another fiber of the task. */
  readonly external: boolean;
}

/** What a fiber waits for whose slice is over: for the event loop to come round. */
const nextTurn: Request = { start: () => undefined, external: true };

/** A thread that the scheduler runs: a task's main function, or one of its `coroutine.spawn`. */
export class Fiber {
  readonly task: Task;
  readonly thread: LuaState;
  /** What it waits for, or undefined while it runs or is ready to. */
  waitsFor: Request | undefined;
  #wait: Disposable | undefined;
  /** Arguments that lie on the stack for the next resume. */
  #count: number;
  readonly #ended: (status: number) => void;

  constructor(task: Task, thread: LuaState, { count, ended }: { count: number; ended: (status: number) => void }) {
    this.task = task;
    this.thread = thread;
    this.#count = count;
    this.#ended = ended;
    thread.task = task;
    thread.fiber = this;
  }

  /** Runs until the thread waits or ends. */
  run(lua: Lua): void {
    if (!lua.settle(this.task.account)) return this.#pause();
    for (;;) {
      const count = this.#count;
      this.#count = 0;
      this.waitsFor = undefined;
      const payer = lua.bill(this.task.account);
      const state = lua.resume(this.thread, undefined, count);
      lua.bill(payer);
      if (state !== status.yielded) return this.#ended(state);
      if (this.thread.isPreempted === true) return this.#pause();
      const { request } = this.thread;
      this.thread.request = undefined;
      if (request === undefined) {
        // A bare coroutine.yield(): to the back of the queue.
        return this.task.wake(this);
      }
      if (!this.#await(request)) return;
    }
  }

  #pause(): void {
    this.waitsFor = nextTurn;
    this.task.wakeLater(this);
  }

  /** Resumes a thread that has ended with a function and its arguments, which lie on its stack. */
  restart(count: number): void {
    this.#count = count;
  }

  /** Gives up whatever it waits for. */
  drop(): void {
    this.#wait?.[Symbol.dispose]();
    this.#wait = undefined;
    this.waitsFor = undefined;
  }

  /** Begins a wait; true when it was over at once. */
  #await(request: Request): boolean {
    let starting = true;
    let answered = false;
    const done = (answer: Answer): void => {
      if (answered) return;
      answered = true;
      this.thread.answer = answer;
      if (starting) return;
      this.#wait = undefined;
      this.waitsFor = undefined;
      this.task.wake(this);
    };
    let wait: Disposable | undefined;
    try {
      wait = request.start(done);
    } catch (error) {
      // Raised where the wait was asked for.
      done(() => {
        throw error;
      });
    }
    starting = false;
    if (answered) return true;
    this.#wait = wait;
    this.waitsFor = request;
    return false;
  }
}

/** Suspends the running thread: `return block(lua, L, request)` in a host function. Check `lua.canYield` first. */
export function block(lua: Lua, L: LuaState, request: Request): number {
  L.request = request;
  return lua.yieldWith(L, giveAnswer);
}

/** Goes on in a thread that waited. */
export function giveAnswer(L: LuaState): number {
  const { answer } = L;
  L.answer = undefined;
  return answer === undefined ? 0 : answer(L);
}
