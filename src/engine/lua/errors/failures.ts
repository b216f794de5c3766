import { toWeftError, WeftError } from "../../../core/errors.ts";
import type { Value } from "../../../core/values.ts";
import { tag, type Lua, type LuaState, type LuaValue } from "../state/lua.ts";
import { showPlainly, type GenericValues } from "../values/generic.ts";
import { LuaRaise } from "./raise.ts";

/** A stack trace longer than this helps nobody. */
const frameCount = 40;

/** Translates between failures of the host and errors as Lua raises them. */
export class Failures {
  readonly #lua: Lua;
  readonly #values: GenericValues;

  constructor(lua: Lua, values: GenericValues) {
    this.#lua = lua;
    this.#values = values;
  }

  /** What pcall returns for something that JavaScript threw below it. */
  fromNative(thrown: unknown): LuaValue {
    if (thrown instanceof LuaRaise && thrown.failure === undefined) return this.#lua.newText(thrown.message);
    return this.#values.toLua(nativeFailure(thrown));
  }

  /** The failure for the error on top of a thread that died of it; its stack spans the coroutines inside. */
  fromDead(L: LuaState): WeftError {
    const error = this.#lua.copyAt(L, -1);
    return this.fromValue(error, this.stackOf(L, error));
  }

  /** The frames of a dead thread, and of the coroutines in it that died of the same error first, innermost first. */
  stackOf(L: LuaState, error: LuaValue): string {
    const frames: string[] = [];
    const threads = [L];
    for (let { died } = L; died !== undefined && sameError(died.error, error); { died } = died.thread) {
      threads.unshift(died.thread);
      if (threads.length > frameCount) break;
    }
    for (const thread of threads) frames.push(...this.#lua.frames(thread, frameCount - frames.length));
    return frames.join("\n");
  }

  /** Metamethods are not asked: the thread is dead, and nothing would catch their errors. */
  #describe(error: LuaValue, value: Value): string {
    const message = this.#lua.isTable(error) ? this.#lua.get(error, "message") : this.#lua.nil;
    if (message.type === tag.string || message.type === tag.shortString) return `a table: ${this.#lua.text(message)}`;
    if (this.#lua.isTable(error) && typeof value === "object" && value !== null) return brief(value);
    return `the value ${showPlainly(this.#lua, error)}`;
  }

  /** The failure that an error value of Lua stands for. */
  fromValue(error: LuaValue, guestStack: string): WeftError {
    const payload = this.#lua.payload(error);
    if (payload instanceof WeftError) return withStack(payload, guestStack);
    // Such an error says nothing about another try.
    const options = { retryable: null, ...(guestStack === "" ? {} : { guestStack }) };
    if (error.type === tag.string || error.type === tag.shortString) {
      const message = this.#lua.text(error) ?? "an error whose text is not valid UTF-8";
      return new WeftError("GUEST_ERROR", message === "" ? "an error without a message" : message, options);
    }
    const value = this.#values.fromLua(error, "error", "nil");
    return new WeftError("GUEST_ERROR", `error with ${this.#describe(error, value)}`, {
      ...options,
      details: { value },
    });
  }
}

/** A longer table is cut in the message; all of it is among the details. */
const shownLetters = 200;

function brief(value: object): string {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return String(item);
    return item instanceof Map ? Object.fromEntries(item) : item;
  });
  if (text === "[]" || text === "{}") return "an empty table";
  return `a table: ${text.length > shownLetters ? `${text.slice(0, shownLetters)}…` : text}`;
}

/** The failure for whatever a host function threw. A stack overflow of guest and host together is the guest's. */
export function nativeFailure(thrown: unknown): WeftError {
  if (thrown instanceof LuaRaise) return thrown.failure ?? new WeftError("GUEST_ERROR", thrown.message);
  if (thrown instanceof RangeError && thrown.message.includes("call stack")) {
    return new WeftError("STACK_OVERFLOW", "the stack is full", { cause: thrown });
  }
  return toWeftError(thrown);
}

/** The failure with frames added to those it has. */
function withStack(error: WeftError, frames: string): WeftError {
  if (frames === "") return error;
  const inner = error.guestStack === undefined ? "" : `${error.guestStack}\n`;
  const { message, kind, retryable, details, cause } = error;
  const copy = new WeftError(error.code, message, {
    kind,
    retryable,
    details,
    guestStack: `${inner}${frames}`,
    ...(cause === undefined ? {} : { cause }),
  });
  if (error.stack !== undefined) copy.stack = error.stack;
  return copy;
}

/** True when two error values are the same, or texts of which one got a position in front on its way out. */
function sameError(inner: LuaValue, outer: LuaValue): boolean {
  return inner.value === outer.value;
}
