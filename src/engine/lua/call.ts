import { WeftError } from "../../core/errors.ts";
import { isRecord, type Value } from "../../core/values.ts";
import { badArgument, LuaRaise } from "./errors/raise.ts";
import type { Runtime } from "./runtime.ts";
import { tag, type LuaState, type LuaValue } from "./state/lua.ts";
import type { Answer, Request } from "./tasks/fiber.ts";
import type { Task } from "./tasks/task.ts";
import { luaTypeName } from "./values/generic.ts";
import { LuaReference } from "./values/reference.ts";

/** Several results of a host function. */
export class Results {
  readonly values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.values = values;
  }
}

/** Several results of a host function that are Lua values already. */
export class LuaResults {
  readonly values: readonly LuaValue[];

  constructor(values: readonly LuaValue[]) {
    this.values = values;
  }
}

/** Several results of a host function. */
export function results(...values: readonly unknown[]): Results {
  return new Results(values);
}

/** What a wait ends with when it ends badly: treated as if the host function had thrown it. */
export class Thrown {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** A wait that a host function asks for by returning it. */
export class Suspension {
  readonly request: Request;

  constructor(request: Request) {
    this.request = request;
  }
}

/**
 * What a host function returns: a `Value`, an object whose class its module defines, a `LuaReference`, several of them
 * as `results(…)`, a `Suspension`, or a promise of any of these, for which the calling fiber waits.
 */
export type Returned = unknown;

/** One call of a host function from Lua. Positions count from 1, as in Lua; of a method, position 1 is the object. */
export class LuaCall<Host> {
  readonly #runtime: Runtime<Host>;
  readonly #L: LuaState;
  /** The function's name, for messages. */
  readonly name: string;

  constructor(runtime: Runtime<Host>, L: LuaState, name: string) {
    this.#runtime = runtime;
    this.#L = L;
    this.name = name;
  }

  /** What the task was started with. */
  get host(): Host {
    return this.#runtime.hostOf(this.task);
  }

  get task(): Task {
    const { task } = this.#L;
    if (task === undefined) throw new Error("a Lua thread runs outside of any task");
    return task;
  }

  /** The engine around the call, for modules that work on Lua values themselves. */
  get runtime(): Runtime<Host> {
    return this.#runtime;
  }

  get thread(): LuaState {
    return this.#L;
  }

  /** How many arguments were given. */
  get count(): number {
    return this.#runtime.lua.top(this.#L);
  }

  /** `id:line` of the Lua function that calls. */
  get location(): string {
    return this.#runtime.lua.where(this.#L, 1).replace(/: $/, "");
  }

  has(index: number): boolean {
    return this.#at(index).type !== tag.nil;
  }

  /** The name of an argument's type, as `type` gives it. */
  typeOf(index: number): string {
    return luaTypeName(this.#at(index));
  }

  text(index: number): string {
    const value = this.#at(index);
    if (value.type === tag.string || value.type === tag.shortString) {
      const text = this.#runtime.lua.text(value);
      if (text === undefined) throw badArgument(index, this.name, "valid UTF-8 expected");
      return text;
    }
    if ((value.type & 15) === 3) return this.display(index);
    return this.#wrong(index, "string");
  }

  bytes(index: number): Uint8Array {
    const value = this.#at(index);
    if (value.type === tag.string || value.type === tag.shortString) return this.#runtime.lua.bytes(value);
    return this.#wrong(index, "string");
  }

  number(index: number): number {
    const { type, value } = this.#at(index);
    if ((type & 15) !== 3) return this.#wrong(index, "number");
    return Number(value);
  }

  integer(index: number): number {
    const number = this.number(index);
    if (!Number.isSafeInteger(number)) throw badArgument(index, this.name, "number has no integer representation");
    return number;
  }

  /** Everything but nil and false. */
  truthy(index: number): boolean {
    const { type, value } = this.#at(index);
    return type !== tag.nil && value !== false;
  }

  /** The argument as data. @throws WeftError for what cannot cross. */
  value(index: number, counting = index): Value {
    return this.#runtime.fromLua(this.#at(index), `argument ${counting}`, this.#runtime.strangersOf(this.task));
  }

  /** The arguments from a position on, as data; messages count them from `counting`. */
  values(from: number, { counting = from } = {}): Value[] {
    const length = Math.max(0, this.count - from + 1);
    return Array.from({ length }, (_, i) => this.value(from + i, counting + i));
  }

  /** A table with only string keys, as data; an empty one for nil. */
  record(index: number): Readonly<Record<string, Value>> {
    const value = this.has(index) ? this.value(index) : [];
    if (Array.isArray(value) && value.length === 0) return {};
    return isRecord(value) ? value : this.#wrong(index, "table with string keys");
  }

  /** An object of a class that some module defined. */
  object<T extends object>(index: number, type: abstract new (...args: never[]) => T): T {
    const payload = this.#runtime.lua.payload(this.#at(index));
    return payload instanceof type ? payload : this.#wrong(index, type.name);
  }

  /** The payload of a userdata of ours, whatever its class. */
  payload(index: number): object | undefined {
    return this.#runtime.lua.payload(this.#at(index));
  }

  /** The error object, if the argument is one. */
  error(index: number): WeftError | undefined {
    const payload = this.payload(index);
    return payload instanceof WeftError ? payload : undefined;
  }

  /** The argument as a Lua value that outlives the call. */
  keep(index: number): LuaReference {
    const { lua } = this.#runtime;
    return new LuaReference(index > this.count ? lua.nil : lua.copyAt(this.#L, index));
  }

  /** The argument as `tostring` shows it. */
  display(index: number): string {
    return this.#runtime.lua.display(this.#L, this.#at(index));
  }

  /** The live stack slot: read it before anything else runs. */
  raw(index: number): LuaValue {
    return this.#at(index);
  }

  /** Waits until `start` calls back with what to return. Arguments must be read before: then they are gone. */
  suspend(
    start: (done: (answer: Returned) => void) => Disposable | undefined,
    options: { external: boolean },
  ): Suspension {
    const runtime = this.#runtime;
    return new Suspension({
      external: options.external,
      start: (done) => start((returned) => done(answerWith(runtime, returned))),
    });
  }

  #at(index: number): LuaValue {
    return this.#runtime.lua.at(this.#L, index);
  }

  #wrong(index: number, expected: string): never {
    const got = index > this.count ? "no value" : this.typeOf(index);
    throw badArgument(index, this.name, `${expected} expected, got ${got}`);
  }
}

/** An answer that pushes what a host function returned. */
function answerWith<Host>(runtime: Runtime<Host>, returned: Returned): Answer {
  return (L) => runtime.pushReturned(L, returned);
}

/** Raises a text with the caller's position. */
export function raise(message: string): never {
  throw new LuaRaise(message);
}
