import { Pollable } from "../io/pollable.ts";
import { ResultError } from "../io/result-error.ts";
import { type ErrorCode, HttpError, httpErr } from "./error-code.ts";
import { Exchange, type Outcome } from "./exchange.ts";
import { Fields } from "./fields.ts";
import { IncomingBody, type Result } from "./incoming-body.ts";
import type { OutgoingRequest, RequestOptions } from "./request.ts";

type Received = Exclude<Outcome, { readonly failure: HttpError }>;

/** The resource `incoming-response`. */
export class IncomingResponse implements Disposable {
  readonly #exchange: Exchange;
  readonly #received: Received;
  readonly #headers: Fields;
  #isConsumed = false;

  constructor(exchange: Exchange, received: Received) {
    this.#exchange = exchange;
    this.#received = received;
    this.#headers = Fields.received(exchange.scope, received.message.rawHeaders);
  }

  status(): number {
    return this.#received.message.statusCode ?? 0;
  }

  headers(): Fields {
    return this.#headers.view();
  }

  consume(): IncomingBody {
    if (this.#isConsumed) throw new ResultError(undefined);
    this.#isConsumed = true;
    return new IncomingBody(this.#received.content, this.#exchange.scope);
  }

  [Symbol.dispose](): void {
    if (!this.#isConsumed) this.#received.content.release();
  }
}

/** The resource `future-incoming-response`. Dropped early, it gives the request up. */
export class FutureIncomingResponse implements Disposable {
  readonly #exchange: Exchange;
  #isTaken = false;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  subscribe(): Pollable {
    const exchange = this.#exchange;
    const ready = {
      isReady: () => exchange.outcome !== undefined,
      onReady: (wake: () => void) => exchange.onOutcome(wake),
    };
    return new Pollable(ready, exchange.scope.instance);
  }

  /** Undefined until it is there; a second time it is an error. */
  get(): Result<Result<IncomingResponse, ErrorCode>, undefined> | undefined {
    const { outcome } = this.#exchange;
    if (outcome === undefined) return undefined;
    if (this.#isTaken) return { tag: "err", val: undefined };
    this.#isTaken = true;
    if ("failure" in outcome) return { tag: "ok", val: { tag: "err", val: outcome.failure.errorCode } };
    return { tag: "ok", val: { tag: "ok", val: new IncomingResponse(this.#exchange, outcome) } };
  }

  [Symbol.dispose](): void {
    if (!this.#isTaken) this.#exchange[Symbol.dispose]();
  }
}

/** WIT: `wasi:http/outgoing-handler` `handle`. */
export function handle(request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse {
  try {
    return new FutureIncomingResponse(new Exchange(request, options));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    request.content?.fail(error);
    request[Symbol.dispose]();
    throw httpErr(error.errorCode);
  }
}
