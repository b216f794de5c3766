import { WeftError } from "../../../core/errors.ts";
import { GuestExit } from "../../../core/exit.ts";
import { parseId } from "../../../core/ids.ts";
import type { Value } from "../../../core/values.ts";
import type { WasmProgram } from "../../../engine/wasm/program.ts";
import type { InstanceContext } from "../../../hosts/context.ts";

/** A program that runs from start to end by itself: its words are its arguments, its status its result. */
export function isCommand({ method }: WasmProgram): boolean {
  return method === "_start" || /^wasi:cli\/run(@[^#]*)?#run$/.test(method);
}

/** The context of a command: it finds its own name before its words, as every program does. */
export function commandContext(instance: InstanceContext): InstanceContext {
  return { ...instance, args: [parseId(instance.id).name, ...instance.args] };
}

/** What a command's run means: its exit status. `wasi:cli/run` says only whether it went well. */
export function commandResult(result: Value): Value {
  const failed = typeof result === "object" && result !== null && "err" in result;
  if (failed) throw new GuestExit(1);
  return 0;
}

/** What a guest that ended itself means to its caller: nothing wrong with status 0, an error with any other. */
export function exitOutcome(thrown: unknown, id: string): Value {
  if (!(thrown instanceof GuestExit)) throw thrown;
  if (thrown.status === 0) return 0;
  throw new WeftError("GUEST_EXIT", `${id} exited with status ${thrown.status}`, {
    details: { status: thrown.status },
  });
}
