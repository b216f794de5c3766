import type { IncomingMessage } from "node:http";
import type { ByteSource } from "../io/byte-reader.ts";
import { InputStream } from "../io/input-stream.ts";
import { Pollable, type Readiness } from "../io/pollable.ts";
import { ResultError } from "../io/result-error.ts";
import { Wakers } from "../io/wakers.ts";
import { type ErrorCode, HttpError, toHttpError } from "./error-code.ts";
import { Fields } from "./fields.ts";
import type { HttpScope } from "./scope.ts";
import { startTimer } from "./timer.ts";
import { trap } from "./trap.ts";

/** A variant `result` inside of another value. */
export type Result<Ok, Err> = { readonly tag: "ok"; readonly val: Ok } | { readonly tag: "err"; readonly val: Err };

/** What arrives after a head. */
export interface ReceivedContent {
  readonly source: ByteSource;
  /** Ready when all of it has come, or nothing more will; whoever asks gives up what was not read. */
  readonly ended: Readiness;
  /** Why it broke off, if it did. */
  readonly failure: HttpError | undefined;
  /** Those that came after the body; undefined without any. Known when it has ended. */
  trailers(scope: HttpScope): Fields | undefined;
  /** Nobody reads on. */
  release(): void;
}

/** The body of a message of Node: pulled from the network only as fast as it is read. */
export class IncomingContent implements ReceivedContent {
  readonly #message: IncomingMessage;
  readonly #betweenBytesMs: number;
  readonly #wakers = new Wakers();
  readonly source: ByteSource;
  readonly ended: Readiness;
  #failure: HttpError | undefined;
  #isDraining = false;
  #drainTimer: Disposable | undefined;

  constructor(message: IncomingMessage, betweenBytesMs: number) {
    this.#message = message;
    this.#betweenBytesMs = betweenBytesMs;
    this.source = { waits: true, read: (limit) => this.#read(limit) };
    this.ended = {
      isReady: () => {
        this.#drain();
        return this.#isOver;
      },
      onReady: (wake) => this.#onChange(wake),
    };
    message.on("readable", () => this.#changed());
    message.on("end", () => this.#changed());
    message.on("error", (error) => this.fail(toHttpError(error, "response")));
    message.on("close", () => {
      if (!message.readableEnded) this.fail(new HttpError({ tag: "HTTP-response-incomplete" }));
    });
  }

  get failure(): HttpError | undefined {
    return this.#failure;
  }

  trailers(scope: HttpScope): Fields | undefined {
    const { rawTrailers } = this.#message;
    return rawTrailers.length === 0 ? undefined : Fields.received(scope, rawTrailers);
  }

  /** The connection failed: nothing is lost when everything has come, though nobody has read it. */
  interrupt(error: HttpError): void {
    if (!this.#message.complete) this.fail(error);
  }

  fail(error: HttpError): void {
    if (this.#isOver) return;
    this.#failure = error;
    this.#message.destroy();
    this.#changed();
  }

  /** A connection whose answers are unread ends, unless everything has come already. */
  release(): void {
    this.#drainTimer?.[Symbol.dispose]();
    if (this.#isOver) return;
    const message = this.#message;
    if (message.complete) message.removeAllListeners("readable").resume();
    else message.destroy();
  }

  get #isOver(): boolean {
    return this.#failure !== undefined || this.#message.readableEnded;
  }

  #read(limit: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const bytes = this.#take(limit);
    if (bytes !== undefined) return bytes;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#message.readableEnded ? undefined : this.#readLater(limit);
  }

  async #readLater(limit: number): Promise<Uint8Array | undefined> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _change = this.#onChange(resolve);
    using _timer = this.#startTimer();
    await promise;
    return await this.#read(limit);
  }

  #take(limit: number): Uint8Array | undefined {
    const message = this.#message;
    // Reading nothing is what makes a stream that has ended say so.
    const bytes: unknown = message.read(Math.min(limit, message.readableLength) || undefined);
    return bytes instanceof Uint8Array ? bytes : undefined;
  }

  /** Whoever wants the trailers gives up the rest of the body. */
  #drain(): void {
    if (this.#isDraining || this.#isOver) return;
    this.#isDraining = true;
    this.#drainTimer = this.#startTimer();
    this.#changed();
  }

  #startTimer(): Disposable {
    return startTimer(this.#betweenBytesMs, () => this.fail(new HttpError({ tag: "connection-read-timeout" })));
  }

  #changed(): void {
    if (this.#isDraining) {
      this.#drainTimer?.[Symbol.dispose]();
      while (this.#message.read() !== null);
      this.#drainTimer = this.#isOver ? undefined : this.#startTimer();
    }
    this.#wakers.wake();
  }

  #onChange(wake: () => void): Disposable {
    return this.#wakers.add(wake);
  }
}

/** The resource `incoming-body` of wasi:http. */
export class IncomingBody implements Disposable {
  readonly #content: ReceivedContent;
  readonly #scope: HttpScope;
  #stream: "not taken" | "in use" | "dropped" = "not taken";
  #isFinished = false;

  constructor(content: ReceivedContent, scope: HttpScope) {
    this.#content = content;
    this.#scope = scope;
  }

  stream(): InputStream {
    if (this.#stream !== "not taken") throw new ResultError(undefined);
    this.#stream = "in use";
    const { source } = this.#content;
    return new InputStream({ ...source, close: () => void (this.#stream = "dropped") }, this.#scope.instance);
  }

  static finish(body: IncomingBody): FutureTrailers {
    if (body.#stream === "in use") trap("an incoming-body was finished before its stream was dropped");
    body.#isFinished = true;
    return new FutureTrailers(body.#content, body.#scope);
  }

  [Symbol.dispose](): void {
    if (!this.#isFinished) this.#content.release();
  }
}

/** The resource `future-trailers`: what comes after a body, once all of it was received or skipped. */
export class FutureTrailers implements Disposable {
  readonly #content: ReceivedContent;
  readonly #scope: HttpScope;
  #isTaken = false;

  constructor(content: ReceivedContent, scope: HttpScope) {
    this.#content = content;
    this.#scope = scope;
  }

  subscribe(): Pollable {
    return new Pollable(this.#content.ended, this.#scope.instance);
  }

  /** Undefined until they are known; a second time it is an error. */
  get(): Result<Result<Fields | undefined, ErrorCode>, undefined> | undefined {
    if (!this.#content.ended.isReady()) return undefined;
    if (this.#isTaken) return { tag: "err", val: undefined };
    this.#isTaken = true;
    const { failure } = this.#content;
    if (failure !== undefined) return { tag: "ok", val: { tag: "err", val: failure.errorCode } };
    return { tag: "ok", val: { tag: "ok", val: this.#content.trailers(this.#scope) } };
  }

  [Symbol.dispose](): void {
    this.#content.release();
  }
}
