import type { RelaySettings } from "../relay/settings.ts";
import { loadedLater } from "./later.ts";
import type { Middleware } from "./middleware.ts";
import { relaying } from "./relay.ts";

/** A longer message closes its connection with 1009. */
const defaultMessageBytes = 1024 * 1024;

const defaults: RelaySettings = {
  target: undefined,
  topic: "ws.message",
  heartbeatMs: undefined,
  idleMs: undefined,
  hardMs: undefined,
  metadata: null,
};

/** WebSockets whose other side is a process. */
export const websocketRelayMiddleware: Middleware = {
  name: "websocket_relay",
  prefix: "wsrelay",
  summary: "Gives the WebSocket of a client to the process that a response names in `X-WS-Relay`.",
  options: {
    "wsrelay.allowed.origins":
      "Origins whose pages may connect, between commas, as those of `cors`; default: the server's own.",
    "wsrelay.message.bytes": `How long a message of a client may be; default ${defaultMessageBytes}.`,
  },
  create(options, world) {
    const maxPayload = options.count("message.bytes") ?? defaultMessageBytes;
    return loadedLater(async () => {
      const door = new (await import("../relay/accept.ts")).WebSocketDoor(maxPayload, world);
      return relaying(
        {
          header: "x-ws-relay",
          defaults,
          isHandshake: (c) => door.fits(c),
          fits: (c) => door.fits(c),
          give: (c, settings) => door.accept(c, settings),
          misfit: () => new Response("426 this is a WebSocket\n", { status: 426, headers: { upgrade: "websocket" } }),
        },
        options,
        world,
      );
    });
  },
};
