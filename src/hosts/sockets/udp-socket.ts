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
import { DatagramPort, type UdpOptions } from "./datagram-port.ts";
import { type DatagramChannel, IncomingDatagramStream, OutgoingDatagramStream } from "./datagram-streams.ts";
import { socketError } from "./error-code.ts";
import type { OpenSockets } from "./open-sockets.ts";
import { bufferSize, positive } from "./tcp-options.ts";
import { Wakers } from "../io/wakers.ts";

/** Linux's `net.core.rmem_default`. */
const defaultBuffer = 212_992n;

type UdpState =
  | { readonly is: "unbound" | "closed" }
  | { readonly is: "binding" | "bound"; readonly port: DatagramPort };

/** The resource `udp-socket`. */
export class UdpSocket {
  readonly #family: Family;
  readonly #sockets: OpenSockets;
  readonly #changes = new Wakers();
  #options: UdpOptions = { hopLimit: 64, receiveBuffer: defaultBuffer, sendBuffer: defaultBuffer };
  #state: UdpState = { is: "unbound" };
  #channel: DatagramChannel | undefined;

  /** @throws ResultError `new-socket-limit` */
  constructor(family: Family, sockets: OpenSockets) {
    this.#family = family;
    this.#sockets = sockets;
    sockets.add(this);
  }

  startBind(_network: unknown, local: SocketAddress): void {
    const { is } = this.#state;
    if (is === "binding") throw socketError("concurrency-conflict");
    if (is !== "unbound") throw socketError("invalid-state");
    if (!isUnicastOf(this.#family, local)) throw socketError("invalid-argument");
    const endpoint = toEndpoint(local);
    // Whoever only sends has a port of the system's choice.
    if (endpoint.port !== 0) this.#sockets.checkLocal(endpoint);
    this.#state = { is: "binding", port: new DatagramPort(this.#family, endpoint, this.#changes) };
  }

  finishBind(): void {
    const state = this.#state;
    if (state.is !== "binding") throw socketError("not-in-progress");
    const { state: outcome } = state.port;
    if (outcome === "binding") throw socketError("would-block");
    if (outcome !== "bound") {
      state.port.close();
      this.#state = { is: "unbound" };
      throw socketError(outcome === "closed" ? "unknown" : outcome);
    }
    state.port.apply(this.#options);
    this.#state = { is: "bound", port: state.port };
  }

  /** Streams to everybody, or with one remote end only. Earlier streams of the socket are at their end. */
  stream(remote: SocketAddress | undefined): [IncomingDatagramStream, OutgoingDatagramStream] {
    const { port } = this.#bound();
    if (remote !== undefined && !isRemoteOf(this.#family, remote)) throw socketError("invalid-argument");
    const endpoint = remote === undefined ? undefined : toEndpoint(remote);
    if (endpoint !== undefined) this.#sockets.checkRemote(endpoint);
    const channel = this.#openChannel(port, endpoint);
    return [new IncomingDatagramStream(channel), new OutgoingDatagramStream(channel)];
  }

  localAddress(): SocketAddress {
    if (this.#state.is === "binding") throw socketError("concurrency-conflict");
    return fromEndpoint(this.#bound().port.local);
  }

  remoteAddress(): SocketAddress {
    const remote = this.#channel?.remote;
    if (remote === undefined) throw socketError("invalid-state");
    return fromEndpoint(remote);
  }

  addressFamily(): Family {
    return this.#family;
  }

  unicastHopLimit(): number {
    return this.#options.hopLimit;
  }

  setUnicastHopLimit(value: number): void {
    this.#set({ hopLimit: positive(value) });
  }

  receiveBufferSize(): bigint {
    return this.#options.receiveBuffer;
  }

  setReceiveBufferSize(value: bigint): void {
    this.#set({ receiveBuffer: bufferSize(value) });
  }

  sendBufferSize(): bigint {
    return this.#options.sendBuffer;
  }

  setSendBufferSize(value: bigint): void {
    this.#set({ sendBuffer: bufferSize(value) });
  }

  subscribe(): Pollable {
    const isReady = (): boolean => this.#state.is !== "binding" || this.#state.port.state !== "binding";
    return new Pollable(this.#changes.readiness(isReady), this.#sockets.instance);
  }

  /** Ends the socket, whatever its state. */
  close(): void {
    const state = this.#state;
    this.#state = { is: "closed" };
    this.#channel = undefined;
    this.#sockets.remove(this);
    if ("port" in state) state.port.close();
    this.#changes.wake();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #set(options: Partial<UdpOptions>): void {
    this.#options = { ...this.#options, ...options };
    if (this.#state.is === "bound") this.#state.port.apply(this.#options);
  }

  #openChannel(port: DatagramPort, remote: Endpoint | undefined): DatagramChannel {
    const channel: DatagramChannel = {
      family: this.#family,
      sockets: this.#sockets,
      port,
      changes: this.#changes,
      remote,
      isCurrent: () => this.#channel === channel,
    };
    this.#channel = channel;
    this.#changes.wake();
    return channel;
  }

  #bound(): { readonly port: DatagramPort } {
    if (this.#state.is !== "bound") throw socketError("invalid-state");
    return this.#state;
  }
}
