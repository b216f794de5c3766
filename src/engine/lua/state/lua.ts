import type { Fiber, Request } from "../tasks/fiber.ts";
import type { Task } from "../tasks/task.ts";
import type { Account } from "./account.ts";

/** Type tags of Lua values. `bigInteger` holds the 64-bit integers that no JavaScript number can. */
export const tag = {
  nil: 0,
  boolean: 1,
  float: 3,
  shortString: 4,
  table: 5,
  luaFunction: 6,
  userdata: 7,
  thread: 8,
  integer: 19,
  string: 20,
  hostFunction: 22,
  bigInteger: 35,
  hostClosure: 38,
} as const;

/** A Lua value. Those on a thread's stack are overwritten in place: copy what must outlive the call. */
export interface LuaValue {
  readonly type: number;
  readonly value: unknown;
}

/** A Lua value that is a table. */
export interface LuaTable extends LuaValue {
  readonly type: 5;
}

/** Compiled code without an environment; shared by every closure made of it. */
export interface LuaPrototype {
  readonly source: unknown;
}

/** A host function as the interpreter calls it: arguments on the stack, the number of results returned. */
export type NativeFunction = (L: LuaState) => number;

/** A Lua thread, with what the scheduler knows of it. */
export interface LuaState {
  task: Task | undefined;
  /** Set on threads that the scheduler resumes; a user's coroutine has a `resumer` while it runs. */
  fiber: Fiber | undefined;
  resumer: LuaState | undefined;
  /** What this thread waits for, on its way to the scheduler. */
  request: Request | undefined;
  /** Set when the thread was stopped between two instructions rather than by a wait. */
  isPreempted: boolean | undefined;
  /** Pushes what the thread waited for; called when it goes on. */
  answer: ((L: LuaState) => number) | undefined;
  /** The coroutine that died in this thread last, and with which error: its frames belong to the error's stack. */
  died: { readonly thread: LuaState; readonly error: LuaValue } | undefined;
}

/** What becomes of a thread whose slice is over. What is raised is raised again and again until the thread is dead. */
export type Decision = "go on" | "preempt" | { readonly raise: LuaValue };

/** How a thread stands after it ran. */
export const status = { ok: 0, yielded: 1 } as const;

/** The interpreter. One per engine. */
export interface Lua {
  /** The thread that nobody resumes; owner of the shared tables. */
  readonly main: LuaState;
  readonly nil: LuaValue;
  newThread(): LuaState;
  /** @throws LuaSyntaxError */
  compile(source: string, chunk: string): LuaPrototype;
  pushClosure(L: LuaState, prototype: LuaPrototype, environment: LuaTable): void;
  /** Code a native error handler gets to see: turns what JavaScript threw into the Lua value that pcall returns. */
  onNativeError(translate: (thrown: unknown) => LuaValue): void;

  top(L: LuaState): number;
  setTop(L: LuaState, top: number): void;
  /**
   * True for the patched interpreter: it can stop between any two instructions, and its integers have 64 bits. Stock
   * fengari's have 32, so larger ones become floats there.
   */
  readonly isPatched: boolean;
  /**
   * Has `decide` asked each time a slice of instructions has run. An interpreter that cannot be interrupted never asks:
   * then only the end of the isolate stops a loop without host calls.
   */
  onSlice(decide: (L: LuaState) => Decision): void;
  /** Has a task pay for what runs from now on, or nobody; answers who paid until now. */
  bill(account: Account | undefined): Account | undefined;
  /** Goes on with the count of a task's memory, while which the task stands still; false when it needs another turn. */
  settle(account: Account): boolean;
  /** Makes room for one more coroutine; false when the task has too many. */
  addThread(account: Account | undefined): boolean;
  /** Makes the error that a full stack raises. */
  onStackOverflow(make: (message: string) => LuaValue): void;
  /** True while an error ends the whole task: nothing may catch it. */
  isKilled(): boolean;
  reserve(L: LuaState, slots: number): boolean;
  at(L: LuaState, index: number): LuaValue;
  copyAt(L: LuaState, index: number): LuaValue;
  push(L: LuaState, value: LuaValue): void;
  insert(L: LuaState, index: number): void;
  /** Puts a value in the place of another. */
  replace(L: LuaState, index: number, value: LuaValue): void;
  move(from: LuaState, to: LuaState, count: number): void;
  upvalue(L: LuaState, index: number): LuaValue;

  resume(thread: LuaState, from: LuaState | undefined, count: number): number;
  yieldWith(L: LuaState, next: NativeFunction): number;
  call(L: LuaState, count: number, results: number): void;
  /** Calls what is on the stack; when it waits, `next` runs in place of the rest of the caller. */
  callThen(L: LuaState, shape: { readonly args: number; readonly results: number }, next: NativeFunction): number;
  statusOf(L: LuaState): number;
  /** True when no callback of a library function is on the thread's stack. */
  canYield(L: LuaState): boolean;
  hasFrames(L: LuaState): boolean;
  /** Makes a thread that does not run a dead one: its frames are forgotten. */
  closeThread(thread: LuaState): void;
  /** Raises the value on top of the stack. */
  raise(L: LuaState): never;
  /** `chunk:line: ` of the function `level` above, or empty. */
  where(L: LuaState, level: number): string;
  /** `chunk:line` of each Lua function on the stack, innermost first. */
  frames(L: LuaState, limit: number): string[];
  /** The value as `tostring` shows it. */
  display(L: LuaState, value: LuaValue): string;

  bytes(value: LuaValue): Uint8Array;
  /** The string, or undefined when it is no valid UTF-8. */
  text(value: LuaValue): string | undefined;
  newText(text: string): LuaValue;
  newBytes(bytes: Uint8Array): LuaValue;
  newNumber(value: number): LuaValue;
  newFloat(value: number): LuaValue;
  newBigInt(value: bigint): LuaValue;
  newBoolean(value: boolean): LuaValue;
  newFunction(native: NativeFunction, upvalues?: readonly LuaValue[]): LuaValue;
  newUserdata(payload: object, metatable: LuaTable): LuaValue;
  payload(value: LuaValue): object | undefined;
  newThreadValue(thread: LuaState): LuaValue;
  thread(value: LuaValue): LuaState | undefined;

  newTable(): LuaTable;
  isTable(value: LuaValue): value is LuaTable;
  get(table: LuaTable, name: string): LuaValue;
  /** A string prepared for many look-ups. */
  key(name: string): LuaValue;
  getKey(table: LuaTable, key: LuaValue): LuaValue;
  /** Gives a new table, which nobody has seen yet, a field. */
  initKey(table: LuaTable, key: LuaValue, value: LuaValue): void;
  getIndex(table: LuaTable, index: number): LuaValue;
  getRaw(table: LuaTable, key: LuaValue): LuaValue;
  set(table: LuaTable, name: string, value: LuaValue): void;
  setIndex(table: LuaTable, index: number, value: LuaValue): void;
  setRaw(table: LuaTable, key: LuaValue, value: LuaValue): void;
  length(table: LuaTable): number;
  isEmpty(table: LuaTable): boolean;
  each(table: LuaTable, visit: (key: LuaValue, value: LuaValue) => void): void;
  metatable(table: LuaTable): LuaTable | undefined;
  setMetatable(table: LuaTable, metatable: LuaTable): void;
  /** The metatable that all strings share. */
  stringMetatable(): LuaTable | undefined;
  /** Makes a table refuse every change. */
  freeze(table: LuaTable): void;
  isFrozen(table: LuaTable): boolean;
  /** A library as it stands in the interpreter: `string`, `math` …; the base functions under `_G`. */
  library(name: string): LuaTable;
}
