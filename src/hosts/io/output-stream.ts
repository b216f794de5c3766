import { WeftError } from "../../core/errors.ts";
import type { InputStream } from "./input-stream.ts";
import { IoError, operationFailed, streamClosed } from "./io-error.ts";
import { alwaysReady, Pollable, type Waiter } from "./pollable.ts";

/** Where an output stream's bytes go. Writing is synchronous, so that printing never suspends a guest. */
export interface ByteSink {
  /** Takes the bytes whole, or throws an `IoError`. */
  write(bytes: Uint8Array): void;
  close?(): void;
}

/** What `check-write` permits: large enough for any buffer of a standard library, small enough to zero-fill. */
export const writePermitBytes = 1 << 20;

/** The resource `output-stream` of wasi:io, over any sink of bytes. */
export class OutputStream {
  readonly #sink: ByteSink | undefined;
  readonly #waiter: Waiter;
  #closed = false;

  /** Without a sink the stream is closed from the start. */
  constructor(sink: ByteSink | undefined, waiter: Waiter) {
    this.#sink = sink;
    this.#waiter = waiter;
  }

  checkWrite(): bigint {
    this.#open();
    return BigInt(writePermitBytes);
  }

  write(bytes: Uint8Array): void {
    const sink = this.#open();
    if (bytes.length > writePermitBytes) throw overPermit(bytes.length);
    try {
      sink.write(bytes);
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      this.#closed = true;
      throw operationFailed(error);
    }
  }

  blockingWriteAndFlush(bytes: Uint8Array): void {
    this.write(bytes);
  }

  flush(): void {
    this.#open();
  }

  blockingFlush(): void {
    this.#open();
  }

  subscribe(): Pollable {
    return new Pollable(alwaysReady, this.#waiter);
  }

  writeZeroes(length: bigint): void {
    if (length > BigInt(writePermitBytes)) throw overPermit(length);
    this.write(new Uint8Array(Number(length)));
  }

  blockingWriteZeroesAndFlush(length: bigint): void {
    this.writeZeroes(length);
  }

  /** Copies what the source has now. */
  splice(source: InputStream, length: bigint): bigint {
    this.#open();
    return this.#pass(source.read(length));
  }

  /** Copies at least one byte, waiting for it if need be. */
  blockingSplice(source: InputStream, length: bigint): bigint | Promise<bigint> {
    this.#open();
    const bytes = source.blockingRead(length);
    return bytes instanceof Promise ? bytes.then((later) => this.#pass(later)) : this.#pass(bytes);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#sink?.close?.();
  }

  #pass(bytes: Uint8Array): bigint {
    this.write(bytes);
    return BigInt(bytes.length);
  }

  #open(): ByteSink {
    if (this.#closed || this.#sink === undefined) throw streamClosed();
    return this.#sink;
  }
}

function overPermit(length: number | bigint): WeftError {
  return new WeftError("TRAP_INVALID_VALUE", `a write of ${length} bytes, more than check-write permits`);
}
