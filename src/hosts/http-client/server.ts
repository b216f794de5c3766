import { ResultError } from "../io/result-error.ts";
import type { ErrorCode, HttpError } from "./error-code.ts";
import { Fields, type RawFields } from "./fields.ts";
import { contentLength, framedHead } from "./framing.ts";
import { IncomingBody, type ReceivedContent, type Result } from "./incoming-body.ts";
import { type BodyCarrier, OutgoingBody, OutgoingContent } from "./outgoing-body.ts";
import { type Method, methodOf, type Scheme } from "./request.ts";
import type { HttpScope } from "./scope.ts";

/** The head of a request for a guest that serves HTTP. */
export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string | undefined;
  readonly headers: RawFields;
  readonly scheme: Scheme | undefined;
  readonly authority: string | undefined;
}

/** The resource `incoming-request`. */
export class IncomingRequest implements Disposable {
  readonly #head: RequestHead;
  readonly #headers: Fields;
  readonly #content: ReceivedContent;
  #isConsumed = false;

  constructor(scope: HttpScope, head: RequestHead, content: ReceivedContent) {
    this.#head = head;
    this.#headers = Fields.received(scope, head.headers);
    this.#content = content;
  }

  method(): Method {
    return methodOf(this.#head.method);
  }

  pathWithQuery(): string | undefined {
    return this.#head.target;
  }

  scheme(): Scheme | undefined {
    return this.#head.scheme;
  }

  authority(): string | undefined {
    return this.#head.authority;
  }

  headers(): Fields {
    return this.#headers.view();
  }

  consume(): IncomingBody {
    if (this.#isConsumed) throw new ResultError(undefined);
    this.#isConsumed = true;
    return new IncomingBody(this.#content, this.#headers.scope);
  }

  [Symbol.dispose](): void {
    if (!this.#isConsumed) this.#content.release();
  }
}

/** The resource `outgoing-response`. Its headers are immutable from the start. */
export class OutgoingResponse implements Disposable {
  readonly #fields: Fields;
  #status = 200;
  #content: OutgoingContent | undefined;

  constructor(fields: Fields) {
    fields.freeze();
    this.#fields = fields;
  }

  statusCode(): number {
    return this.#status;
  }

  setStatusCode(status: number): void {
    // 1xx are not responses, and from 600 on there is no meaning that a client could know (RFC 9110, 15).
    if (status < 200 || status > 599) throw new ResultError(undefined);
    this.#status = status;
  }

  headers(): Fields {
    return this.#fields.view();
  }

  /** Once; whoever never asks sends no body. */
  body(): OutgoingBody {
    if (this.#content !== undefined) throw new ResultError(undefined);
    this.#content = new OutgoingContent("HTTP-response-body-size", contentLength(this.#fields) ?? undefined);
    return new OutgoingBody(this.#content, this.#fields.scope);
  }

  /** The head as Node takes it. */
  head(): { readonly status: number; readonly fields: RawFields } {
    const noBody = hasNoBody(this.#status) ? [] : ["Content-Length", "0"];
    return { status: this.#status, fields: framedHead(this.#fields, this.#content, noBody) };
  }

  /** Sends the body, as it is written, with a message whose head was given already. */
  sendBody(message: BodyCarrier): void {
    if (this.#content === undefined) message.end();
    else this.#content.attach(message);
  }

  /** Why its body was cut short, if it was. */
  get failure(): HttpError | undefined {
    return this.#content?.failure;
  }

  /** Its body has all been written, or it has none. */
  get isFinished(): boolean {
    return this.#content?.isFinished ?? true;
  }

  /** Nobody takes it any more. */
  fail(error: HttpError): void {
    this.#content?.fail(error);
  }

  [Symbol.dispose](): void {
    this.#fields[Symbol.dispose]();
  }
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

/** Hears what a guest answers. */
export type Answer = (response: Result<OutgoingResponse, ErrorCode>) => void;

/** The resource `response-outparam`: takes one answer. Dropped without, the answer is an error. */
export class ResponseOutparam implements Disposable {
  #answer: Answer | undefined;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  static set(param: ResponseOutparam, response: Result<OutgoingResponse, ErrorCode>): void {
    const answer = param.#answer;
    param.#answer = undefined;
    answer?.(response);
  }

  [Symbol.dispose](): void {
    const message = "the guest dropped its response-outparam without an answer";
    ResponseOutparam.set(this, { tag: "err", val: { tag: "internal-error", val: message } });
  }
}
