import { ByteReader, type ByteSource } from "./byte-reader.ts";
import { IoError, operationFailed, streamClosed } from "./io-error.ts";
import { Pollable, waitForAny, type Waiter } from "./pollable.ts";

/** One read never allocates more than this, whatever the guest asks for; it gets the rest with its next read. */
export const readLimitBytes = 1 << 20;

/** The resource `input-stream` of wasi:io, over any source of bytes. */
export class InputStream {
  readonly #reader: ByteReader;
  readonly #waiter: Waiter;
  readonly #ownsReader: boolean;
  #closed = false;

  /** Closes a source of its own when dropped, but not a reader that it shares with other streams. */
  constructor(input: ByteSource | ByteReader, waiter: Waiter) {
    this.#ownsReader = !(input instanceof ByteReader);
    this.#reader = input instanceof ByteReader ? input : new ByteReader(input);
    this.#waiter = waiter;
  }

  /** What is there now, perhaps nothing. */
  read(length: bigint): Uint8Array {
    if (this.#closed) throw streamClosed();
    const limit = Number(length < BigInt(readLimitBytes) ? length : BigInt(readLimitBytes));
    if (limit === 0) return new Uint8Array(0);
    const bytes = this.#take(limit);
    if (bytes !== undefined) return bytes;
    this.#closed = true;
    throw streamClosed();
  }

  /** At least one byte, waiting for it if need be. */
  blockingRead(length: bigint): Uint8Array | Promise<Uint8Array> {
    const bytes = this.read(length);
    return bytes.length > 0 || length === 0n ? bytes : this.#readLater(length);
  }

  skip(length: bigint): bigint {
    return BigInt(this.read(length).length);
  }

  blockingSkip(length: bigint): bigint | Promise<bigint> {
    const bytes = this.blockingRead(length);
    return bytes instanceof Promise ? bytes.then((later) => BigInt(later.length)) : BigInt(bytes.length);
  }

  subscribe(): Pollable {
    return new Pollable(this.#reader, this.#waiter);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    if (this.#ownsReader) this.#reader.close();
  }

  async #readLater(length: bigint): Promise<Uint8Array> {
    for (;;) {
      await waitForAny([this.#reader], this.#waiter);
      const bytes = this.read(length);
      if (bytes.length > 0) return bytes;
    }
  }

  #take(limit: number): Uint8Array | undefined {
    try {
      return this.#reader.take(limit);
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      this.#closed = true;
      throw operationFailed(error);
    }
  }
}
