import { WeftError } from "../../../core/errors.ts";
import { GuestExit } from "../../../core/exit.ts";
import { parseId } from "../../../core/ids.ts";
import type { Value } from "../../../core/values.ts";
import type { WasmProgram } from "../../../engine/wasm/program.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import type { Placement } from "../../../registry/placement.ts";
import type { RunProgram } from "../program.ts";
import { CapturedStdio } from "../stdio.ts";

/** A program that runs from start to end by itself: its words are its arguments, its status its result. */
export function isCommand({ method }: WasmProgram): boolean {
  return method === "_start" || /^wasi:cli\/run(@[^#]*)?#run$/.test(method);
}

/** A process's arguments as the words of its command line; undefined when its method takes arguments itself. */
export function commandWords({ id, program }: Placement, args: readonly Value[]): readonly string[] | undefined {
  if (program.type === "lua" || args.length === 0 || !isCommand(program)) return undefined;
  return args.map((arg, index) => {
    if (typeof arg !== "object") return String(arg);
    const message = `argument ${index + 1} of ${id} is a word of its command line: a text, a number or a boolean`;
    throw new WeftError("INVALID_ARGUMENT", message);
  });
}

/** The context of a command: it finds its own name before its words, as every program does, unless its entry says not. */
export function commandContext(instance: InstanceContext, { wasi }: Placement): InstanceContext {
  if (wasi.wordsAlone === true) return instance;
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

/** Runs a command for a call: on a terminal's streams, or with its input and words as arguments. */
export function runsAsCommand(
  { stdio }: Placement,
  run: (instance: InstanceContext) => Value | Promise<Value>,
): RunProgram {
  return stdio === "captured" ? (args, instance) => captured(args, instance, run) : (_args, instance) => run(instance);
}

async function captured(
  [input = null, words = null]: readonly Value[],
  instance: InstanceContext,
  run: (instance: InstanceContext) => Value | Promise<Value>,
): Promise<Value> {
  const stdio = new CapturedStdio(
    input instanceof Uint8Array ? input : Buffer.from(typeof input === "string" ? input : ""),
  );
  const args = Array.isArray(words) && words.length > 0 ? words.map(String) : instance.args;
  const done = (status: Value): Value => ({
    status,
    stdout: stdio.written("stdout"),
    stderr: stdio.written("stderr"),
  });
  try {
    await run({ ...instance, args, stdio });
    return done(0);
  } catch (thrown) {
    if (!(thrown instanceof WeftError)) throw thrown;
    if (thrown.code === "GUEST_EXIT" && typeof thrown.details["status"] === "number") {
      return done(thrown.details["status"]);
    }
    const { code, message, details, kind, retryable, cause, guestStack } = thrown;
    const stderr = new TextDecoder().decode(stdio.written("stderr").subarray(-shownBytes));
    const more = guestStack === undefined ? {} : { guestStack };
    throw new WeftError(code, message, { details: { ...details, stderr }, kind, retryable, cause, ...more });
  }
}

/** What a guest said last, before it failed: enough for a panic's message. */
const shownBytes = 2_048;
