import { createServer, type Server, type Socket } from "node:net";
import type { Family, Endpoint } from "./address.ts";
import { type SocketCode, socketCode } from "./error-code.ts";
import { backlogLimit } from "./limits.ts";
import type { Wakers } from "../io/wakers.ts";

/**
 * Holds a local address. Node cannot bind without listening, so a socket that is merely bound is a server that resets
 * whoever connects; listening begins when it is told to keep connections.
 */
export class Listener {
  readonly #server: Server;
  readonly #queue: Socket[] = [];
  readonly changes: Wakers;
  /** How many connections wait to be accepted; more are reset. Zero until it listens. */
  #backlog = 0;
  #state: "binding" | "bound" | SocketCode = "binding";

  constructor(family: Family, { address, port }: Endpoint, changes: Wakers) {
    this.changes = changes;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#arrived(socket));
    this.#server.on("listening", () => this.#settle("bound"));
    this.#server.on("error", (error) => this.#settle(socketCode(error)));
    const ipv6Only = family === "ipv6";
    this.#server.listen({ host: address, port, ipv6Only, exclusive: true, backlog: backlogLimit });
  }

  /** Whether the address is held, or why not. */
  get state(): "binding" | "bound" | SocketCode {
    return this.#state;
  }

  get local(): Endpoint {
    const local = this.#server.address();
    if (local === null || typeof local === "string") throw new Error("a bound TCP server has no address");
    return local;
  }

  get hasConnection(): boolean {
    return this.#queue.length > 0;
  }

  /** Keeps connections from now on, or another number of them. */
  keep(backlog: number): void {
    this.#backlog = backlog;
  }

  accept(): Socket | undefined {
    return this.#queue.shift();
  }

  /** Gives the address up, and whoever still waits. */
  close(): void {
    this.#backlog = 0;
    this.#server.close();
    for (const socket of this.#queue.splice(0)) socket.resetAndDestroy();
  }

  #arrived(socket: Socket): void {
    if (this.#queue.length >= this.#backlog) {
      socket.resetAndDestroy();
      return;
    }
    // An error while it waits shows when it is read.
    socket.on("error", () => {});
    this.#queue.push(socket);
    this.changes.wake();
  }

  #settle(state: "bound" | SocketCode): void {
    this.#state = state;
    this.changes.wake();
  }
}
