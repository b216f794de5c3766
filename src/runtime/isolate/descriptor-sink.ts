import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import type { StdoutFlow, StdoutSink } from "../../core/stdio.ts";

/** How long to let a full pipe drain before trying again, in milliseconds. */
const fullPipePauseMs = 1;

/** What is kept for a full pipe while its guest waits: as much as the pipe itself holds on Linux. */
export const keptBytes = 64 << 10;

/** A descriptor of this process as a guest's output. One that is a pipe can be full: it has a flow. */
export function descriptorSink(descriptor: number): StdoutSink {
  const isTerminal = isatty(descriptor);
  const pipe = isTerminal ? undefined : openPipe(descriptor);
  if (pipe !== undefined) return pipeSink(pipe);
  return { isTerminal, write: (bytes) => writeAll(descriptor, bytes) };
}

/**
 * A pipe opened once more in non-blocking mode, which is that description's alone: the mode of the one that this process
 * was started with belongs to others, too. Undefined for what is no pipe, or where there is no `/proc`.
 */
function openPipe(descriptor: number): number | undefined {
  try {
    if (!fstatSync(descriptor).isFIFO()) return undefined;
    return pipes.get(descriptor) ?? remember(descriptor);
  } catch {
    return undefined;
  }
}

/** Descriptors of the process are as old as it is: each is opened once. */
const pipes = new Map<number, number>();

function remember(descriptor: number): number {
  const opened = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  pipes.set(descriptor, opened);
  return opened;
}

/** A pipe, open in non-blocking mode, as an output. */
export function pipeSink(descriptor: number): StdoutSink & { readonly flow: StdoutFlow } {
  return new PipeSink(descriptor);
}

/** A pipe that is written as far as it takes, and tried again while somebody waits for it. */
class PipeSink implements StdoutSink {
  readonly isTerminal = false;
  readonly flow: StdoutFlow;
  readonly #descriptor: number;
  #kept: Uint8Array = new Uint8Array(0);
  #failure: unknown;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.flow = {
      room: () => {
        this.#push();
        if (this.#failure !== undefined) throw this.#failure;
        return keptBytes - this.#kept.length;
      },
      write: (bytes) => {
        this.#kept = Buffer.concat([this.#kept, bytes]);
        this.#push();
      },
      isFlushed: () => {
        this.#push();
        return this.#kept.length === 0;
      },
      onReady(wake) {
        const timer = setInterval(wake, fullPipePauseMs);
        return { [Symbol.dispose]: () => clearInterval(timer) };
      },
      flush: () => this.write(new Uint8Array(0)),
    };
  }

  write(bytes: Uint8Array): void {
    const kept = this.#kept;
    this.#kept = new Uint8Array(0);
    writeAll(this.#descriptor, kept);
    writeAll(this.#descriptor, bytes);
  }

  /** Lets as much leave as can. A pipe that broke keeps nothing. */
  #push(): void {
    try {
      while (this.#kept.length > 0) {
        const written = writeSome(this.#descriptor, this.#kept);
        if (written === 0) return;
        this.#kept = this.#kept.subarray(written);
      }
    } catch (error) {
      this.#failure = error;
      this.#kept = new Uint8Array(0);
    }
  }
}

/** Writes everything, holding the thread while the descriptor takes nothing. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const written = writeSome(descriptor, bytes.subarray(at));
    if (written === 0) Atomics.wait(pauseCell, 0, 0, fullPipePauseMs);
    at += written;
  }
}

/** A pipe in non-blocking mode refuses a write while it is full. */
function writeSome(descriptor: number, bytes: Uint8Array): number {
  if (bytes.length === 0) return 0;
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    return 0;
  }
}

const pauseCell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
