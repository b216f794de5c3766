import type { HeaderPairs } from "../../core/http.ts";
import type { ByteSource } from "../io/byte-reader.ts";
import type { Readiness } from "../io/pollable.ts";
import { Wakers } from "../io/wakers.ts";
import { HttpError, toHttpError } from "./error-code.ts";
import { Fields } from "./fields.ts";
import type { ReceivedContent } from "./incoming-body.ts";
import { defaultTimeoutMs } from "./limits.ts";
import type { HttpScope } from "./scope.ts";
import { startTimer } from "./timer.ts";

/** Where the body of a request comes from that did not arrive on a socket of this thread. */
export interface RequestSource {
  /** The next part; undefined at the end. @throws WeftError. */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** What came after the body, once it has ended. */
  trailers(): HeaderPairs;
}

/**
 * The body of a request, part by part as it is read. What is there already is read without a wait. A rest that nobody
 * wants is skipped, because the answer goes by the same connection.
 */
export class RequestContent implements ReceivedContent, Disposable {
  readonly source: ByteSource = { waits: true, read: (limit) => this.#read(limit) };
  readonly ended: Readiness = {
    isReady: () => {
      this.release();
      return this.#isOver;
    },
    onReady: (wake) => this.#wakers.add(wake),
  };
  readonly #from: RequestSource;
  readonly #wakers = new Wakers();
  /** Of the last part, what was not taken yet. */
  #rest: Uint8Array | undefined;
  #hasEnded = false;
  #failure: HttpError | undefined;
  #isSkipping = false;
  #coming: { readonly part: PromiseWithResolvers<Uint8Array | undefined>; readonly timer: Disposable } | undefined;

  constructor(from: RequestSource) {
    this.#from = from;
  }

  get failure(): HttpError | undefined {
    return this.#failure;
  }

  trailers(scope: HttpScope): Fields | undefined {
    const pairs = this.#hasEnded ? this.#from.trailers() : [];
    return pairs.length === 0 ? undefined : Fields.received(scope, pairs);
  }

  release(): void {
    if (this.#isSkipping || this.#isOver) return;
    this.#isSkipping = true;
    this.#rest = undefined;
    this.#skip();
  }

  [Symbol.dispose](): void {
    if (!this.#isOver) this.#fail(new HttpError({ tag: "HTTP-response-incomplete" }));
  }

  get #isOver(): boolean {
    return this.#hasEnded || this.#failure !== undefined;
  }

  /** Reads on until all is over, or what comes must be waited for. */
  #skip(): void {
    while (!this.#isOver) {
      const part = this.#next();
      if (!(part instanceof Promise)) continue;
      part.then(
        () => this.#skip(),
        () => undefined,
      );
      return;
    }
  }

  #read(limit: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#hasEnded) return undefined;
    const part = this.#rest ?? this.#next();
    return part instanceof Promise ? part.then((late) => this.#take(late, limit)) : this.#take(part, limit);
  }

  #take(part: Uint8Array | undefined, limit: number): Uint8Array | undefined {
    this.#rest = undefined;
    if (part === undefined || part.length <= limit) return part;
    this.#rest = part.subarray(limit);
    return part.subarray(0, limit);
  }

  /** The next part. One at a time is asked for. */
  #next(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.#coming !== undefined) return this.#coming.part.promise;
    let part: Uint8Array | undefined | Promise<Uint8Array | undefined>;
    try {
      part = this.#from.read();
    } catch (thrown) {
      return Promise.reject(this.#fail(toHttpError(thrown, "response")));
    }
    if (part instanceof Promise) return this.#wait(part);
    if (part === undefined) this.#end();
    return part;
  }

  #wait(coming: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    const part = Promise.withResolvers<Uint8Array | undefined>();
    const late = (): void => void this.#fail(new HttpError({ tag: "connection-read-timeout" }));
    this.#coming = { part, timer: startTimer(defaultTimeoutMs, late) };
    coming.then(
      (arrived) => this.#arrive(arrived),
      (thrown: unknown) => void this.#fail(toHttpError(thrown, "response")),
    );
    return part.promise;
  }

  #arrive(part: Uint8Array | undefined): void {
    const coming = this.#coming;
    if (coming === undefined) return;
    this.#coming = undefined;
    coming.timer[Symbol.dispose]();
    if (part === undefined) this.#end();
    coming.part.resolve(part);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#wakers.wake();
  }

  /** It is lost, for the first reason that was given for it. */
  #fail(error: HttpError): HttpError {
    if (this.#failure !== undefined || this.#hasEnded) return this.#failure ?? error;
    this.#failure = error;
    this.#coming?.timer[Symbol.dispose]();
    this.#coming?.part.reject(error);
    this.#coming = undefined;
    this.#wakers.wake();
    return error;
  }
}
