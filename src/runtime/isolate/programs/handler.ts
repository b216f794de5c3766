import { WeftError } from "../../../core/errors.ts";
import type { Value } from "../../../core/values.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import type { HttpExchange } from "../../../hosts/http/exchange.ts";
import type { BodyCarrier } from "../../../hosts/http-client/outgoing-body.ts";
import { httpImports } from "../../../hosts/http-client/p2.ts";
import { RequestContent } from "../../../hosts/http-client/received.ts";
import { HttpScope } from "../../../hosts/http-client/scope.ts";
import {
  IncomingRequest,
  type OutgoingResponse,
  type RequestHead,
  ResponseOutparam,
} from "../../../hosts/http-client/server.ts";
import type { Result } from "../../../hosts/http-client/incoming-body.ts";
import { type ErrorCode, HttpError } from "../../../hosts/http-client/error-code.ts";
import type { RunProgram } from "../program.ts";
import type { Bound } from "./instances.ts";
import { answerError } from "./handler-errors.ts";
import { resourceArgument } from "./resource.seam.ts";

/** What a handler cannot do without: it may read its request and write its response, whatever else it was granted. */
export const handlerGrants = ["wasi:io", "wasi:poll"] as const;

const typesName = "wasi:http/types";

/** Adds the types of HTTP to what an instance is given, unless it was granted them with all of `wasi:http`. */
export function withHttpTypes(bind: (instance: InstanceContext) => Bound): (instance: InstanceContext) => Bound {
  return (instance) => {
    const bound = bind(instance);
    if (Object.hasOwn(bound.imports, typesName)) return bound;
    const scope = new HttpScope(instance);
    const types = httpImports(scope)[typesName] ?? {};
    return {
      imports: { ...bound.imports, [typesName]: types },
      isClean: () => scope.isClean && bound.isClean?.() === true,
      [Symbol.dispose]() {
        scope[Symbol.dispose]();
        bound[Symbol.dispose]();
      },
    };
  };
}

/** Runs a component that exports `wasi:http/incoming-handler`: each request is a call of `handle` on its own instance. */
export function servesRequests(run: RunProgram): RunProgram {
  const serve: RunProgram = (_args, instance) => {
    const { exchange } = instance;
    if (exchange !== undefined) return serveRequest(run, instance, exchange);
    const message = `${instance.id} is an HTTP handler: it answers requests, as the func of an http.endpoint`;
    throw new WeftError("INVALID_ARGUMENT", message);
  };
  return run.retire === undefined ? serve : Object.assign(serve, { retire: run.retire });
}

function serveRequest(run: RunProgram, instance: InstanceContext, exchange: HttpExchange): Value | Promise<Value> {
  const { request } = exchange;
  const { method, target, headers, scheme, host } = request;
  const scope = new HttpScope(instance);
  // A connection that is lost is the guest's to hear of where it reads.
  const content = new RequestContent({ read: () => exchange.read(), trailers: () => exchange.requestTrailers });
  const head: RequestHead = {
    method,
    target,
    headers,
    scheme: { tag: scheme === "https" ? "HTTPS" : "HTTP" },
    authority: host === "" ? undefined : host,
  };
  const incoming = new IncomingRequest(scope, head, content);
  const answer = new HandlerAnswer(exchange);
  const out = new ResponseOutparam((given) => answer.take(given));
  const args = [resourceArgument(incoming), resourceArgument(out)];
  const close = (): void => {
    answer.stop();
    content[Symbol.dispose]();
    scope[Symbol.dispose]();
  };
  const fail = (thrown: unknown): never => {
    close();
    throw thrown;
  };
  const succeed = (): Value => {
    close();
    answer.finish(instance.id);
    return null;
  };
  let running: Value | Promise<Value>;
  try {
    running = run(args, instance);
  } catch (thrown) {
    return fail(thrown);
  }
  return running instanceof Promise ? running.then(succeed, fail) : succeed();
}

/** What a guest answered, on its way into the exchange. */
class HandlerAnswer implements BodyCarrier {
  readonly #exchange: HttpExchange;
  #given: Result<OutgoingResponse, ErrorCode> | undefined;
  /** The exchange refused something: the response cannot be completed. */
  #failure: unknown;
  #flushing: NodeJS.Immediate | undefined;

  constructor(exchange: HttpExchange) {
    this.#exchange = exchange;
  }

  take(given: Result<OutgoingResponse, ErrorCode>): void {
    this.#given = given;
    if (given.tag === "err") return;
    const { status, fields } = given.val.head();
    // The guest's share of the limits has it back before its instance is looked at for another call.
    given.val[Symbol.dispose]();
    this.#attempt(() => {
      this.#exchange.status = status;
      for (let at = 0; at < fields.length; at += 2) {
        const name = fields[at] ?? "";
        // A body without a length ends with its exchange; what a guest says of the connection is not heard.
        if (name.toLowerCase() !== "transfer-encoding") this.#exchange.headers.append(name, fields[at + 1] ?? "");
      }
    });
    given.val.sendBody(this);
  }

  write(bytes: Uint8Array, gone: () => void): void {
    this.#attempt(() => {
      const room = this.#exchange.write(bytes);
      if (room === undefined) {
        // What a guest has written while it waits for something else must reach the client.
        this.#flushing ??= setImmediate(() => this.#flush());
        return gone();
      }
      room.then(gone, (error: unknown) => this.#fail(error));
    });
  }

  addTrailers(trailers: [string, string][]): void {
    this.#exchange.setTrailers(trailers.flatMap(([name, value]) => [name.toLowerCase(), value]));
  }

  /** The response ends with the call. */
  end(): void {}

  /** The head waits for the first part of the body, or for the end of the guest's turn. */
  flushHeaders(): void {
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  /** The guest gave its body up. */
  destroy(error: Error): void {
    this.#failure ??= error;
  }

  stop(): void {
    clearImmediate(this.#flushing);
  }

  /** Sees to it that there is a whole response. @throws WeftError when there is none. */
  finish(id: string): void {
    const given = this.#given;
    if (given === undefined) {
      const val = "the guest ended without an answer";
      return answerError(this.#exchange, id, { tag: "internal-error", val });
    }
    if (given.tag === "err") return answerError(this.#exchange, id, given.val);
    const cause = this.#failure;
    if (cause instanceof WeftError) throw cause;
    if (cause === undefined && given.val.isFinished) return;
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    throw new WeftError("TRAP_INVALID_VALUE", `${id} ended before the body of its response did${why}`, { cause });
  }

  #flush(): void {
    this.#flushing = undefined;
    this.#attempt(() => void this.#exchange.flush()?.catch((error: unknown) => this.#fail(error)));
  }

  #attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    // The guest hears of it when it writes again.
    if (this.#given?.tag === "ok") this.#given.val.fail(new HttpError({ tag: "connection-terminated" }));
  }
}
