/**
 * A guest's standard streams. Reading may wait; writing is synchronous, so that a plain program never suspends to print.
 * `undefined` means closed: reads find the end, writes fail.
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
  /** Takes the bytes whole before it returns; the caller may reuse the buffer afterwards. */
  write(bytes: Uint8Array): void;
  readonly isTerminal: boolean;
}

/** All three streams closed: what a function called by id sees. */
export const closedStdio: Stdio = { stdin: undefined, stdout: undefined, stderr: undefined };
