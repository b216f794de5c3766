import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { canceled, Cancellation } from "../core/cancellation.ts";
import type { Actor, Scope, Trace } from "../core/context.ts";
import { toWeftError } from "../core/errors.ts";
import type { HeaderPairs } from "../core/http.ts";
import type { EntryId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { HttpAnswer } from "../hosts/http/server-exchange.ts";
import type { HttpService } from "../hosts/http/service.ts";
import { addressText, clientAddress } from "./client.ts";
import { receiveBody } from "./body.ts";
import { failureResponse } from "./failures.ts";

/** What middleware tells each other and the endpoint of a request. */
export interface RequestVariables {
  /** Who asks, when some middleware found out. */
  actor?: Actor | undefined;
  scope?: Scope | undefined;
  trace?: Trace | undefined;
  /** The endpoint, once it is known: after the middleware that comes before. */
  endpoint?: EntryId;
  requestId?: string;
  /** The client's address, when a proxy says another one than the connection. */
  clientAddress?: string;
}

/** What hono carries through an app of ours. */
export interface GatewayEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: RequestVariables;
}

export type GatewayContext = Context<GatewayEnv>;

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

/** What requests are counted under whose client went away. */
const clientGoneStatus = 499;

/** Has a function answer a request. Never rejects: failures are responses. */
export async function answer(c: GatewayContext, target: AnswerTarget): Promise<Response> {
  const { outgoing } = c.env;
  const cancellation = new Cancellation();
  let isOver = false;
  // Also when the response is complete without what the program still writes: nobody takes the body that HEAD leaves out.
  outgoing.once("close", () => {
    if (!isOver) cancellation.cancel(canceled("the client is gone"));
  });
  try {
    const result = await send(c, target, cancellation);
    if (result.trailers === undefined) isOver = true;
    else void followUp(result.trailers, { outgoing, target, cancellation }).finally(() => (isOver = true));
    return responseOf(result);
  } catch (error) {
    isOver = true;
    // Nobody reads it: logs and metrics tell it from a failure.
    if (cancellation.reason !== undefined) return new Response(null, { status: clientGoneStatus });
    report(target, error);
    if (target.failed !== undefined) return target.failed(error);
    return failureResponse(error, target.http.tellsProblems(target.func, c.env.incoming.rawHeaders));
  }
}

interface Underway {
  readonly outgoing: HttpBindings["outgoing"];
  readonly target: AnswerTarget;
  readonly cancellation: Cancellation;
}

/** What is to be done when a response that is under way has ended. Never rejects. */
async function followUp(trailers: Promise<HeaderPairs>, { outgoing, target, cancellation }: Underway): Promise<void> {
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

async function send(c: GatewayContext, target: AnswerTarget, cancellation: Cancellation): Promise<HttpAnswer> {
  const { http, endpoint, func, names } = target;
  const { incoming } = c.env;
  const { body, bytes, source } = await receiveBody(incoming, target.bodyBytes);
  const { actor, scope, trace = traceOf(incoming.headers["traceparent"]) } = c.var;
  const url = target.rest ?? incoming.url ?? "/";
  const mark = url.indexOf("?");
  return await http.answer({
    func,
    request: {
      endpoint,
      method: incoming.method ?? "GET",
      scheme: c.req.url.startsWith("https:") ? "https" : "http",
      host: incoming.headers.host ?? "",
      target: url,
      path: target.rest === undefined ? c.req.path : mark < 0 ? url : url.slice(0, mark),
      query: mark < 0 ? "" : url.slice(mark + 1),
      headers: incoming.rawHeaders,
      params: paramsOf(c, names),
      remoteAddress: addressText(clientAddress(c)),
      body,
      bodyBytes: bytes,
    },
    body: source,
    context: { actor, scope, trace },
    cancellation,
  });
}

function paramsOf(c: GatewayContext, names: readonly string[]): Readonly<Record<string, string>> {
  if (names.length === 0) return {};
  return Object.fromEntries(names.map((name, index) => [name, c.req.param(`p${index}`) ?? ""]));
}

/** The trace that a client is in: the `traceparent` header of W3C trace context. */
function traceOf(header: string | string[] | undefined): Trace | undefined {
  if (typeof header !== "string") return undefined;
  const [, traceId, spanId] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(header) ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}

/** Statuses that never have a body. */
const bodiless = new Set([204, 205, 304]);

/** What a function came to, for hono. */
export function responseOf({ head, body }: HttpAnswer): Response {
  const { status, headers } = head;
  const isEmpty = bodiless.has(status);
  if (isEmpty && body instanceof ReadableStream) void body.cancel();
  const sent = isEmpty ? null : typeof body === "string" && !mayBeText(headers) ? Buffer.from(body) : (body ?? "");
  return new Response(sent, { status, headers: recordOf(headers) });
}

/**
 * Whether a body can be handed on as text, which is quicker: without a type it would be given one, and Node would write
 * headers beyond ASCII as if they were part of it.
 */
function mayBeText(headers: HeaderPairs): boolean {
  let isTyped = false;
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] === "content-type") isTyped = true;
    if (beyondAscii.test(headers[index + 1] ?? "")) return false;
  }
  return isTyped;
}

const beyondAscii = /[\u0080-\uffff]/;

/** Headers as a record, which is the quickest way through; several of a name need more. */
function recordOf(pairs: HeaderPairs): Record<string, string> | Headers {
  const record: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2) {
    const [name = "", value = ""] = [pairs[index], pairs[index + 1]];
    if (Object.hasOwn(record, name)) return headersOf(pairs);
    record[name] = value;
  }
  return record;
}

function headersOf(pairs: HeaderPairs): Headers {
  const headers = new Headers();
  for (let index = 0; index < pairs.length; index += 2) headers.append(pairs[index] ?? "", pairs[index + 1] ?? "");
  return headers;
}

function trailerPairs(pairs: HeaderPairs): [string, string][] {
  return Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[2 * i] ?? "", pairs[2 * i + 1] ?? ""]);
}
