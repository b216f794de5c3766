import { IoError } from "./io-error.ts";
import type { Readiness } from "./pollable.ts";
import { Wakers } from "./wakers.ts";

/** Where an input stream's bytes come from: at least one byte, at most `limit`, or undefined at the end. */
export type ByteSource =
  /** Answers at once, as a file does. */
  | { readonly waits: false; read(limit: number): Uint8Array | undefined; close?(): void }
  /** May have to wait, as a terminal does. */
  | {
      readonly waits: true;
      read(limit: number): Uint8Array | undefined | Promise<Uint8Array | undefined>;
      close?(): void;
    };

/** A source that is at its end. */
export const emptySource: ByteSource = { waits: false, read: () => undefined };

/** A guest that only asks whether there is input must not pull in more than a screenful of it. */
const lookAheadBytes = 4096;
const noBytes = new Uint8Array(0);

/** Turns a source that may wait into one that can be asked what is there now. Streams of one source share a reader. */
export class ByteReader implements Readiness {
  readonly #source: ByteSource;
  #buffer: Uint8Array = noBytes;
  #fetching = false;
  #ended = false;
  #failure: unknown;
  readonly #wakers = new Wakers();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * What is there now: no bytes when the caller must wait, undefined at the end.
   * @throws IoError the source failed.
   */
  take(limit: number): Uint8Array | undefined {
    if (!this.#source.waits) return this.#source.read(limit);
    this.#fetch(limit);
    if (this.#buffer.length > 0) {
      const bytes = this.#buffer.subarray(0, limit);
      this.#buffer = this.#buffer.subarray(bytes.length);
      return bytes;
    }
    if (this.#failure !== undefined) throw this.#failure;
    return this.#ended ? undefined : noBytes;
  }

  /** What there is without fetching; of a source that never waits nobody knows. */
  pending(): { readonly bytes: number; readonly ended: boolean } {
    if (!this.#source.waits) return { bytes: 1, ended: false };
    return { bytes: this.#buffer.length, ended: this.#ended && this.#buffer.length === 0 };
  }

  isReady(): boolean {
    this.#fetch(lookAheadBytes);
    return !this.#source.waits || this.#buffer.length > 0 || this.#ended;
  }

  onReady(wake: () => void): Disposable {
    return this.#wakers.add(wake);
  }

  close(): void {
    this.#source.close?.();
  }

  #fetch(limit: number): void {
    if (!this.#source.waits || this.#fetching || this.#ended || this.#buffer.length > 0) return;
    const bytes = this.#source.read(limit);
    if (!(bytes instanceof Promise)) {
      this.#accept(bytes);
      return;
    }
    this.#fetching = true;
    bytes.then(
      (arrived) => this.#settle(() => this.#accept(arrived)),
      (error: unknown) => this.#settle(() => this.#fail(error)),
    );
  }

  #settle(change: () => void): void {
    this.#fetching = false;
    change();
    this.#wakers.wake();
  }

  #accept(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.#ended = true;
    else this.#buffer = bytes;
  }

  #fail(error: unknown): void {
    this.#ended = true;
    this.#failure = error instanceof IoError || !(error instanceof Error) ? error : new IoError(error.message);
  }
}
