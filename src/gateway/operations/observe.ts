import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
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

/** A request as those who observe it see it. */
interface ObservedRequest {
  readonly method: string;
  readonly path: string;
  /** What its `x-request-id` says. */
  readonly givenId: string | undefined;
  readonly traceparent: string | undefined;
}

/** A request that is observed. */
export interface Observation {
  readonly requestId: string;
  readonly trace: Trace;
  /** It was answered. */
  ended(route: string, status: number): void;
}

/** Gives a request an id and a trace, and tells log and metrics what becomes of it. */
function beginObservation({ log, metrics }: Observers, request: ObservedRequest): Observation {
  const { method, path, givenId = "", traceparent } = request;
  const started = monotonicMs();
  const requestId = foreignId.test(givenId) ? givenId : randomUUID();
  const trace = traceOf(traceparent);
  const done = metrics?.began();
  return {
    requestId,
    trace,
    ended(route, status) {
      const ms = monotonicMs() - started;
      done?.({ method, route, status, seconds: ms / 1_000 });
      const level = quiet.has(path) ? "debug" : "info";
      log?.[level]("request", {
        method,
        path,
        status,
        ms: Math.round(ms * 1_000) / 1_000,
        request: requestId,
        trace: trace.traceId,
      });
    },
  };
}

/** Begins to observe a request that Node alone answers. */
export function observeIncoming(
  observers: Observers,
  { method = "", headers }: IncomingMessage,
  path: string,
): Observation {
  return beginObservation(observers, {
    method,
    path,
    givenId: textOf(headers["x-request-id"]),
    traceparent: textOf(headers["traceparent"]),
  });
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}

/** Observes every request of an app. */
export function observe<Env extends ObservedEnv>(
  observers: Observers,
  routeOf: RouteOf<Env> = (c) => (c.res.status === 404 ? noRoute : routePath(c, -1)),
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { method, path } = c.req;
    const givenId = c.req.header("x-request-id");
    const traceparent = c.req.header("traceparent");
    const observation = beginObservation(observers, { method, path, givenId, traceparent });
    const { requestId } = observation;
    c.set("requestId", requestId);
    c.set("trace", observation.trace);
    // On Node's own response, so that the answer's headers need not be opened again.
    const outgoing = c.env?.outgoing;
    outgoing?.setHeader("x-request-id", requestId);
    try {
      await next();
    } finally {
      observation.ended(routeOf(c), c.res.status);
      if (outgoing === undefined) c.header("x-request-id", requestId);
    }
  };
}
