import { wasi } from "@bjorn3/browser_wasi_shim";
import type { StdoutSink } from "../../core/stdio.ts";
import type { InstanceContext } from "../context.ts";
import { ByteReader, emptySource } from "../io/byte-reader.ts";
import { fdstat, HostFilestat } from "../io/filestat.ts";
import { type FdOutput, HostFd } from "../io/host-fd.ts";
import { FsError } from "../io/system-errors.ts";
import { hear } from "./last-words.ts";
import { limitedOutput, readiness } from "./output.ts";

/** Descriptors 0, 1 and 2 of a preview-1 guest. */
export function standardFds(instance: InstanceContext): HostFd[] {
  const { stdin } = instance.stdio;
  const { stdout, stderr } = limitedOutput(instance);
  const reader = new ByteReader(
    stdin === undefined ? emptySource : { waits: true, read: (limit) => stdin.read(limit) },
  );
  const refused = (bytes: Uint8Array): void => hear(instance.call, bytes);
  return [new InputFd(reader, stdin?.isTerminal === true), new OutputFd(stdout), new OutputFd(stderr, refused)];
}

// A descriptor without these rights that is a character device is a terminal, says wasi-libc's isatty.
const seeking = BigInt(wasi.RIGHTS_FD_SEEK | wasi.RIGHTS_FD_TELL);

abstract class StreamFd extends HostFd {
  readonly #type: number;

  constructor(isTerminal: boolean) {
    super();
    this.#type = isTerminal ? wasi.FILETYPE_CHARACTER_DEVICE : wasi.FILETYPE_UNKNOWN;
  }

  override fd_fdstat_get() {
    return { ret: wasi.ERRNO_SUCCESS, fdstat: fdstat(this.#type, 0, seeking) };
  }

  override fd_fdstat_set_flags(): number {
    return wasi.ERRNO_SUCCESS;
  }

  override fd_filestat_get() {
    return { ret: wasi.ERRNO_SUCCESS, filestat: new HostFilestat(0n, this.#type, 0n) };
  }

  override fd_seek(): never {
    throw new FsError("invalid-seek");
  }

  override fd_tell(): never {
    throw new FsError("invalid-seek");
  }
}

class InputFd extends StreamFd {
  readonly #reader: ByteReader;

  constructor(reader: ByteReader, isTerminal: boolean) {
    super(isTerminal);
    this.#reader = reader;
  }

  override get input(): ByteReader {
    return this.#reader;
  }
}

/** Without a sink it is a closed descriptor: standard libraries take that for "nobody listens" and go on. */
class OutputFd extends StreamFd {
  readonly #sink: StdoutSink | undefined;
  readonly #output: FdOutput | undefined;
  readonly #refused: ((bytes: Uint8Array) => void) | undefined;

  constructor(sink: StdoutSink | undefined, refused?: (bytes: Uint8Array) => void) {
    super(sink?.isTerminal === true);
    this.#sink = sink;
    this.#refused = refused;
    const flow = sink?.flow;
    this.#output = flow && {
      ...readiness(flow),
      room: () => flow.room(),
      write: (bytes) => flow.write(bytes),
      isFlushed: () => flow.isFlushed(),
    };
  }

  override get output(): FdOutput | undefined {
    return this.#output;
  }

  override fd_write(bytes: Uint8Array) {
    if (this.#sink === undefined) {
      this.#refused?.(bytes);
      return { ret: wasi.ERRNO_BADF, nwritten: 0 };
    }
    this.#sink.write(bytes);
    return { ret: wasi.ERRNO_SUCCESS, nwritten: bytes.length };
  }
}
