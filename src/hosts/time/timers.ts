import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import { Channel } from "../../engine/lua/tasks/channel.ts";
import type { Task } from "../../engine/lua/tasks/task.ts";
import { LuaReference } from "../../engine/lua/values/reference.ts";
import { durationArgument } from "./arguments.ts";
import { Moment } from "./moment.ts";

type Call = LuaCall<unknown>;

/** The longest wait that setTimeout knows. */
const maxTimeoutMs = 2 ** 31 - 1;

/** Runs `fire` after a time of any length. */
export function wakeAfter(ms: number, fire: () => void): Disposable {
  const until = performance.now() + ms;
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const left = until - performance.now();
    timer = setTimeout(left > maxTimeoutMs ? arm : fire, Math.min(Math.max(0, left), maxTimeoutMs));
  };
  arm();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** A timer or ticker of a task: delivers the time on its channel once, or again and again. */
export class Timer {
  readonly channel = new Channel(1);
  readonly #task: Task;
  readonly #deliver: () => void;
  readonly #everyMs: number | undefined;
  #wait: Disposable | undefined;

  /** `isOnce`: it fires once and cannot be set again, so that its channel is over then. */
  constructor(call: Call, { everyMs, isOnce = false }: { everyMs?: number; isOnce?: boolean } = {}) {
    const { values } = call.runtime;
    this.#task = call.task;
    this.#everyMs = everyMs;
    // A tick that nobody fetched is replaced by none: a slow reader sees fewer ticks, not old ones.
    this.#deliver = () => {
      this.channel.send(new LuaReference(values.toLua(Moment.now())));
      if (isOnce) this.channel.finish();
    };
  }

  start(ms: number): this {
    const source = this.#task.holdSource();
    const due = performance.now() + ms;
    const timer = wakeAfter(ms, () => {
      this.stop();
      this.#deliver();
      if (this.#everyMs !== undefined) this.start(untilNext(due, this.#everyMs));
    });
    const wait = {
      [Symbol.dispose]: () => {
        timer[Symbol.dispose]();
        source[Symbol.dispose]();
      },
    };
    this.#wait = wait;
    this.#task.own(wait);
    return this;
  }

  /** True when it stopped one that still ran. */
  stop(): boolean {
    const wait = this.#wait;
    if (wait === undefined) return false;
    this.#wait = undefined;
    wait[Symbol.dispose]();
    this.#task.disown(wait);
    return true;
  }
}

/** How long until a ticker's next tick: ticks keep their distance however late one was; those that were missed are left out. */
function untilNext(due: number, everyMs: number): number {
  const late = performance.now() - due;
  return everyMs - (Math.max(0, late) % everyMs);
}

const self = (call: Call) => call.object(1, Timer);

/** Timers and tickers as Lua sees them. */
export const timerClass: LuaClass<unknown> = {
  type: Timer,
  methods: {
    response: (call) => self(call).channel,
    channel: (call) => self(call).channel,
    stop: (call) => self(call).stop(),
    reset: (call) => {
      const wasRunning = self(call).stop();
      self(call).start(durationArgument(call, 2, { positive: true }) / 1e6);
      return wasRunning;
    },
  },
};
