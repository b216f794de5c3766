import { isatty } from "node:tty";
import type { StdinSource, Stdio } from "../../core/stdio.ts";
import { descriptorSink } from "./descriptor-sink.ts";

/**
 * The real standard streams for a process on a terminal host. Output goes straight to the descriptor, in order and
 * without a hop; input belongs to the control plane, which owns the descriptor's event loop.
 */
export function terminalStdio(readStdin: (limit: number) => Promise<Uint8Array | undefined>): Stdio {
  const stdin: StdinSource = { isTerminal: isatty(0), read: readStdin };
  return { stdin, stdout: descriptorSink(1), stderr: descriptorSink(2) };
}
