import { Readable } from "node:stream";
import { WeftError } from "../../core/errors.ts";
import type { HeaderPairs } from "../../core/http.ts";
import type { ReceivedRequest } from "./server.ts";

/** Where a request comes from that did not arrive on a socket of this thread. */
export interface RequestSource {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: HeaderPairs;
  /** The next part of the body; undefined at its end. @throws WeftError. */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** What came after the body, once it has ended. */
  trailers(): HeaderPairs;
}

/** Makes a message of a request: its body is asked for as fast as it is read. */
export function receivedRequest(source: RequestSource): ReceivedRequest & Disposable {
  return new SourceMessage(source);
}

class SourceMessage extends Readable implements ReceivedRequest, Disposable {
  readonly #source: RequestSource;
  complete = false;

  constructor(source: RequestSource) {
    // One part at a time: more would be read than the guest asks for.
    super({ highWaterMark: 1 });
    this.#source = source;
  }

  get method(): string {
    return this.#source.method;
  }

  get url(): string {
    return this.#source.target;
  }

  get rawHeaders(): HeaderPairs {
    return this.#source.headers;
  }

  get rawTrailers(): HeaderPairs {
    return this.complete ? this.#source.trailers() : [];
  }

  override _read(): void {
    try {
      const part = this.#source.read();
      if (!(part instanceof Promise)) return this.#take(part);
      part.then(
        (late) => this.#take(late),
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #take(part: Uint8Array | undefined): void {
    if (this.destroyed) return;
    if (part === undefined) this.complete = true;
    this.push(part ?? null);
  }

  #fail(error: unknown): void {
    this.destroy(error instanceof Error ? error : new WeftError("INTERNAL", String(error)));
  }
}
