import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Actor, Scope, Trace } from "../core/context.ts";
import type { EntryId } from "../core/ids.ts";
import { addressText, clientAddress } from "./client.ts";
import { begin, type AnswerTarget } from "./exchange.ts";
import { responseOf } from "./response.ts";

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

/** Has a function answer a request of hono's. Never rejects: failures are responses. */
export function answer(c: GatewayContext, target: AnswerTarget): Promise<Response> {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { incoming, outgoing } = c.env;
  const { actor, scope, trace } = c.var;
  const exchange = {
    incoming,
    outgoing,
    target,
    scheme: c.req.url.startsWith("https:") ? "https" : "http",
    path: c.req.path,
    params: paramsOf(c, target.names),
    remoteAddress: addressText(clientAddress(incoming, c.var.clientAddress)),
    actor,
    scope,
    trace,
  } as const;
  begin(exchange, { answered: (result) => resolve(responseOf(result)), failed: resolve });
  return promise;
}

function paramsOf(c: GatewayContext, names: readonly string[]): Readonly<Record<string, string>> {
  if (names.length === 0) return {};
  return Object.fromEntries(names.map((name, index) => [name, c.req.param(`p${index}`) ?? ""]));
}
