import type { Cancellation } from "../../core/cancellation.ts";
import { monotonicMs } from "../../core/clock.ts";
import { toWeftError, WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import { baseGlobals } from "./environment/base.ts";
import { LuaRaise } from "./errors/raise.ts";
import { Environments, type Compiled } from "./environment/environment.ts";
import { interpreterModules } from "./modules/index.ts";
import type { LuaFunction, LuaModule } from "./module.ts";
import type { LuaProgram } from "./program.ts";
import { Prototypes } from "./prototypes.ts";
import { Runtime } from "./runtime.ts";
import type { AccountLimits, LuaUsage } from "./state/account.ts";
import { openLua } from "./state/fengari.seam.ts";
import { useInterpreter, type InterpreterName } from "./state/interpreter.seam.ts";
import type { Decision, LuaState, LuaTable } from "./state/lua.ts";
import { startProgram } from "./tasks/start.ts";
import { warmUp, type WarmUpOptions } from "./warmup/warm-up.ts";
import { Task, type Outcome, type TaskHome } from "./tasks/task.ts";
import { PassingSet } from "../../core/passing.ts";

/** A task gives the thread to others after this time. Calls shorter than this never become promises by it. */
const turnMs = 20;

const unlimited: AccountLimits = {};

/** What an engine is made with. */
export interface LuaEngineOptions<Host> {
  /** Which interpreter runs, `patched` if nothing is said. The engines of a thread must agree on one. */
  readonly interpreter?: InterpreterName;
  /** The modules of hosts, by name; those that need only the interpreter are there already. */
  readonly modules: ReadonlyMap<string, LuaModule<Host>>;
  /** Functions that every program finds among its globals, such as `print`. */
  readonly globals?: Readonly<Record<string, LuaFunction<Host>>>;
  /** The program of a library entry. */
  library(id: EntryId): LuaProgram | undefined;
}

/** What one run is given. */
export interface TaskOptions<Host> {
  /** What the modules' functions find as `call.host`. */
  readonly host: Host;
  readonly cancellation: Cancellation;
  /** What the run may use; of memory, without a limit, a share of the isolate's heap. */
  readonly limits?: AccountLimits;
  /** Hears what the run has used when it has ended, well or badly. */
  readonly onUsage?: (usage: LuaUsage) => void;
  /** Hears of each call of a module's function before it is made, and may refuse it by throwing. */
  readonly onHostCall?: () => void;
  /** When the run must be over, on `monotonicMs()`. */
  readonly deadline?: number | undefined;
  /** `nil` lets functions and userdata that cross a call become nil (`compat: wippy`); otherwise they fail it. */
  readonly strangers?: "fail" | "nil";
}

/** Runs Lua programs in one isolate. */
export interface LuaEngine<Host> extends Disposable {
  /** Compiles ahead of the first run. @throws WeftError `ENTRY_FAILED` with file, line and column of a syntax error. */
  compile(program: LuaProgram): void;
  /**
   * Runs a program's function. Returns the value itself when the program ended without waiting, else a promise.
   * @throws WeftError, also as a rejection.
   */
  run(program: LuaProgram, args: readonly Value[], task: TaskOptions<Host>): Value | Promise<Value>;
  /** Forgets what was compiled for an entry. */
  forget(id: EntryId): void;
  /** Has V8 optimise the interpreter before anybody waits for it. Resolves with the milliseconds spent. */
  warmUp(options: WarmUpOptions): Promise<number>;
}

/** Opens an engine. */
export function createLuaEngine<Host>(options: LuaEngineOptions<Host>): LuaEngine<Host> {
  return new Engine(options);
}

class Engine<Host> implements LuaEngine<Host> {
  readonly #options: LuaEngineOptions<Host>;
  readonly #interpreter: Disposable;
  readonly #runtime: Runtime<Host>;
  readonly #home: TaskHome;
  readonly #prototypes: Prototypes;
  readonly #environments: Environments<Host>;
  readonly #compiled = new Map<EntryId, Compiled>();
  readonly #running = new PassingSet<Task>();
  #pending: Task[] = [];
  #isScheduled = false;
  /** How many runs and drains are on the stack, and since when. */
  #depth = 0;
  #since = 0;

  constructor(options: LuaEngineOptions<Host>) {
    this.#options = options;
    this.#interpreter = useInterpreter(options.interpreter ?? "patched");
    this.#runtime = new Runtime<Host>(openLua());
    this.#home = {
      lua: this.#runtime.lua,
      schedule: (ready) => this.#schedule(ready),
      nextTurn: setImmediate,
      explain: (L: LuaState) => this.#runtime.failures.fromDead(L),
      deadlock,
    };
    this.#prototypes = new Prototypes(this.#runtime.lua);
    this.#runtime.lua.onSlice((L) => this.#decide(L));
    const base = baseGlobals(this.#runtime);
    const { tables, always } = this.#bindModules();
    for (const [name, run] of Object.entries(options.globals ?? {})) {
      const { lua } = this.#runtime;
      lua.set(base, name, lua.newFunction(this.#runtime.bindFunction(name, run)));
    }
    this.#environments = new Environments({
      runtime: this.#runtime,
      base,
      modules: tables,
      always,
      library: (id) => this.#library(id),
    });
  }

  compile(program: LuaProgram): void {
    this.#compile(program);
  }

  run(program: LuaProgram, args: readonly Value[], options: TaskOptions<Host>): Value | Promise<Value> {
    options.cancellation.throwIfCanceled();
    const compiled = this.#compile(program);
    const values = args.map((value) => this.#runtime.toLua(value));
    const limits = options.limits ?? unlimited;
    const task = new Task(this.#home, { program, limits, stopped: () => stopReason(program, options) });
    task.onHostCall = options.onHostCall && (() => countHostCall(task, options.onHostCall));
    this.#runtime.adopt(task, { host: options.host, strangers: options.strangers ?? "fail" });
    const globals = this.#environments.globalsOf(task, compiled);
    startProgram({ runtime: this.#runtime, task, compiled, globals }, values);
    this.#timed(() => task.pump());
    if (task.outcome !== undefined) {
      this.#runtime.release(task);
      options.onUsage?.(task.usage());
      return unwrap(task.outcome);
    }
    return this.#wait(task, options);
  }

  forget(id: EntryId): void {
    this.#compiled.delete(id);
  }

  async warmUp(options: WarmUpOptions): Promise<number> {
    return await warmUp(options);
  }

  [Symbol.dispose](): void {
    for (const task of this.#running) task.fail(new WeftError("ISOLATE_LOST", "the Lua engine was closed"));
    this.#compiled.clear();
    this.#interpreter[Symbol.dispose]();
  }

  #wait(task: Task, options: TaskOptions<Host>): Promise<Value> {
    this.#running.add(task);
    task.own(options.cancellation.onCancel((reason) => task.fail(reason)));
    if (options.deadline !== undefined) task.own(failLater(task, options.deadline));
    return new Promise((resolve, reject) => {
      task.onEnd((outcome) => {
        this.#running.delete(task);
        this.#runtime.release(task);
        options.onUsage?.(task.usage());
        if ("error" in outcome) reject(outcome.error);
        else resolve(outcome.value);
      });
    });
  }

  /** Pumps the task in the next microtask. One drain serves all tasks that became ready meanwhile. */
  #schedule(task: Task): void {
    this.#pending.push(task);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      const pending = this.#pending;
      this.#pending = [];
      for (const ready of pending) this.#timed(() => ready.pump());
    });
  }

  #timed(work: () => void): void {
    if (this.#depth === 0) this.#since = performance.now();
    this.#depth += 1;
    try {
      work();
    } finally {
      this.#depth -= 1;
    }
  }

  /** Asked between slices: a task that must stop is killed, one that held the thread for long lets others go on. */
  #decide(L: LuaState): Decision {
    const stopped = L.task?.stopReason;
    if (stopped !== undefined) return { raise: this.#runtime.toLua(stopped) };
    const isLong = performance.now() - this.#since >= turnMs;
    return isLong && this.#runtime.lua.canYield(L) ? "preempt" : "go on";
  }

  #compile(program: LuaProgram): Compiled {
    const known = this.#compiled.get(program.name);
    if (known !== undefined && (known.program === program || isSame(known.program, program))) return known;
    const prototype = this.#prototypes.of(program);
    const compiled = { program, prototype, scope: this.#environments.scopeOf(program) };
    this.#compiled.set(program.name, compiled);
    return compiled;
  }

  #library(id: EntryId): Compiled {
    const program = this.#options.library(id);
    if (program === undefined) throw new WeftError("ENTRY_NOT_FOUND", `there is no library ${id}`);
    return this.#compile(program);
  }

  #bindModules(): { tables: Map<string, LuaTable>; always: Set<string> } {
    const tables = new Map<string, LuaTable>();
    const always = new Set<string>();
    for (const module of [...interpreterModules<Host>(), ...this.#options.modules.values()]) {
      for (const item of module.classes ?? []) this.#runtime.bindClass(item);
      const table = this.#runtime.bindTable(module.name, module.table);
      for (const [name, object] of Object.entries(module.objects ?? {})) {
        this.#runtime.lua.set(table, name, this.#runtime.toLua(object));
      }
      this.#runtime.lua.freeze(table);
      tables.set(module.name, table);
      if (module.always) always.add(module.name);
    }
    return { tables, always };
  }
}

function unwrap(outcome: Outcome): Value {
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}

function isSame(a: LuaProgram, b: LuaProgram): boolean {
  const shape = ({ source, method, modules, imports, firstLine, file }: LuaProgram) =>
    JSON.stringify([method, modules, imports, firstLine, file, source]);
  return a.source === b.source && shape(a) === shape(b);
}

function stopReason<Host>(program: LuaProgram, { cancellation, deadline }: TaskOptions<Host>): WeftError | undefined {
  if (cancellation.reason !== undefined) return cancellation.reason;
  return deadline !== undefined && monotonicMs() >= deadline ? timeUp(program) : undefined;
}

function timeUp(program: LuaProgram): WeftError {
  return new WeftError("CALL_TIMEOUT", `${program.name} did not end in time`);
}

function failLater(task: Task, deadline: number): Disposable {
  const timer = setTimeout(() => task.fail(timeUp(task.program)), Math.max(0, deadline - monotonicMs()));
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

function deadlock(program: LuaProgram): WeftError {
  const message = `deadlock: every coroutine of ${program.name} waits for a channel, and nothing is left that could wake one`;
  return new WeftError("GUEST_ERROR", message, { kind: "Internal" });
}

/** A call too many ends the task: as an error value, the program could ignore it. */
function countHostCall(task: Task, count: (() => void) | undefined): void {
  try {
    count?.();
  } catch (thrown) {
    const failure = toWeftError(thrown);
    task.fail(failure);
    throw new LuaRaise(failure);
  }
}
