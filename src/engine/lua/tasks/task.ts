import { WeftError } from "../../../core/errors.ts";
import type { Value } from "../../../core/values.ts";
import type { LuaProgram } from "../program.ts";
import { Account, type AccountLimits, type LuaUsage } from "../state/account.ts";
import { status, type Lua, type LuaState, type LuaTable, type LuaValue } from "../state/lua.ts";
import { Fiber } from "./fiber.ts";
import { PassingSet } from "../../../core/passing.ts";

/** How a task ended. */
export type Outcome = { readonly value: Value } | { readonly error: WeftError };

/** What tasks need of their engine. */
export interface TaskHome {
  readonly lua: Lua;
  /** Has the task pumped soon, after those that came before. */
  schedule(task: Task): void;
  /** Runs something when the event loop has come round. */
  nextTurn(run: () => void): void;
  /** Turns the error on top of a dead thread into a failure with its stack. */
  explain(L: LuaState): WeftError;
  /** What to say when all fibers of a program wait for each other. */
  deadlock(program: LuaProgram): WeftError;
}

/** What is special to one task. */
export interface TaskParts {
  readonly program: LuaProgram;
  /** What the task may use. */
  readonly limits: AccountLimits;
  /** Why the task must stop now, or undefined: its call was cancelled or its time is up. */
  readonly stopped: () => WeftError | undefined;
}

/** One run of a program: its fibers, the libraries it loaded, and how it ended. */
export class Task {
  readonly program: LuaProgram;
  // Many tasks wait at once: what most of them do without is made when it is needed.
  #globals: LuaTable | undefined;
  #libraryGlobals: Map<string, LuaTable> | undefined;
  #libraries: Map<string, LuaValue | undefined> | undefined;
  #resource: Disposable | undefined;
  #otherResources: Set<Disposable> | undefined;
  /** What it may use and has used. */
  readonly account: Account;
  /** Hears of each call into a host; may throw. */
  onHostCall: (() => void) | undefined;
  readonly #home: TaskHome;
  readonly #stopped: () => WeftError | undefined;
  readonly #fibers = new PassingSet<Fiber>();
  #ready: Fiber[] = [];
  #sources = 0;
  #pumping = false;
  #outcome: Outcome | undefined;
  #settled: ((outcome: Outcome) => void) | undefined;

  constructor(home: TaskHome, { program, limits, stopped }: TaskParts) {
    this.program = program;
    this.#home = home;
    this.#stopped = stopped;
    this.account = new Account(limits, () => ({
      threads: this.#threads(),
      values: this.#roots(),
    }));
  }

  /** The globals of a program in this task, made by `make` when they are first asked for. */
  globalsOf(name: string, make: () => LuaTable): LuaTable {
    if (name === this.program.name) return (this.#globals ??= make());
    return (this.#libraryGlobals ??= new Map()).getOrInsertComputed(name, make);
  }

  /** What the task's libraries returned, by entry id; undefined for one that is being loaded. */
  get libraries(): Map<string, LuaValue | undefined> {
    return (this.#libraries ??= new Map());
  }

  /** What the task used; exact once it has ended. */
  usage(): LuaUsage {
    return this.account.usage();
  }

  /** How it ended, or undefined while it runs. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Adds a thread whose function and `count` arguments lie on its stack. `ended` hears of a good end. */
  spawn(thread: LuaState, count: number, ended?: (fiber: Fiber) => void): Fiber {
    const fiber = new Fiber(this, thread, {
      count,
      ended: (state) => {
        if (state !== status.ok) return this.fail(this.#home.explain(thread));
        if (ended === undefined) this.#fibers.delete(fiber);
        else ended(fiber);
      },
    });
    this.#fibers.add(fiber);
    this.#ready.push(fiber);
    // The first is pumped by whoever made the task.
    if (!this.#pumping && this.#fibers.size > 1) this.#home.schedule(this);
    return fiber;
  }

  /** Puts a fiber that can go on at the end of the queue. */
  wake(fiber: Fiber): void {
    if (this.#outcome !== undefined) return;
    this.#ready.push(fiber);
    if (!this.#pumping) this.#home.schedule(this);
  }

  /** Puts a fiber that used up its slice back into the queue when everybody else had a turn. */
  wakeLater(fiber: Fiber): void {
    this.#home.nextTurn(() => this.wake(fiber));
  }

  /** Why the task must not go on, or undefined. */
  get stopReason(): WeftError | undefined {
    if (this.#outcome !== undefined) return "error" in this.#outcome ? this.#outcome.error : undefined;
    return this.#exceeded() ?? this.#stopped();
  }

  /** What the engine holds for the task. */
  #roots(): LuaValue[] {
    const globals = this.#globals === undefined ? [] : [this.#globals];
    const returned = this.#libraries?.values().filter((value) => value !== undefined) ?? [];
    return [...globals, ...(this.#libraryGlobals?.values() ?? []), ...returned];
  }

  #exceeded(): WeftError | undefined {
    const { exceeded, memoryBytes, fuelLimit } = this.account;
    if (exceeded === undefined) return undefined;
    const { name } = this.program;
    const message =
      exceeded === "FUEL_EXHAUSTED"
        ? `${name} ran more than ${fuelLimit} loops and calls`
        : `${name} holds more than ${Math.round(memoryBytes)} bytes`;
    return new WeftError(exceeded, message);
  }

  #threads(): LuaState[] {
    return Array.from(this.#fibers, ({ thread }) => thread);
  }

  /** Runs fibers until none can go on. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#outcome === undefined && this.#ready.length > 0) {
        const batch = this.#ready;
        this.#ready = [];
        for (const fiber of batch) if (this.#mayGoOn()) fiber.run(this.#home.lua);
      }
    } finally {
      this.#pumping = false;
    }
    if (this.#outcome === undefined && this.#isDeadlocked()) this.fail(this.#home.deadlock(this.program));
  }

  /** Announces that something outside may yet wake a waiting fiber: a timer, a call under way. Dispose when it will not. */
  holdSource(): Disposable {
    let held = true;
    this.#sources += 1;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#sources -= 1;
        if (this.#outcome === undefined && !this.#pumping) this.#home.schedule(this);
      },
    };
  }

  /** Has something disposed when the task ends. */
  own(resource: Disposable): void {
    if (this.#outcome !== undefined) resource[Symbol.dispose]();
    else if (this.#resource === undefined) this.#resource = resource;
    else (this.#otherResources ??= new Set()).add(resource);
  }

  /** Lets go of what `own` was given: it is over. */
  disown(resource: Disposable): void {
    if (this.#resource === resource) this.#resource = undefined;
    else this.#otherResources?.delete(resource);
  }

  finish(value: Value): void {
    this.#end({ value });
  }

  /** Ends the task from inside or outside: nothing of it runs again. */
  fail(error: WeftError): void {
    this.#end({ error });
  }

  /** Hears the outcome of a task that did not end at once. */
  onEnd(settled: (outcome: Outcome) => void): void {
    if (this.#outcome === undefined) this.#settled = settled;
    else settled(this.#outcome);
  }

  #mayGoOn(): boolean {
    if (this.#outcome !== undefined) return false;
    const stopped = this.#exceeded() ?? this.#stopped();
    if (stopped !== undefined) this.fail(stopped);
    return stopped === undefined;
  }

  #isDeadlocked(): boolean {
    if (this.#sources > 0 || this.#ready.length > 0) return false;
    for (const fiber of this.#fibers) if (fiber.waitsFor?.external !== false) return false;
    return this.#fibers.size > 0;
  }

  #end(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    for (const fiber of this.#fibers) fiber.drop();
    this.#fibers.clear();
    this.#ready = [];
    this.#resource?.[Symbol.dispose]();
    for (const resource of this.#otherResources ?? []) resource[Symbol.dispose]();
    this.#resource = undefined;
    this.#otherResources = undefined;
    this.#globals = undefined;
    this.#libraryGlobals?.clear();
    this.#libraries?.clear();
    this.#settled?.(outcome);
  }
}
