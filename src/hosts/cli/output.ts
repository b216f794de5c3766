import { WeftError } from "../../core/errors.ts";
import type { StdoutSink } from "../../core/stdio.ts";
import type { InstanceContext } from "../context.ts";

/** An instance's output streams; writing past `limits.outputBytes` ends the call. */
export interface Output {
  readonly stdout: StdoutSink | undefined;
  readonly stderr: StdoutSink | undefined;
}

/** The instance's streams, stdout and stderr counted together. Without a limit they are the streams themselves. */
export function limitedOutput(instance: InstanceContext): Output {
  const { stdout, stderr } = instance.stdio;
  const limit = instance.limits.outputBytes;
  if (limit === undefined && instance.usage === undefined) return { stdout, stderr };
  let left = limit ?? Infinity;
  const counted = (sink: StdoutSink | undefined): StdoutSink | undefined =>
    sink && {
      isTerminal: sink.isTerminal,
      write(bytes) {
        const fitting = bytes.length <= left ? bytes : bytes.subarray(0, left);
        left -= fitting.length;
        instance.usage?.countOutput(fitting.length);
        sink.write(fitting);
        if (fitting.length < bytes.length) {
          throw new WeftError("OUTPUT_EXCEEDED", `${instance.id} wrote more than its limit of ${limit} bytes`, {
            details: { limit: limit ?? null },
          });
        }
      },
    };
  return { stdout: counted(stdout), stderr: counted(stderr) };
}
