import { WeftError } from "../../core/errors.ts";
import { quickest, type HeaderPairs, type HttpRequest } from "../../core/http.ts";
import { toJson } from "../../core/json.ts";
import type { Value } from "../../core/values.ts";
import type { ServicePort } from "../ports.ts";
import { ResponseHeaders } from "./headers.ts";
import { sendWindowBytes, type HttpAsk, type HttpReply } from "./protocol.ts";

/** Bytes of a response that are gathered before they are sent by themselves. */
const gatherBytes = 65_536;

const emptyBytes = new Uint8Array(0);

/** What an exchange needs around it. */
export interface ExchangeParts {
  readonly request: HttpRequest;
  readonly services: ServicePort;
}

/**
 * A request and its response, as the program sees them that answers: the isolate's half. What waits returns a promise,
 * what need not wait does not.
 */
export class HttpExchange {
  readonly request: HttpRequest;
  readonly headers = new ResponseHeaders();
  /** How the program sees the response, once it has asked for it. */
  face: object | undefined;
  readonly #services: ServicePort;
  #status = 200;
  #state: "new" | "written" | "sent" | "ended" = "new";
  /** The status or headers were set: an answer even without a body. */
  #isChanged = false;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #trailers: HeaderPairs = [];
  #requestTrailers: HeaderPairs = [];
  /** What was read of the body, while all of it is asked for. */
  #whole: Uint8Array | Promise<Uint8Array> | undefined;
  #isRead = false;
  #underway = 0;
  #lost: unknown;
  #room: PromiseWithResolvers<void> | undefined;
  /** The response's body, when it is what the program returned. */
  #text: string | undefined;

  constructor({ request, services }: ExchangeParts) {
    this.request = request;
    this.#services = services;
  }

  /** The status and the headers are on their way: they cannot change any more. */
  get isSent(): boolean {
    return this.#state === "sent" || this.#state === "ended";
  }

  get status(): number {
    return this.#status;
  }

  /** @throws WeftError `HEADERS_SENT`, or `INVALID_ARGUMENT` for what is no status of a response. */
  set status(status: number) {
    this.change();
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new WeftError("INVALID_ARGUMENT", `${status} is no status of a response: 200 to 599`);
    }
    this.#status = status;
  }

  /** To be asked before headers are changed. @throws WeftError `HEADERS_SENT`. */
  change(): void {
    if (this.isSent) throw new WeftError("HEADERS_SENT", "the headers of the response were sent already");
    this.#isChanged = true;
  }

  /**
   * The next part of the body, as it comes; undefined at its end. With `body`, a body is read once.
   * @throws WeftError `BODY_TOO_LARGE`, and `CALL_CANCELED` when the client is gone.
   */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const { body } = this.request;
    if (this.#isRead || body === undefined) return undefined;
    if (body !== "stream") {
      this.#isRead = true;
      return body.length === 0 ? undefined : body;
    }
    return this.#ask({ do: "read", exchange: this.request.exchange }).then((part) => {
      if (part instanceof Uint8Array) return part;
      this.#isRead = true;
      if (Array.isArray(part)) this.#requestTrailers = part.map(String);
      return undefined;
    });
  }

  /** What came after the request's body, once all of it was read. */
  get requestTrailers(): HeaderPairs {
    return this.#requestTrailers;
  }

  /** The whole body, however often it is asked for. @throws WeftError as `read`, and for more than `maxBytes`. */
  body(maxBytes: number): Uint8Array | Promise<Uint8Array> {
    const known = this.#whole;
    if (known !== undefined) return known;
    const { body, bodyBytes = 0 } = this.request;
    if (bodyBytes > maxBytes) throw tooLarge(maxBytes);
    if (body !== "stream") return (this.#whole = this.#isRead || body === undefined ? emptyBytes : this.#inline(body));
    const whole = this.#readAll(maxBytes);
    this.#whole = whole;
    return whole;
  }

  /** Adds to the response's body. A promise when the program must wait before it writes more. @throws WeftError. */
  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#state === "ended") throw new WeftError("HEADERS_SENT", "the response has ended");
    if (this.#state === "new") this.#state = "written";
    if (bytes.length > 0) this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    return this.#gatheredBytes > gatherBytes ? this.flush() : undefined;
  }

  /** Sends what there is, the status and the headers first. A promise as `write`. @throws WeftError. */
  flush(): void | Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    const isFirst = !this.isSent;
    const body = this.#takeGathered();
    if (!isFirst && body.length === 0) return undefined;
    const { exchange } = this.request;
    this.#state = "sent";
    this.#send(
      isFirst
        ? { do: "begin", exchange, head: { status: this.#status, headers: this.headers.pairs }, body }
        : { do: "write", exchange, body },
      body.length,
    );
    if (this.#underway <= sendWindowBytes) return undefined;
    this.#room ??= newRoom();
    return this.#room.promise;
  }

  /** Headers after the body. */
  setTrailers(trailers: HeaderPairs): void {
    this.#trailers = trailers;
  }

  /** Ends the response with a text as its whole body. */
  finishText(text: string): Value | Promise<Value> {
    if (this.#state === "new") {
      this.#state = "written";
      this.#text = text;
    }
    return this.finish(null);
  }

  /**
   * Ends the response, and gives what the call comes to: what was written, else what the program returned as JSON, else a
   * 500 that says that nothing was answered.
   */
  finish(returned: Value): Value | Promise<Value> {
    if (this.isSent) return this.#finishSent();
    if (this.#state === "new") this.#answerWith(returned);
    const body = this.#text ?? (this.#gathered.length === 0 ? null : quickest(this.#takeGathered()));
    this.#state = "ended";
    // The server counts what it sends; only where nothing is sent can a program know better.
    if (this.request.method !== "HEAD" && this.#status !== 304) this.headers.delete("content-length");
    return reply([this.#status, this.headers.pairs, body, this.#trailers]);
  }

  async #finishSent(): Promise<Value> {
    await this.flush();
    this.#state = "ended";
    if (this.#lost !== undefined) throw this.#lost;
    return reply([this.#trailers]);
  }

  #answerWith(returned: Value): void {
    if (returned === null) {
      if (this.#isChanged) return;
      this.#status = 500;
      this.headers.set("content-type", "text/plain; charset=utf-8");
      this.#text = `${this.request.endpoint} answered nothing\n`;
      return;
    }
    const isBytes = returned instanceof Uint8Array;
    if (!this.headers.has("content-type")) {
      this.headers.set("content-type", isBytes ? "application/octet-stream" : "application/json");
    }
    if (isBytes) {
      this.#gathered = [returned];
      this.#gatheredBytes = returned.length;
    } else this.#text = toJson(returned);
  }

  #inline(body: Uint8Array): Uint8Array {
    this.#isRead = true;
    return body;
  }

  async #readAll(maxBytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let part = await this.read(); part !== undefined; part = await this.read()) {
      parts.push(part);
      length += part.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
    }
    return joined(parts, length);
  }

  #takeGathered(): Uint8Array {
    const body = joined(this.#gathered, this.#gatheredBytes);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    return body;
  }

  #send(request: HttpAsk, bytes: number): void {
    this.#underway += bytes;
    const settle = (lost?: unknown): void => {
      this.#underway -= bytes;
      this.#lost ??= lost;
      if (this.#underway > sendWindowBytes && this.#lost === undefined) return;
      const room = this.#room;
      this.#room = undefined;
      if (this.#lost === undefined) room?.resolve();
      else room?.reject(this.#lost);
    };
    this.#ask(request).then(() => settle(), settle);
  }

  #ask(request: HttpAsk): Promise<Value> {
    return this.#services.ask({ service: "http", request });
  }
}

/** A program that does not wait hears of its client's end when it writes again. */
function newRoom(): PromiseWithResolvers<void> {
  const room = Promise.withResolvers<void>();
  room.promise.catch(() => undefined);
  return room;
}

function reply(value: HttpReply): Value {
  return value;
}

function tooLarge(maxBytes: number): WeftError {
  return new WeftError("BODY_TOO_LARGE", `the request's body is larger than ${maxBytes} bytes`);
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (first === undefined) return emptyBytes;
  if (parts.length === 1) return first;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
