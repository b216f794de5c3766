import { WebSocketServer } from "ws";
import type { GatewayContext } from "../answer.ts";
import { acceptWebSocket, isUpgradable } from "../upgrade.ts";
import { RelaySession, type RelayWorld } from "./session.ts";
import type { RelaySettings } from "./settings.ts";
import { WebSocketClient } from "./websocket.ts";

/** How requests become WebSockets of processes. */
export class WebSocketDoor {
  readonly #server: WebSocketServer;
  readonly #world: RelayWorld;

  constructor(messageBytes: number, world: RelayWorld) {
    this.#server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: messageBytes });
    this.#world = world;
  }

  fits({ env }: GatewayContext): boolean {
    return isUpgradable(env.incoming);
  }

  /** @throws WeftError when the process is not there. */
  accept({ env }: GatewayContext, settings: RelaySettings): Response {
    const client = new WebSocketClient();
    const session = new RelaySession(client, settings, this.#world);
    acceptWebSocket(this.#server, env.incoming).then(
      (socket) => client.open(socket, session),
      () => session.over({ code: 1006, reason: "" }),
    );
    return new Response(null);
  }
}
