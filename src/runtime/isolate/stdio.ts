import { isatty } from "node:tty";
import type { LogFields, Log } from "../../core/log.ts";
import { closedStdio, type StdinSource, type Stdio, type StdoutSink } from "../../core/stdio.ts";
import { descriptorSink } from "./descriptor-sink.ts";

/**
 * The real standard streams for a process on a terminal host. Output goes straight to the descriptor, in order and
 * without a hop; input belongs to the control plane, which owns the descriptor's event loop.
 */
export function terminalStdio(readStdin: (limit: number) => Promise<Uint8Array | undefined>): Stdio {
  const stdin: StdinSource = { isTerminal: isatty(0), read: readStdin };
  return { stdin, stdout: descriptorSink(1), stderr: descriptorSink(2) };
}

/** Longer writes are cut in the log: what is meant to be read by programs does not go there. */
const loggedBytes = 8_192;

/** Streams of a function whose output goes to the log: a line for each write. */
export function loggedStdio(log: Log, fields: LogFields): Stdio {
  const sink = (stream: string): StdoutSink => ({
    isTerminal: false,
    write: (bytes) => {
      const text = new TextDecoder().decode(bytes.subarray(0, loggedBytes)).trimEnd();
      if (text !== "") log.info(text, { ...fields, stream });
    },
  });
  return { ...closedStdio, stdout: sink("stdout"), stderr: sink("stderr") };
}

/** Streams in memory, for a command that is called like a function. */
export class CapturedStdio implements Stdio {
  readonly stdin: StdinSource;
  readonly stdout: StdoutSink;
  readonly stderr: StdoutSink;
  readonly #written = { stdout: new Array<Uint8Array>(), stderr: new Array<Uint8Array>() };

  constructor(input: Uint8Array) {
    let left = input;
    const read = (limit: number): Uint8Array | undefined => {
      if (left.length === 0) return undefined;
      const piece = left.subarray(0, limit);
      left = left.subarray(piece.length);
      return piece;
    };
    this.stdin = { isTerminal: false, read };
    const sink = (name: "stdout" | "stderr"): StdoutSink => ({
      isTerminal: false,
      write: (bytes) => void this.#written[name].push(bytes.slice()),
    });
    this.stdout = sink("stdout");
    this.stderr = sink("stderr");
  }

  /** What was written to a stream so far. */
  written(stream: "stdout" | "stderr"): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#written[stream]));
  }
}
