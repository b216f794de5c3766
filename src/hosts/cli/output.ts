import { WeftError } from "../../core/errors.ts";
import type { StdoutFlow, StdoutSink } from "../../core/stdio.ts";
import type { InstanceContext } from "../context.ts";
import type { Readiness } from "../io/pollable.ts";

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
  const count: Count = (bytes, write) => {
    const fitting = bytes.length <= left ? bytes : bytes.subarray(0, left);
    left -= fitting.length;
    instance.usage?.countOutput(fitting.length);
    write(fitting);
    if (fitting.length < bytes.length) {
      throw new WeftError("OUTPUT_EXCEEDED", `${instance.id} wrote more than its limit of ${limit} bytes`, {
        details: { limit: limit ?? null },
      });
    }
  };
  const counted = (sink: StdoutSink | undefined): StdoutSink | undefined =>
    sink && {
      isTerminal: sink.isTerminal,
      write: (bytes) => count(bytes, (fitting) => sink.write(fitting)),
      flow: countedFlow(sink.flow, count),
    };
  return { stdout: counted(stdout), stderr: counted(stderr) };
}

/** Writes as much as the limit allows. */
type Count = (bytes: Uint8Array, write: (fitting: Uint8Array) => void) => void;

function countedFlow(flow: StdoutFlow | undefined, count: Count): StdoutFlow | undefined {
  return (
    flow && {
      room: () => flow.room(),
      write: (bytes) => count(bytes, (fitting) => flow.write(fitting)),
      isFlushed: () => flow.isFlushed(),
      onReady: (wake) => flow.onReady(wake),
      flush: () => flow.flush(),
    }
  );
}

/** When an instance ends, what it printed must not be lost; a reader that has gone does not miss it. */
export function flushOutput({ stdio }: InstanceContext): void {
  for (const sink of [stdio.stdout, stdio.stderr]) {
    try {
      sink?.flow?.flush();
    } catch (error) {
      if (!(error instanceof Error && "syscall" in error)) throw error;
    }
  }
}

/** An output that can be full, as guests wait for it: one that has failed is ready, too, to say so. */
export function readiness(flow: StdoutFlow): Readiness {
  const isReady = (): boolean => {
    try {
      return flow.room() > 0;
    } catch {
      return true;
    }
  };
  return { isReady, onReady: (wake) => flow.onReady(wake) };
}
