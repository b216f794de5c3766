import { canceled, type Cancellation } from "../../core/cancellation.ts";
import { WeftError } from "../../core/errors.ts";
import type { HeaderPairs } from "../../core/http.ts";
import { headerOf } from "./headers.ts";
import { serverWindowBytes, type HttpReply, type ResponseHead } from "./protocol.ts";

/** The rest of a request's body, read as it is asked for. */
export interface BodySource {
  /** The next part; undefined at its end. @throws WeftError. */
  read(): Promise<Uint8Array | undefined>;
  /** What came after it, once it has ended. */
  trailers?(): HeaderPairs;
}

/** What a request came to: complete, or its body to be read. */
export interface HttpAnswer {
  readonly head: ResponseHead;
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** What follows a body that is read; known when it ends. Rejects when it never does: the connection is to be cut. */
  readonly trailers?: Promise<HeaderPairs>;
}

/** Who hears what a request came to: one of the two, once. */
export interface AnswerListener {
  readonly answered: (answer: HttpAnswer) => void;
  /** Nothing was sent yet. */
  readonly failed: (error: unknown) => void;
}

/** What the server's half of one exchange is made of. */
export interface ServerExchangeParts {
  readonly body: BodySource | undefined;
  /** The response goes without its body. */
  readonly isHead: boolean;
  readonly cancellation: Cancellation;
  readonly listener: AnswerListener;
}

/** One exchange in the server: the request's body on its way in, the response on its way out. */
export class ServerExchange {
  readonly #parts: ServerExchangeParts;
  #isAnswered = false;
  /** Of a body that goes out in parts. */
  #trailers: PromiseWithResolvers<HeaderPairs> | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #isOver = false;
  /** The request's body was larger than the server takes. */
  #refused: WeftError | undefined;
  /** Bytes of the body that are still to come, when the program said how many there are. */
  #owed: number | undefined;

  constructor(parts: ServerExchangeParts) {
    this.#parts = parts;
  }

  /** The next part of the request's body; at its end its trailers, null without any. */
  async read(): Promise<Uint8Array | HeaderPairs | null> {
    const { body } = this.#parts;
    const part = await body?.read().catch((error: unknown) => this.#unread(error));
    if (part !== undefined) return part;
    const trailers = body?.trailers?.() ?? [];
    return trailers.length === 0 ? null : trailers;
  }

  /** Begins the response. Resolves when there is room for more of it. */
  begin(head: ResponseHead, first: Uint8Array | null): true | Promise<true> {
    if (this.#controller !== undefined) throw new WeftError("HEADERS_SENT", "the response was begun before");
    if (this.#refused !== undefined && head.status < 400) throw this.#refused;
    const length = this.#parts.isHead ? undefined : headerOf(head.headers, "content-length");
    this.#owed = length === undefined ? undefined : Number(length);
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#makeRoom(),
        cancel: () => {
          this.#isOver = true;
          this.#parts.cancellation.cancel(canceled("the client is gone"));
          this.#makeRoom();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: serverWindowBytes }),
    );
    this.#trailers = Promise.withResolvers();
    this.#trailers.promise.catch(() => undefined);
    this.#answer({ head, body, trailers: this.#trailers.promise });
    return this.write(first ?? new Uint8Array(0));
  }

  /** Sends more. Resolves when there is room again. @throws WeftError `CALL_CANCELED` when nobody reads it. */
  write(bytes: Uint8Array): true | Promise<true> {
    if (this.#controller === undefined) throw new Error("a response was written that was not begun");
    if (this.#isOver) throw canceled("the client is gone");
    this.#count(bytes.length);
    if (bytes.length > 0) this.#controller.enqueue(bytes);
    if ((this.#controller.desiredSize ?? 0) > 0) return true;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise.then(() => {
      if (this.#isOver) throw canceled("the client is gone");
      return true;
    });
  }

  /** The call ended well. */
  end(reply: HttpReply<Uint8Array<ArrayBuffer>>): void {
    if (reply.length === 4) {
      const [status, headers, body, trailers] = reply;
      if (this.#refused !== undefined && status < 400) return this.fail(this.#refused);
      const head = { status, headers };
      if (trailers.length === 0) return this.#answer({ head, body });
      // Only a body in parts has room for them.
      void this.begin(head, typeof body === "string" ? Buffer.from(body) : body);
      return this.#endParts(trailers);
    }
    if (this.#refused !== undefined && !this.#isOver) return this.fail(this.#refused);
    if (this.#owed !== undefined && this.#owed > 0 && !this.#isOver) {
      return this.fail(new WeftError("INVALID_ARGUMENT", `the response ended ${this.#owed} bytes before its length`));
    }
    return this.#endParts(reply[0]);
  }

  #endParts(trailers: HeaderPairs): void {
    // In this order: whoever reads the end of the body sends the trailers.
    this.#trailers?.resolve(trailers);
    if (!this.#isOver) this.#controller?.close();
    this.#isOver = true;
    this.#makeRoom();
  }

  /** The call failed: what was begun does not end, so that nobody takes it for whole. */
  fail(cause: unknown): void {
    const error = this.#refused ?? cause;
    this.#trailers?.reject(error);
    this.#isOver = true;
    this.#makeRoom();
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#parts.listener.failed(error);
  }

  #answer(answer: HttpAnswer): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#parts.listener.answered(answer);
  }

  /** A program may overlook that its body broke off; the client must not take its answer for one to all of it. */
  #unread(error: unknown): never {
    if (error instanceof WeftError && error.code === "BODY_TOO_LARGE") this.#refused ??= error;
    throw error;
  }

  /** More than was said would be taken for the next response. */
  #count(bytes: number): void {
    if (this.#owed === undefined) return;
    if (bytes > this.#owed) {
      throw new WeftError("INVALID_ARGUMENT", "the response's body is longer than its content-length");
    }
    this.#owed -= bytes;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
