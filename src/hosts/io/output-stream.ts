import { WeftError } from "../../core/errors.ts";
import type { InputStream } from "./input-stream.ts";
import { IoError, operationFailed, streamClosed } from "./io-error.ts";
import { alwaysReady, Pollable, type Readiness, waitForAny, type Waiter } from "./pollable.ts";

/** Where an output stream's bytes go. Without `flow`, writing is synchronous, so that printing never suspends a guest. */
export interface ByteSink {
  /** Takes the bytes whole, copying what it keeps, or throws an `IoError`. */
  write(bytes: Uint8Array): void;
  close?(): void;
  /** Of a sink that can be full: it is written no more than it has room for, and guests wait for room. */
  readonly flow?: SinkFlow;
}

/** How full a sink is. Ready when it has room, or has failed. */
export interface SinkFlow extends Readiness {
  /**
   * Bytes that it takes now.
   * @throws IoError the sink has failed.
   */
  room(): number;
  /** Whether everything written has gone on; a sink that cannot tell leaves it out. */
  isFlushed?(): boolean;
}

/** What `check-write` permits: large enough for any buffer of a standard library, small enough to zero-fill. */
export const writePermitBytes = 1 << 20;

/** The resource `output-stream` of wasi:io, over any sink of bytes. */
export class OutputStream {
  readonly #sink: ByteSink | undefined;
  readonly #waiter: Waiter;
  readonly #refused: ((bytes: Uint8Array) => void) | undefined;
  #closed = false;
  #flushing = false;

  /** Without a sink the stream is closed from the start; `refused` is then shown what was to be written. */
  constructor(sink: ByteSink | undefined, waiter: Waiter, refused?: (bytes: Uint8Array) => void) {
    this.#sink = sink;
    this.#waiter = waiter;
    this.#refused = refused;
  }

  /** How much may be written now; nothing while a flush is under way. */
  checkWrite(): bigint {
    // Who asks first would never say what it has to: that the stream is closed is told by the write itself.
    if (this.#sink === undefined && this.#refused !== undefined) return BigInt(writePermitBytes);
    return BigInt(this.#room());
  }

  write(bytes: Uint8Array): void {
    const sink = this.#open(bytes);
    const room = sink.flow === undefined ? writePermitBytes : this.#room();
    if (bytes.length > room) throw overPermit(bytes.length);
    this.#guarded(() => sink.write(bytes));
  }

  /** Writes everything, waiting for room when the sink is full, and until it has gone on. */
  blockingWriteAndFlush(bytes: Uint8Array): void | Promise<void> {
    const { flow } = this.#open(bytes);
    if (flow === undefined || bytes.length <= this.#room()) {
      this.write(bytes);
      return this.blockingFlush();
    }
    if (bytes.length > writePermitBytes) throw overPermit(bytes.length);
    return this.#writeLater(bytes, flow);
  }

  flush(): void {
    const { flow } = this.#open();
    this.#flushing = flow?.isFlushed?.() === false;
  }

  blockingFlush(): void | Promise<void> {
    this.flush();
    const { flow } = this.#open();
    return flow !== undefined && this.#flushing ? this.#flushLater(flow) : undefined;
  }

  subscribe(): Pollable {
    const flow = this.#closed ? undefined : this.#sink?.flow;
    if (flow === undefined) return new Pollable(alwaysReady, this.#waiter);
    const isReady = (): boolean => this.#closed || (flow.isReady() && (!this.#flushing || this.#isFlushed(flow)));
    return new Pollable({ isReady, onReady: (wake) => flow.onReady(wake) }, this.#waiter);
  }

  writeZeroes(length: bigint): void {
    if (length > BigInt(writePermitBytes)) throw overPermit(length);
    this.write(new Uint8Array(Number(length)));
  }

  blockingWriteZeroesAndFlush(length: bigint): void | Promise<void> {
    if (length > BigInt(writePermitBytes)) throw overPermit(length);
    return this.blockingWriteAndFlush(new Uint8Array(Number(length)));
  }

  /** Copies what the source has now and the sink has room for. */
  splice(source: InputStream, length: bigint): bigint {
    return this.#pass(source.read(this.#fitting(length)));
  }

  /** Copies at least one byte, waiting for it, and for room, if need be. */
  blockingSplice(source: InputStream, length: bigint): bigint | Promise<bigint> {
    const { flow } = this.#open();
    if (flow !== undefined && length > 0n && this.#room() === 0) return this.#spliceLater(source, length, flow);
    const bytes = source.blockingRead(this.#fitting(length));
    return bytes instanceof Promise ? bytes.then((later) => this.#pass(later)) : this.#pass(bytes);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#sink?.close?.();
  }

  async #writeLater(bytes: Uint8Array, flow: SinkFlow): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.#room());
      if (part.length === 0) await waitForAny([flow], this.#waiter);
      else this.write(part);
      at += part.length;
    }
    await this.blockingFlush();
  }

  async #flushLater(flow: SinkFlow): Promise<void> {
    const flushed: Readiness = { isReady: () => this.#isFlushed(flow), onReady: (wake) => flow.onReady(wake) };
    while (!flushed.isReady()) await waitForAny([flushed], this.#waiter);
    // A sink that failed is flushed, too.
    this.#room();
  }

  async #spliceLater(source: InputStream, length: bigint, flow: SinkFlow): Promise<bigint> {
    while (this.#room() === 0) await waitForAny([flow], this.#waiter);
    return await this.blockingSplice(source, length);
  }

  #isFlushed(flow: SinkFlow): boolean {
    if (flow.isFlushed?.() !== false) this.#flushing = false;
    return !this.#flushing;
  }

  #room(): number {
    const { flow } = this.#open();
    if (flow === undefined) return writePermitBytes;
    const room = this.#guarded(() => flow.room());
    return this.#flushing && !this.#isFlushed(flow) ? 0 : Math.min(room, writePermitBytes);
  }

  #fitting(length: bigint): bigint {
    const room = BigInt(this.#room());
    return length < room ? length : room;
  }

  #pass(bytes: Uint8Array): bigint {
    this.write(bytes);
    return BigInt(bytes.length);
  }

  /** A failure of the sink is told to the guest, and closes the stream. */
  #guarded<Result>(operation: () => Result): Result {
    try {
      return operation();
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      this.#closed = true;
      throw operationFailed(error);
    }
  }

  #open(bytes?: Uint8Array): ByteSink {
    if (this.#sink === undefined && bytes !== undefined) this.#refused?.(bytes);
    if (this.#closed || this.#sink === undefined) throw streamClosed();
    return this.#sink;
  }
}

function overPermit(length: number | bigint): WeftError {
  return new WeftError("TRAP_INVALID_VALUE", `a write of ${length} bytes, more than check-write permits`);
}
