import type { CallContext } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import { requireFullId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { InstanceContext } from "../context.ts";
import type { ComponentFace, HostInterface } from "../host.ts";
import { ResultError } from "../io/result-error.ts";
import { callError } from "./call-error.ts";
import { PendingCall, PendingCalls } from "./pending.ts";
import { parseArguments, toBytes, toJson, toText } from "./texts.ts";

const calls: HostInterface = { version: "0.1.0", suspending: ["call-string", "call-bytes"] };

/** `wippy:runtime/funcs` and our `weft:runtime/funcs` and `futures` (wit/weft-runtime): calls of other entries by id. */
export const funcsFace: ComponentFace = {
  interfaces: {
    "wippy:runtime/funcs": calls,
    "weft:runtime/funcs": { version: "0.1.0", suspending: [...calls.suspending, "call-json"] },
    "weft:runtime/futures": {
      version: "0.1.0",
      suspending: ["[method]pending-call.wait", "start-string", "start-json"],
    },
  },
  bind(instance) {
    const pending = new PendingCalls(instance);
    const imports = {
      "wippy:runtime/funcs": {
        callString: (target: string, input: string) => invoke(instance, request(target, [input]), toText, messageOf),
        callBytes: (target: string, input: Uint8Array) =>
          invoke(instance, request(target, [input]), toBytes, messageOf),
      },
      "weft:runtime/funcs": {
        callString: (target: string, input: string) => invoke(instance, request(target, [input]), toText, callError),
        callBytes: (target: string, input: Uint8Array) =>
          invoke(instance, request(target, [input]), toBytes, callError),
        callJson: (target: string, input: string) => invoke(instance, jsonRequest(target, input), toJson, callError),
      },
      "weft:runtime/futures": {
        PendingCall,
        startString: (target: string, input: string) =>
          pending.start((context) => perform(instance, request(target, [input]), { convert: toText, context })),
        startJson: (target: string, input: string) =>
          pending.start((context) => perform(instance, jsonRequest(target, input), { convert: toJson, context })),
      },
    };
    return { imports, [Symbol.dispose]: () => pending[Symbol.dispose]() };
  },
};

interface Call {
  readonly id: string;
  readonly args: readonly Value[];
}

function request(target: string, args: readonly Value[]): () => Call {
  return () => ({ id: requireFullId(target), args });
}

function jsonRequest(target: string, json: string): () => Call {
  return () => ({ id: requireFullId(target), args: parseArguments(json) });
}

interface Performance<Result> {
  readonly convert: (value: Value) => Result;
  /** The caller's. */
  readonly context: CallContext;
}

/** Calls an entry. A callee's own `err` is a failure here. @throws WeftError, also as a rejection. */
function perform<Result>(
  { ports }: InstanceContext,
  prepare: () => Call,
  { convert, context }: Performance<Result>,
): Result | Promise<Result> {
  const { id, args } = prepare();
  const returnsResult = ports.dispatcher.describe(id)?.signature?.result?.kind === "result";
  const finish = (value: Value): Result => convert(returnsResult ? unwrap(value) : value);
  const value = ports.dispatcher.call({ id, args, checked: false, context });
  return value instanceof Promise ? value.then(finish) : finish(value);
}

/**
 * Calls an entry for a guest that waits. A failure is the guest's to handle, as `err`, unless the guest's own call is over.
 */
function invoke<Result, Payload>(
  instance: InstanceContext,
  prepare: () => Call,
  convert: (value: Value) => Result,
  describe: (error: WeftError) => Payload,
): Result | Promise<Result> {
  const { call } = instance;
  const fail = (error: unknown): never => {
    if (!(error instanceof WeftError) || error === call.cancellation.reason) throw error;
    throw new ResultError(describe(error));
  };
  try {
    const result = perform(instance, prepare, { convert, context: call });
    return result instanceof Promise ? result.catch(fail) : result;
  } catch (error) {
    return fail(error);
  }
}

/** The payload of `{ok}`. @throws WeftError `GUEST_ERROR` for `{err}`. */
function unwrap(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if ("err" in value) throw new WeftError("GUEST_ERROR", toText(value.err), { details: { err: value.err } });
  return "ok" in value ? value.ok : value;
}

function messageOf(error: WeftError): string {
  return error.message;
}
