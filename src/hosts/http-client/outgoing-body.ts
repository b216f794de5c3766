import { OutputStream, type SinkFlow } from "../io/output-stream.ts";
import { ResultError } from "../io/result-error.ts";
import { Wakers } from "../io/wakers.ts";
import { type ErrorCode, HttpError, httpErr } from "./error-code.ts";
import type { Fields, RawFields } from "./fields.ts";
import { bodyBufferBytes } from "./limits.ts";
import type { HttpScope } from "./scope.ts";
import { trap } from "./trap.ts";

/** What carries a body away: Node's messages, and responses of an exchange. */
export interface BodyCarrier {
  /** `gone` is called when there is room for as much again. */
  write(bytes: Uint8Array, gone: () => void): unknown;
  addTrailers(trailers: [string, string][]): void;
  end(): unknown;
  flushHeaders(): void;
  destroy(error: Error): unknown;
}

type SizeCode = "HTTP-request-body-size" | "HTTP-response-body-size";

/** What is sent after a head: kept until there is a message to send it with, then passed on as fast as it goes. */
export class OutgoingContent {
  readonly #sizeCode: SizeCode;
  /** What the head promised as Content-Length. */
  readonly #promised: bigint | undefined;
  readonly #wakers = new Wakers();
  readonly flow: SinkFlow;
  #waiting: Uint8Array[] = [];
  #written = 0n;
  /** Bytes that were written and have not left. */
  #held = 0;
  #message: BodyCarrier | undefined;
  #failure: HttpError | undefined;
  #trailers: Fields | undefined;
  #isFinished = false;

  constructor(sizeCode: SizeCode, promised: bigint | undefined) {
    this.#sizeCode = sizeCode;
    this.#promised = promised;
    this.flow = {
      room: () => {
        if (this.#failure !== undefined) throw this.#failure;
        return Math.max(0, bodyBufferBytes - this.#held);
      },
      isReady: () => this.#failure !== undefined || this.#held < bodyBufferBytes,
      onReady: (wake) => this.#wakers.add(wake),
    };
  }

  /** How the head says where the body ends. */
  get framing(): RawFields {
    if (this.#promised !== undefined) return ["Content-Length", String(this.#promised)];
    if (this.#isFinished && this.#trailers === undefined) return ["Content-Length", String(this.#written)];
    return ["Transfer-Encoding", "chunked"];
  }

  get isEmpty(): boolean {
    return this.#isFinished && this.#written === 0n && this.#trailers === undefined;
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  get failure(): HttpError | undefined {
    return this.#failure;
  }

  write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#written += BigInt(bytes.length);
    if (this.#promised !== undefined && this.#written > this.#promised) {
      this.fail(
        new HttpError({ tag: this.#sizeCode, val: this.#written }, "the body is longer than its Content-Length"),
      );
      throw this.#failure ?? new Error("a failure was forgotten");
    }
    this.#held += bytes.length;
    // A copy, because guests may use their buffer again.
    const own = new Uint8Array(bytes);
    if (this.#message === undefined) this.#waiting.push(own);
    else this.#send(this.#message, own);
  }

  /** The end. @throws ResultError when it is not as long as was promised, which fails it. */
  finish(trailers: Fields | undefined): void {
    if (this.#failure !== undefined) throw httpErr(this.#failure.errorCode);
    if (this.#promised !== undefined && this.#written !== this.#promised) {
      const code: ErrorCode = { tag: this.#sizeCode, val: this.#written };
      this.fail(new HttpError(code, "the body is shorter than its Content-Length"));
      throw httpErr(code);
    }
    this.#isFinished = true;
    this.#trailers = trailers;
    if (this.#message !== undefined) this.#end(this.#message);
  }

  /** Sends all of it with a message whose head is written. */
  attach(message: BodyCarrier): void {
    this.#message = message;
    for (const bytes of this.#waiting) this.#send(message, bytes);
    this.#waiting = [];
    if (this.#isFinished) this.#end(message);
    else message.flushHeaders();
  }

  /** Nothing more is sent: the other side hears that the message broke off. */
  fail(error: HttpError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#waiting = [];
    if (!this.#isFinished) this.#message?.destroy(error);
    this.#wakers.wake();
  }

  #send(message: BodyCarrier, bytes: Uint8Array): void {
    message.write(bytes, () => {
      this.#held -= bytes.length;
      this.#wakers.wake();
    });
  }

  #end(message: BodyCarrier): void {
    const raw = this.#trailers?.raw() ?? [];
    const pairs = raw.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""]] : []));
    if (pairs.length > 0) message.addTrailers(pairs);
    this.#trailers?.[Symbol.dispose]();
    message.end();
  }
}

/** The resource `outgoing-body` of wasi:http. Dropped before it was finished, it fails its message. */
export class OutgoingBody implements Disposable {
  readonly #content: OutgoingContent;
  readonly #scope: HttpScope;
  #stream: "not taken" | "in use" | "dropped" = "not taken";
  #isOver = false;

  constructor(content: OutgoingContent, scope: HttpScope) {
    this.#content = content;
    this.#scope = scope;
  }

  write(): OutputStream {
    if (this.#stream !== "not taken") throw new ResultError(undefined);
    this.#stream = "in use";
    const content = this.#content;
    const sink = {
      flow: content.flow,
      write: (bytes: Uint8Array) => content.write(bytes),
      close: () => void (this.#stream = "dropped"),
    };
    return new OutputStream(sink, this.#scope.instance);
  }

  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    body.#checkChild();
    body.#isOver = true;
    trailers?.freeze();
    body.#content.finish(trailers);
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#content.fail(
      new HttpError({ tag: "internal-error", val: "the body was dropped before it was finished" }, "unfinished body"),
    );
  }

  #checkChild(): void {
    if (this.#stream === "in use") trap("an outgoing-body was finished before its stream was dropped");
  }
}
