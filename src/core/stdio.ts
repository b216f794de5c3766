/**
 * A guest's standard streams. Reading may wait; writing is synchronous, so that a plain program never suspends to print,
 * and a guest that can suspend may wait for room first. `undefined` means closed: reads find the end, writes fail.
 */
export interface Stdio {
  readonly stdin: StdinSource | undefined;
  readonly stdout: StdoutSink | undefined;
  readonly stderr: StdoutSink | undefined;
}

export interface StdinSource {
  /** At least one byte, at most `limit`; undefined at the end of the input. */
  read(limit: number): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  readonly isTerminal: boolean;
}

export interface StdoutSink {
  /** Takes the bytes whole before it returns, if need be by holding the thread; the caller may reuse the buffer afterwards. */
  write(bytes: Uint8Array): void;
  readonly isTerminal: boolean;
  /** Of a sink that can be full, such as a pipe: with it guests wait without holding the thread. */
  readonly flow?: StdoutFlow | undefined;
}

/** How full an output is. */
export interface StdoutFlow {
  /**
   * Bytes that it takes now without waiting.
   * @throws Error of the operating system, from when it has failed on.
   */
  room(): number;
  /** Takes bytes for which there is room; they leave in time, at the latest with `flush`. */
  write(bytes: Uint8Array): void;
  /** Whether everything written has left, or never will. */
  isFlushed(): boolean;
  /** Calls `wake` whenever there may be more room. */
  onReady(wake: () => void): Disposable;
  /** Lets everything leave before it returns. */
  flush(): void;
}

/** All three streams closed: what a function called by id sees. */
export const closedStdio: Stdio = { stdin: undefined, stdout: undefined, stderr: undefined };

/** The same streams for a guest that cannot suspend when it writes. */
export function blockingOutput(stdio: Stdio): Stdio {
  const blocking = (sink: StdoutSink | undefined): StdoutSink | undefined =>
    sink && { isTerminal: sink.isTerminal, write: (bytes) => sink.write(bytes) };
  const { stdin, stdout, stderr } = stdio;
  if (stdout?.flow === undefined && stderr?.flow === undefined) return stdio;
  return { stdin, stdout: blocking(stdout), stderr: blocking(stderr) };
}
