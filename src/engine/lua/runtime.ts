import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import { LuaCall, LuaResults, Results, Suspension, Thrown, type Returned } from "./call.ts";
import { Failures } from "./errors/failures.ts";
import { LuaRaise } from "./errors/raise.ts";
import { Native, type LuaClass, type LuaFunction, type ModuleTable } from "./module.ts";
import type { Lua, LuaState, LuaTable, LuaValue, NativeFunction } from "./state/lua.ts";
import { block, type Answer } from "./tasks/fiber.ts";
import type { Task } from "./tasks/task.ts";
import { GenericValues, type Strangers } from "./values/generic.ts";
import { Objects } from "./values/objects.ts";
import { TypedValues } from "./values/typed.ts";
import { PassingMap } from "../../core/passing.ts";

/** What host functions of one engine share: the interpreter, the converters, and who each task belongs to. */
export class Runtime<Host> {
  readonly lua: Lua;
  readonly values: GenericValues;
  readonly typed: TypedValues;
  readonly failures: Failures;
  readonly #objects: Objects;
  readonly #owners = new PassingMap<Task, TaskOwner<Host>>();

  constructor(lua: Lua) {
    this.lua = lua;
    this.#objects = new Objects(lua);
    this.values = new GenericValues(lua, this.#objects);
    this.typed = new TypedValues(lua);
    this.failures = new Failures(lua, this.values);
    lua.onStackOverflow((message) => this.values.toLua(new WeftError("STACK_OVERFLOW", message)));
    lua.onNativeError((thrown) => this.failures.fromNative(thrown));
  }

  adopt(task: Task, owner: TaskOwner<Host>): void {
    this.#owners.set(task, owner);
  }

  /** Forgets a task that has ended. */
  release(task: Task): void {
    this.#owners.delete(task);
  }

  hostOf(task: Task): Host {
    return this.#ownerOf(task).host;
  }

  fromLua(value: LuaValue, place: string, strangers: Strangers = "fail"): Value {
    return this.values.fromLua(value, place, strangers);
  }

  /** What the task's program does with values that cannot cross a call. */
  strangersOf(task: Task): Strangers {
    return this.#ownerOf(task).strangers;
  }

  toLua(value: unknown): LuaValue {
    return this.values.toLua(value);
  }

  /** A module's table. */
  bindTable(name: string, table: ModuleTable<Host>): LuaTable {
    const bound = this.lua.newTable();
    for (const [key, item] of Object.entries(table)) this.lua.set(bound, key, this.#bind(`${name}.${key}`, item));
    return bound;
  }

  /** Makes a class's objects known to Lua. */
  bindClass({ type, methods, meta = {}, once = false }: LuaClass<Host>): void {
    const { lua } = this;
    const metatable = lua.newTable();
    lua.set(metatable, "__name", lua.newText(type.name));
    lua.set(metatable, "__metatable", lua.newBoolean(false));
    const index = this.bindTable(type.name, methods);
    lua.freeze(index);
    lua.set(metatable, "__index", index);
    for (const [key, item] of Object.entries(meta)) lua.set(metatable, key, this.#bind(`${type.name}.${key}`, item));
    this.#objects.define(type, metatable, once);
  }

  bindFunction(name: string, run: LuaFunction<Host>): NativeFunction {
    return (L) => {
      const { task } = L;
      if (task?.outcome !== undefined && "error" in task.outcome) throw new LuaRaise(task.outcome.error);
      let returned: Returned;
      try {
        task?.onHostCall?.();
        returned = run(new LuaCall(this, L, name));
      } catch (thrown) {
        return this.#pushFailure(L, thrown);
      }
      if (returned instanceof Promise) return this.#await(L, returned, name);
      if (returned instanceof Suspension) return this.#suspend(L, returned, name);
      return this.pushReturned(L, returned);
    };
  }

  /** Pushes what a host function returned; says how many values these are. */
  pushReturned(L: LuaState, returned: Returned): number {
    if (returned === undefined) return 0;
    if (returned instanceof Thrown) return this.#pushFailure(L, returned.error);
    if (returned instanceof LuaResults) {
      for (const value of returned.values) this.lua.push(L, value);
      return returned.values.length;
    }
    if (!(returned instanceof Results)) {
      this.lua.push(L, this.values.toLua(returned));
      return 1;
    }
    this.lua.reserve(L, returned.values.length);
    for (const value of returned.values) this.lua.push(L, this.values.toLua(value));
    return returned.values.length;
  }

  #ownerOf(task: Task): TaskOwner<Host> {
    const owner = this.#owners.get(task);
    if (owner === undefined) throw new Error("a host function goes on after its Lua task has ended");
    return owner;
  }

  #bind(name: string, item: ModuleTable<Host>[string]): LuaValue {
    if (typeof item === "function") return this.lua.newFunction(this.bindFunction(name, item));
    if (item instanceof Native) return this.lua.newFunction(item.make(this));
    if (typeof item !== "object") return this.values.toLua(item);
    const table = this.bindTable(name, item);
    this.lua.freeze(table);
    return table;
  }

  #pushFailure(L: LuaState, thrown: unknown): number {
    const { lua } = this;
    if (thrown instanceof WeftError) {
      lua.push(L, lua.nil);
      lua.push(L, this.values.toLua(thrown));
      return 2;
    }
    if (!(thrown instanceof LuaRaise)) throw thrown;
    const raised = thrown.failure ?? `${lua.where(L, 1)}${thrown.message}`;
    lua.push(L, this.values.toLua(raised));
    return lua.raise(L);
  }

  #await(L: LuaState, promise: Promise<Returned>, name: string): number {
    // Settled at once into plain data: a wait that is refused leaves nobody to hear the promise fail.
    const settled = settle(promise);
    const start = (goOn: (answer: Answer) => void): undefined => {
      void settled.then((returned) => goOn((thread) => this.pushReturned(thread, returned)));
    };
    return this.#suspend(L, new Suspension({ start, external: true }), name);
  }

  #suspend(L: LuaState, { request }: Suspension, name: string): number {
    if (this.lua.canYield(L)) return block(this.lua, L, request);
    const problem = `${name} cannot wait here: it is called from inside __tostring, or another library function that cannot be interrupted`;
    return this.#pushFailure(L, new LuaRaise(problem));
  }
}

/** What a promise comes to, failures included. */
async function settle(promise: Promise<Returned>): Promise<Returned> {
  try {
    return await promise;
  } catch (error) {
    return new Thrown(error);
  }
}

/** Whom a task runs for. */
export interface TaskOwner<Host> {
  readonly host: Host;
  readonly strangers: Strangers;
}
