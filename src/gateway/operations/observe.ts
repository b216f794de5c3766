import { randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { monotonicMs } from "../../core/clock.ts";
import type { Trace } from "../../core/context.ts";
import type { Log } from "../../core/log.ts";
import type { Metrics } from "./metrics.ts";
import { traceOf } from "./trace.ts";

/** What requests tell those after them. */
export interface ObservedVariables {
  readonly trace?: Trace | undefined;
  readonly requestId?: string;
}

/** Apps whose requests can be observed; without a server around them there are no bindings. */
export interface ObservedEnv {
  readonly Bindings: HttpBindings | undefined;
  readonly Variables: ObservedVariables;
}

/** Who is told of requests. */
export interface Observers {
  readonly log?: Log | undefined;
  readonly metrics?: Metrics | undefined;
}

/** What requests are counted under. The path itself would make a series of each. */
export type RouteOf<Env extends ObservedEnv> = (c: Context<Env>) => string;

/** An id that somebody before us gave, if it is one: it goes into logs and headers. */
const foreignId = /^[\w.:/+=@-]{1,128}$/;

/** Requests that came to nothing are counted together. */
export const noRoute = "(none)";

/** Paths whose requests are many and tell nothing. */
const quiet: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** Gives every request an id and a trace, and tells log and metrics what became of it. */
export function observe<Env extends ObservedEnv>(
  { log, metrics }: Observers,
  routeOf: RouteOf<Env> = (c) => (c.res.status === 404 ? noRoute : routePath(c, -1)),
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const started = monotonicMs();
    const given = c.req.header("x-request-id") ?? "";
    const requestId = foreignId.test(given) ? given : randomUUID();
    const trace = traceOf(c.req.header("traceparent"));
    c.set("requestId", requestId);
    c.set("trace", trace);
    const { method, path } = c.req;
    const done = metrics?.began();
    // On Node's own response, so that the answer's headers need not be opened again.
    const outgoing = c.env?.outgoing;
    outgoing?.setHeader("x-request-id", requestId);
    try {
      await next();
    } finally {
      const ms = monotonicMs() - started;
      const { status } = c.res;
      done?.({ method, route: routeOf(c), status, seconds: ms / 1_000 });
      if (outgoing === undefined) c.header("x-request-id", requestId);
      const level = quiet.has(path) ? "debug" : "info";
      log?.[level]("request", {
        method,
        path,
        status,
        ms: Math.round(ms * 1_000) / 1_000,
        request: requestId,
        trace: trace.traceId,
      });
    }
  };
}
