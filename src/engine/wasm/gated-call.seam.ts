// Seam for generated code: `new Function` gives functions without types. The text is always the same.
import type { Value } from "../../core/values.ts";
import type { InstanceState } from "./instance-state.ts";

/** Calls a guest; a promise only where it may suspend. */
export type Run<A> = (args: A) => Value | Promise<Value>;

/** What stands between callers and one instance. */
export interface Gate<A> {
  readonly state: InstanceState;
  readonly run: Run<A>;
  /** Gives what to throw for what was thrown out of the guest. */
  readonly fail: (thrown: unknown) => unknown;
}

/** Lets calls into an instance: one at a time, and none after a failure. */
export type OpenGate = <A>(gate: Gate<A>) => Run<A>;

/** The rest of a call that waits. */
async function settle({ state, fail }: Gate<never>, pending: Promise<Value>): Promise<Value> {
  try {
    const result = await pending;
    state.leave();
    return result;
  } catch (thrown) {
    throw fail(thrown);
  }
}

const source = `"use strict";
return (gate) => {
  const { state, run } = gate;
  return (args) => {
    state.enter();
    let result;
    try {
      result = run(args);
    } catch (thrown) {
      throw gate.fail(thrown);
    }
    if (result instanceof Promise) return settle(gate, result);
    state.leave();
    return result;
  };
};`;

let made = 0;

/**
 * The gate's code, of its own for whoever asks. V8 keeps what it learns of a function by its source, so code that all
 * programs share would call each of them by the slow way; the same text again is the same code, hence the number.
 */
export function makeGate(): OpenGate {
  made += 1;
  const make = new Function("settle", `${source} // ${made}`) as (rest: typeof settle) => OpenGate;
  return make(settle);
}

/** A function that is made when it is first called: most instances serve one call, of one sort. */
export function lazily<A>(make: () => Run<A>): Run<A> {
  let run: Run<A> | undefined;
  return (args) => (run ??= make())(args);
}
