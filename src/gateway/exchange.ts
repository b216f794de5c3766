import type { IncomingMessage, ServerResponse } from "node:http";
import { canceled, Cancellation } from "../core/cancellation.ts";
import type { Actor, Scope, Trace } from "../core/context.ts";
import { toWeftError } from "../core/errors.ts";
import type { HeaderPairs, HttpRequest } from "../core/http.ts";
import type { EntryId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { HttpAnswer } from "../hosts/http/server-exchange.ts";
import type { HttpService } from "../hosts/http/service.ts";
import { receiveBody, type IncomingBody } from "./body.ts";
import { failureResponse } from "./failures.ts";
import { splitTarget } from "./paths.ts";

/** Who answers, and how a request reaches it. */
export interface AnswerTarget {
  readonly http: HttpService;
  readonly log: Log;
  readonly endpoint: EntryId;
  readonly func: EntryId;
  /** Names of the path's parts, in their order. */
  readonly names: readonly string[];
  readonly bodyBytes: number;
  /** Path and query as the function sees them, where they are not those of the request. */
  readonly rest?: string;
  /** What a client is told of a call that failed, where it is not what functions of endpoints say. */
  readonly failed?: (error: unknown) => Response;
}

/** A request that a function is to answer, as it came and as those before the function see it. */
export interface Exchange extends Pick<HttpRequest, "path" | "scheme" | "params" | "remoteAddress"> {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly target: AnswerTarget;
  readonly actor?: Actor | undefined;
  readonly scope?: Scope | undefined;
  readonly trace?: Trace | undefined;
}

/** Who hears what became of an exchange: one of the two, once. */
export interface ExchangeListener {
  readonly answered: (answer: HttpAnswer) => void;
  /** What the client is told instead. */
  readonly failed: (response: Response) => void;
}

/** What requests are counted under whose client went away. */
const clientGoneStatus = 499;

/** Has a function answer a request. Ends its call when the client goes away. */
export function begin(exchange: Exchange, listener: ExchangeListener): void {
  const { incoming, outgoing, target } = exchange;
  const cancellation = new Cancellation();
  let isOver = false;
  // Also when the response is complete without what the program still writes: nobody takes the body that HEAD leaves out.
  outgoing.on("close", () => {
    if (!isOver) cancellation.cancel(canceled("the client is gone"));
  });
  const failed = (error: unknown): void => {
    isOver = true;
    listener.failed(failureOf(error, exchange, cancellation));
  };
  const answered = (answer: HttpAnswer): void => {
    if (answer.trailers === undefined) isOver = true;
    else void followUp(answer.trailers, exchange, cancellation).finally(() => (isOver = true));
    try {
      listener.answered(answer);
    } catch (error) {
      // Whoever called would take it for the function's own failure, which cannot be told any more.
      if (outgoing.headersSent) outgoing.destroy();
      else failed(error);
    }
  };
  const received = (body: IncomingBody): void => {
    const { actor, scope, trace = traceOf(incoming.headers["traceparent"]) } = exchange;
    const call = {
      func: target.func,
      request: requestOf(exchange, body),
      body: body.source,
      context: { actor, scope, trace },
      cancellation,
    };
    target.http.answer(call, { answered, failed });
  };
  receiveBody(incoming, target.bodyBytes, { received, failed });
}

function requestOf(exchange: Exchange, { body, bytes }: IncomingBody): Omit<HttpRequest, "exchange"> {
  const { incoming, target, scheme, params, remoteAddress } = exchange;
  const url = target.rest ?? incoming.url ?? "/";
  const { path, query = "" } = splitTarget(url);
  return {
    endpoint: target.endpoint,
    method: incoming.method ?? "GET",
    scheme,
    host: incoming.headers.host ?? "",
    target: url,
    path: target.rest === undefined ? exchange.path : path,
    query,
    headers: incoming.rawHeaders,
    params,
    remoteAddress,
    body,
    bodyBytes: bytes,
  };
}

function failureOf(error: unknown, { incoming, target }: Exchange, cancellation: Cancellation): Response {
  // Nobody reads it: logs and metrics tell it from a failure.
  if (cancellation.reason !== undefined) return new Response(null, { status: clientGoneStatus });
  report(target, error);
  if (target.failed !== undefined) return target.failed(error);
  return failureResponse(error, target.http.tellsProblems(target.func, incoming.rawHeaders));
}

/** What is to be done when a response that is under way has ended. Never rejects. */
async function followUp(
  trailers: Promise<HeaderPairs>,
  { outgoing, target }: Exchange,
  cancellation: Cancellation,
): Promise<void> {
  try {
    // Before the body's end is seen: Node sends them with it.
    outgoing.addTrailers(trailerPairs(await trailers));
  } catch (error) {
    if (cancellation.reason === undefined) report(target, error);
    // Nobody must take what there is for whole.
    outgoing.destroy();
  }
}

/** What a client is told is not all that an operator wants to know. */
function report({ log, endpoint, func }: AnswerTarget, error: unknown): void {
  const { code, kind, message } = toWeftError(error);
  log[kind === "Invalid" ? "info" : "error"]("an endpoint failed", { endpoint, func, code, error: message });
}

/** The trace that a client is in: the `traceparent` header of W3C trace context. */
function traceOf(header: string | string[] | undefined): Trace | undefined {
  if (typeof header !== "string") return undefined;
  const [, traceId, spanId] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(header) ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}

function trailerPairs(pairs: HeaderPairs): [string, string][] {
  return Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[2 * i] ?? "", pairs[2 * i + 1] ?? ""]);
}
