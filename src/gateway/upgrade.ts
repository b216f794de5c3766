import { type IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";

/** The connection of a request that asks to go on as a WebSocket. */
interface Upgrade {
  readonly socket: Socket;
  readonly outgoing: ServerResponse;
  /** What the client sent beyond its request. */
  readonly head: Buffer;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/** Whether a request asks to go on as a WebSocket. Node then leaves the connection to whoever hears `upgrade`. */
export function wantsWebSocket({ method, headers }: IncomingMessage): boolean {
  // Of a body nobody would say when it ends.
  const hasBody = (headers["content-length"] ?? "0") !== "0" || headers["transfer-encoding"] !== undefined;
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket" && !hasBody;
}

/** Whether a request is one that `acceptWebSocket` can go on with. */
export function isUpgradable(incoming: IncomingMessage): boolean {
  return upgrades.has(incoming);
}

/** Makes a response for such a request, so that it is answered like any other unless somebody accepts it. */
export function answerable(incoming: IncomingMessage, socket: Duplex, head: Buffer): ServerResponse | undefined {
  socket.on("error", () => socket.destroy());
  if (!(socket instanceof Socket)) {
    socket.destroy();
    return undefined;
  }
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.once("finish", () => socket.end());
  upgrades.set(incoming, { socket, outgoing, head });
  return outgoing;
}

/** Goes on with a request as a WebSocket: what is still written of its response goes nowhere. Rejects when its handshake is none, which the client is told. */
export function acceptWebSocket(server: WebSocketServer, incoming: IncomingMessage): Promise<WebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  const upgrade = upgrades.get(incoming);
  if (upgrade === undefined) return Promise.reject(new Error("the request does not ask for a WebSocket"));
  const { socket, outgoing, head } = upgrade;
  if (socket.destroyed) return Promise.reject(new Error("the connection ended before its handshake"));
  outgoing.detachSocket(socket);
  socket.once("close", () => {
    // The request is over when its connection is: whoever counts requests hears of it here.
    outgoing.emit("close");
    reject(new Error("the connection ended before its handshake"));
  });
  server.handleUpgrade(incoming, socket, head, resolve);
  return promise;
}
