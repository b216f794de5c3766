import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import type { StdinSource, Stdio, StdoutSink } from "../../core/stdio.ts";

/** How long to let a full pipe drain before trying again, in milliseconds. */
const fullPipePauseMs = 1;

/**
 * The real standard streams for a process on a terminal host. Output goes straight to the descriptor, in order and
 * without a hop; input belongs to the control plane, which owns the descriptor's event loop.
 */
export function terminalStdio(readStdin: (limit: number) => Promise<Uint8Array | undefined>): Stdio {
  const stdin: StdinSource = { isTerminal: isatty(0), read: readStdin };
  return { stdin, stdout: descriptorSink(1), stderr: descriptorSink(2) };
}

function descriptorSink(descriptor: number): StdoutSink {
  return {
    isTerminal: isatty(descriptor),
    write(bytes) {
      for (let at = 0; at < bytes.length;) at += writeSome(descriptor, bytes.subarray(at));
    },
  };
}

/** A pipe in non-blocking mode refuses a write while it is full: wait for its reader, as a blocking write would. */
function writeSome(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    Atomics.wait(pauseCell, 0, 0, fullPipePauseMs);
    return 0;
  }
}

const pauseCell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
