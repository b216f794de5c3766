import type { LuaCall, Returned } from "./call.ts";
import type { NativeFunction } from "./state/lua.ts";
import type { Runtime } from "./runtime.ts";

/**
 * A function of a module. A `WeftError` that it throws (or rejects with) is returned as `nil, error`; a `LuaRaise` is
 * raised; anything else is a bug of ours and raised as an Internal error. With a promise the calling fiber waits.
 */
export type LuaFunction<Host> = (call: LuaCall<Host>) => Returned;

/** A function that works on the interpreter's stack itself. */
export class Native<Host> {
  readonly make: (runtime: Runtime<Host>) => NativeFunction;

  constructor(make: (runtime: Runtime<Host>) => NativeFunction) {
    this.make = make;
  }
}

/** What a module gives: functions, constants, and tables of the same. */
export interface ModuleTable<Host> {
  readonly [name: string]: LuaFunction<Host> | Native<Host> | ModuleTable<Host> | string | number | boolean;
}

/** A class of objects that Lua holds as userdata. Methods have the object as argument 1. */
export interface LuaClass<Host> {
  readonly type: abstract new (...args: never[]) => object;
  readonly methods: ModuleTable<Host>;
  /** Its objects are handed out once: that an object always is the same userdata, which costs, matters to nobody. */
  readonly once?: boolean;
  /** Metamethods, by their names with underscores. */
  readonly meta?: Readonly<Record<string, LuaFunction<Host> | Native<Host>>>;
}

/** A module that Lua programs may name under `modules:` and `require`. */
export interface LuaModule<Host> {
  readonly name: string;
  /** Bound in every program, declared or not. */
  readonly always: boolean;
  readonly table: ModuleTable<Host>;
  /** Objects of the module's classes that stand in its table. */
  readonly objects?: Readonly<Record<string, object>>;
  readonly classes?: readonly LuaClass<Host>[];
}
