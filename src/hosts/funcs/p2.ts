import { WeftError } from "../../core/errors.ts";
import { requireFullId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { InstanceContext } from "../context.ts";
import type { ComponentFace, HostInterface } from "../host.ts";
import { nothingToClose } from "../io/p2.ts";
import { ResultError } from "../io/result-error.ts";
import { parseArguments, toBytes, toJson, toText } from "./texts.ts";

const calls: HostInterface = { version: "0.1.0", suspending: ["call-string", "call-bytes"] };

/** `wippy:runtime/funcs` and our `weft:runtime/funcs` (wit/weft-runtime): calls of other entries by id. */
export const funcsFace: ComponentFace = {
  interfaces: {
    "wippy:runtime/funcs": calls,
    "weft:runtime/funcs": { version: "0.1.0", suspending: [...calls.suspending, "call-json"] },
  },
  bind: (instance) =>
    nothingToClose({
      "wippy:runtime/funcs": {
        callString: (target: string, input: string) => invoke(instance, request(target, [input]), toText, messageOf),
        callBytes: (target: string, input: Uint8Array) =>
          invoke(instance, request(target, [input]), toBytes, messageOf),
      },
      "weft:runtime/funcs": {
        callString: (target: string, input: string) => invoke(instance, request(target, [input]), toText, callError),
        callBytes: (target: string, input: Uint8Array) =>
          invoke(instance, request(target, [input]), toBytes, callError),
        callJson: (target: string, input: string) =>
          invoke(instance, () => ({ id: requireFullId(target), args: parseArguments(input) }), toJson, callError),
      },
    }),
};

interface Call {
  readonly id: string;
  readonly args: readonly Value[];
}

function request(target: string, args: readonly Value[]): () => Call {
  return () => ({ id: requireFullId(target), args });
}

/**
 * Calls an entry for a guest. A failure is the guest's to handle, as `err`, unless the guest's own call is over.
 * A callee's own `err` is turned into text and told the same way.
 */
function invoke<Result, Payload>(
  instance: InstanceContext,
  prepare: () => Call,
  convert: (value: Value) => Result,
  describe: (error: WeftError) => Payload,
): Result | Promise<Result> {
  const { call, ports } = instance;
  const fail = (error: unknown): never => {
    if (!(error instanceof WeftError) || error === call.cancellation.reason) throw error;
    throw new ResultError(describe(error));
  };
  try {
    const { id, args } = prepare();
    const returnsResult = ports.dispatcher.describe(id)?.signature?.result?.kind === "result";
    const finish = (value: Value): Result => convert(returnsResult ? unwrap(value) : value);
    const value = ports.dispatcher.call({ id, args, checked: false, context: call });
    return value instanceof Promise ? value.then(finish).catch(fail) : finish(value);
  } catch (error) {
    return fail(error);
  }
}

/** The payload of `{ok}`. @throws WeftError `GUEST_ERROR` for `{err}`. */
function unwrap(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if ("err" in value) throw new WeftError("GUEST_ERROR", toText(value.err));
  return "ok" in value ? value.ok : value;
}

function messageOf(error: WeftError): string {
  return error.message;
}

/** The record `call-error` of weft:runtime/funcs. */
function callError({ code, kind, message, retryable }: WeftError) {
  return { code, kind, message, retryable: retryable ?? undefined };
}
