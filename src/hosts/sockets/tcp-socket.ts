import { connect, type Socket } from "node:net";
import type { InputStream } from "../io/input-stream.ts";
import type { OutputStream } from "../io/output-stream.ts";
import { Pollable } from "../io/pollable.ts";
import {
  type Endpoint,
  type Family,
  fromEndpoint,
  isRemoteOf,
  isUnicastOf,
  type SocketAddress,
  toEndpoint,
} from "./address.ts";
import { Connection } from "./connection.ts";
import { type SocketCode, socketCode, socketError } from "./error-code.ts";
import { backlogLimit } from "./limits.ts";
import { Listener } from "./listener.ts";
import type { OpenSockets } from "./open-sockets.ts";
import { TcpSettings } from "./tcp-settings.ts";
import { TcpOptions } from "./tcp-options.ts";
import { Wakers } from "../io/wakers.ts";

type TcpState =
  | { readonly is: "unbound" }
  | { readonly is: "binding" | "bound" | "starting" | "listening"; readonly listener: Listener }
  | { readonly is: "connecting"; readonly socket: Socket; outcome: "pending" | "connected" | SocketCode }
  | { readonly is: "connected"; readonly socket: Socket; readonly connection: Connection }
  | { readonly is: "closed" };

/** The resource `tcp-socket`: the states of the specification, each with what it holds. */
export class TcpSocket extends TcpSettings {
  readonly #sockets: OpenSockets;
  readonly #changes = new Wakers();
  #state: TcpState = { is: "unbound" };

  /** @throws ResultError `new-socket-limit` */
  constructor(family: Family, sockets: OpenSockets, options = new TcpOptions()) {
    super(family, options);
    this.#sockets = sockets;
    sockets.add(this);
  }

  startBind(_network: unknown, local: SocketAddress): void {
    const { is } = this.#state;
    if (is === "binding") throw socketError("concurrency-conflict");
    if (is !== "unbound") throw socketError("invalid-state");
    if (!isUnicastOf(this.family, local)) throw socketError("invalid-argument");
    const endpoint = toEndpoint(local);
    // A port of the system's choice is how clients bind; who listens on it is checked then.
    if (endpoint.port !== 0) this.#sockets.checkLocal(endpoint);
    this.#state = { is: "binding", listener: new Listener(this.family, endpoint, this.#changes) };
  }

  finishBind(): void {
    const state = this.#state;
    if (state.is !== "binding") throw socketError("not-in-progress");
    const { state: outcome } = state.listener;
    if (outcome === "binding") throw socketError("would-block");
    if (outcome === "bound") {
      this.#state = { is: "bound", listener: state.listener };
      return;
    }
    state.listener.close();
    this.#state = { is: "unbound" };
    throw socketError(outcome);
  }

  startConnect(_network: unknown, remote: SocketAddress): void {
    const state = this.#state;
    if (state.is === "connecting" || state.is === "binding") throw socketError("concurrency-conflict");
    if (state.is !== "unbound" && state.is !== "bound") throw socketError("invalid-state");
    if (!isRemoteOf(this.family, remote) || !isUnicastOf(this.family, remote)) throw socketError("invalid-argument");
    const endpoint = toEndpoint(remote);
    this.#sockets.checkRemote(endpoint);
    this.#connect(endpoint, state.is === "bound" ? state.listener : undefined);
  }

  finishConnect(): [InputStream, OutputStream] {
    const state = this.#state;
    if (state.is !== "connecting") throw socketError("not-in-progress");
    if (state.outcome === "pending") throw socketError("would-block");
    if (state.outcome !== "connected") {
      this.#state = { is: "closed" };
      throw socketError(state.outcome);
    }
    return this.#establish(state.socket);
  }

  startListen(): void {
    const state = this.#state;
    if (state.is === "starting" || state.is === "binding" || state.is === "connecting")
      throw socketError("concurrency-conflict");
    if (state.is !== "bound") throw socketError("invalid-state");
    this.#sockets.checkLocal(state.listener.local);
    state.listener.keep(this.options.backlog);
    this.#state = { is: "starting", listener: state.listener };
  }

  finishListen(): void {
    const state = this.#state;
    if (state.is !== "starting") throw socketError("not-in-progress");
    this.#state = { is: "listening", listener: state.listener };
  }

  accept(): [TcpSocket, InputStream, OutputStream] {
    const state = this.#state;
    if (state.is !== "listening") throw socketError("invalid-state");
    this.#sockets.checkRoom();
    const socket = state.listener.accept();
    if (socket === undefined) throw socketError("would-block");
    const accepted = new TcpSocket(this.family, this.#sockets, this.options.copy());
    return [accepted, ...accepted.#establish(socket)];
  }

  localAddress(): SocketAddress {
    const state = this.#state;
    if (state.is === "binding") throw socketError("concurrency-conflict");
    if (state.is === "unbound" || state.is === "closed") throw socketError("invalid-state");
    if ("listener" in state) return fromEndpoint(state.listener.local);
    const { localAddress: address, localPort: port } = state.socket;
    if (address === undefined || port === undefined) throw socketError("invalid-state");
    return fromEndpoint({ address, port });
  }

  remoteAddress(): SocketAddress {
    const state = this.#state;
    if (state.is === "connecting") throw socketError("concurrency-conflict");
    if (state.is !== "connected") throw socketError("invalid-state");
    const { remoteAddress: address, remotePort: port } = state.socket;
    if (address === undefined || port === undefined) throw socketError("invalid-state");
    return fromEndpoint({ address, port });
  }

  isListening(): boolean {
    return this.#state.is === "listening";
  }

  setListenBacklogSize(value: bigint): void {
    const state = this.#state;
    if (value === 0n) throw socketError("invalid-argument");
    if (state.is === "connecting" || state.is === "starting") throw socketError("concurrency-conflict");
    if (state.is === "connected" || state.is === "closed") throw socketError("invalid-state");
    this.options.backlog = value < BigInt(backlogLimit) ? Number(value) : backlogLimit;
    if (state.is === "listening") state.listener.keep(this.options.backlog);
  }

  subscribe(): Pollable {
    return new Pollable(
      this.#changes.readiness(() => this.#isReady()),
      this.#sockets.instance,
    );
  }

  shutdown(what: "receive" | "send" | "both"): void {
    const state = this.#state;
    if (state.is === "connecting") throw socketError("concurrency-conflict");
    if (state.is !== "connected") throw socketError("invalid-state");
    if (what !== "send") state.connection.shutdownReceive();
    if (what !== "receive") state.connection.shutdownSend();
  }

  /** Ends the socket, whatever its state. */
  close(): void {
    const state = this.#state;
    this.#state = { is: "closed" };
    this.#sockets.remove(this);
    if ("listener" in state) state.listener.close();
    else if (state.is === "connecting") state.socket.destroy();
    else if (state.is === "connected") state.connection.close();
    this.#changes.wake();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected override optionsChanged(): void {
    if (this.#state.is === "connected") this.options.apply(this.#state.socket);
  }

  #connect(remote: Endpoint, bound: Listener | undefined): void {
    const local = bound?.local;
    // The address passes from the listener to the connection: both at once cannot hold it.
    bound?.close();
    const socket = connect({
      host: remote.address,
      port: remote.port,
      allowHalfOpen: true,
      ...(local === undefined ? {} : { localAddress: local.address, localPort: local.port }),
    });
    const state: TcpState = { is: "connecting", socket, outcome: "pending" };
    const settle = (outcome: "connected" | SocketCode): void => {
      if (state.outcome !== "pending") return;
      state.outcome = outcome;
      this.#changes.wake();
    };
    socket.on("connect", () => settle("connected"));
    socket.on("error", (error) => settle(socketCode(error)));
    this.#state = state;
  }

  #establish(socket: Socket): [InputStream, OutputStream] {
    socket.setNoDelay(false);
    this.options.apply(socket);
    const connection = new Connection(socket, this.options.sendBuffer);
    this.#state = { is: "connected", socket, connection };
    return connection.streams(this.#sockets.instance);
  }

  #isReady(): boolean {
    const state = this.#state;
    if (state.is === "binding") return state.listener.state !== "binding";
    if (state.is === "listening") return state.listener.hasConnection;
    return state.is !== "connecting" || state.outcome !== "pending";
  }
}
