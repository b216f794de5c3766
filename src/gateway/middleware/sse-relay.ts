import type { GatewayContext } from "../answer.ts";
import { RelaySession } from "../relay/session.ts";
import type { RelaySettings } from "../relay/settings.ts";
import { EventStreamClient } from "../relay/event-stream.ts";
import type { Middleware, MiddlewareWorld } from "./middleware.ts";
import { relaying } from "./relay.ts";

const defaults: RelaySettings = {
  target: undefined,
  topic: "sse.message",
  // Proxies cut off what is silent for a minute.
  heartbeatMs: 30_000,
  idleMs: undefined,
  hardMs: undefined,
  metadata: null,
};

/** Event streams that processes write to. */
export const sseRelayMiddleware: Middleware = {
  name: "sse_relay",
  prefix: "sserelay",
  summary: "Makes a response with `X-SSE-Relay` a stream of events that processes send.",
  options: {
    "sserelay.allowed.origins":
      "Origins whose pages may connect, between commas, as those of `cors`; default: the server's own.",
  },
  create: (options, world) =>
    relaying(
      {
        header: "x-sse-relay",
        defaults,
        isHandshake: () => false,
        fits: ({ req }) => req.method !== "HEAD",
        give: (c, settings) => stream(c, settings, world),
        misfit: () => new Response(null, { headers }),
      },
      options,
      world,
    ),
};

const headers = { "content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no" };

function stream(c: GatewayContext, settings: RelaySettings, world: MiddlewareWorld): Response {
  const client = new EventStreamClient();
  const session = new RelaySession(client, settings, world);
  const { outgoing } = c.env;
  const body = client.open(session);
  if (outgoing.destroyed) client.gone();
  else outgoing.once("close", () => client.gone());
  return new Response(body, { headers });
}
