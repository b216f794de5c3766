import type { Cancellation } from "../../core/cancellation.ts";
import { rootContext, type CallContext } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import { EntryGone } from "../../core/gone.ts";
import type { HeaderPairs, HttpRequest } from "../../core/http.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { Service, ServiceWorld } from "../service.ts";
import { readReply, type HttpAsk } from "./protocol.ts";
import { Routes, type HttpSpec } from "./routes.ts";
import { ServerExchange, type AnswerListener, type BodySource } from "./server-exchange.ts";
import { Turns } from "./turns.ts";
import { speaksJson } from "./typed-response.ts";
import { PassingMap } from "../../core/passing.ts";

/** A request to be answered by a function. */
export interface IncomingCall {
  readonly func: EntryId;
  readonly request: Omit<HttpRequest, "exchange">;
  /** Where the body comes from when it is a stream. */
  readonly body?: BodySource | undefined;
  /** Who asks, with which values and trace. */
  readonly context: Partial<Pick<CallContext, "actor" | "scope" | "values" | "trace" | "deadline">>;
  /** Ends the call, because the client is gone. */
  readonly cancellation: Cancellation;
}

/** The server's half of exchanges, and the routes of the app. */
export class HttpService implements Service<HttpAsk, HttpSpec> {
  /** What the app's entries say of who answers what. */
  readonly routes = new Routes();
  readonly #world: Pick<ServiceWorld, "call" | "describe">;
  readonly #open = new PassingMap<number, ServerExchange>();
  #last = 0;
  readonly #turns = new Turns();

  constructor(world: Pick<ServiceWorld, "call" | "describe">) {
    this.#world = world;
  }

  /** Exchanges that go on. */
  get exchanges(): number {
    return this.#open.size;
  }

  /** Whether a client is told of a function's failures in problem documents (RFC 9457). */
  tellsProblems(func: EntryId, headers: HeaderPairs): boolean {
    const callee = this.#world.describe(func);
    return callee?.transport === "wasi-http" && speaksJson(callee.signature, { headers });
  }

  add(id: EntryId, spec: HttpSpec): void {
    this.routes.set(id, spec);
  }

  remove(id: EntryId): void {
    this.routes.delete(id);
  }

  ask(ask: HttpAsk): Value | Promise<Value> {
    const exchange = this.#open.get(ask.exchange);
    if (exchange === undefined) throw new WeftError("CALL_CANCELED", "the request is over");
    switch (ask.do) {
      case "read":
        return exchange.read();
      case "begin":
        return exchange.begin(ask.head, ask.body);
      case "write":
        return exchange.write(ask.body);
    }
  }

  /** Has a function answer a request, and tells the listener what came of it: a failure only before anything was sent. */
  answer({ func, request, body, context, cancellation }: IncomingCall, listener: AnswerListener): void {
    this.#last += 1;
    const number = this.#last;
    const exchange = new ServerExchange({ body, isHead: request.method === "HEAD", cancellation, listener });
    this.#open.set(number, exchange);
    let called = func;
    const fail = (error: unknown): void => {
      this.#open.delete(number);
      exchange.fail(error);
    };
    const end = (value: Value): void => {
      this.#turns.ended();
      try {
        exchange.end(readReply(value));
        this.#open.delete(number);
      } catch (error) {
        fail(error);
      }
    };
    const failed = (error: unknown): void => {
      this.#turns.ended();
      const isReplaced = error instanceof EntryGone && this.#functionOf(request.endpoint, func) !== called;
      if (isReplaced) this.#turns.begin(begin);
      else fail(error);
    };
    const begin = (): void => {
      let result: Value | Promise<Value>;
      try {
        cancellation.throwIfCanceled();
        called = this.#functionOf(request.endpoint, func);
        const own = rootContext({ ...context, cancellation, request: { ...request, exchange: number } });
        result = this.#world.call({ id: called, args: [], checked: false, context: own });
      } catch (error) {
        return failed(error);
      }
      if (result instanceof Promise) result.then(end, failed);
      else end(result);
    };
    this.#turns.begin(begin);
  }

  /** Routes may have changed since the request came: an endpoint that is still there has the function that it has now. */
  #functionOf(endpoint: EntryId, func: EntryId): EntryId {
    return this.routes.functionOf(endpoint) ?? func;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const exchange of this.#open.values()) exchange.fail(new WeftError("POOL_CLOSED", "the runtime is stopping"));
    this.#open.clear();
  }
}
