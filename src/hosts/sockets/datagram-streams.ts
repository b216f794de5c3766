import { WeftError } from "../../core/errors.ts";
import { Pollable } from "../io/pollable.ts";
import { type Endpoint, type Family, fromEndpoint, isRemoteOf, type SocketAddress, toEndpoint } from "./address.ts";
import type { DatagramPort } from "./datagram-port.ts";
import { type SocketCode, socketError } from "./error-code.ts";
import { datagramBytes, receivedDatagrams } from "./limits.ts";
import type { OpenSockets } from "./open-sockets.ts";
import type { Wakers } from "../io/wakers.ts";

/** What both streams of a socket work on. `isCurrent` is false when the socket has newer streams, or is gone. */
export interface DatagramChannel {
  readonly family: Family;
  readonly sockets: OpenSockets;
  readonly port: DatagramPort;
  readonly changes: Wakers;
  readonly remote: Endpoint | undefined;
  readonly isCurrent: () => boolean;
}

/** The record `incoming-datagram`. */
export interface IncomingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: SocketAddress;
}

/** The record `outgoing-datagram`. */
export interface OutgoingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress?: SocketAddress | undefined;
}

/** The resource `incoming-datagram-stream`. */
export class IncomingDatagramStream {
  readonly #channel: DatagramChannel;

  constructor(channel: DatagramChannel) {
    this.#channel = channel;
  }

  /** What has arrived, perhaps nothing; of a connected socket, only from its remote end. */
  receive(maxResults: bigint): IncomingDatagram[] {
    checkCurrent(this.#channel);
    const { port, remote } = this.#channel;
    const limit = maxResults < BigInt(receivedDatagrams) ? Number(maxResults) : receivedDatagrams;
    const results: IncomingDatagram[] = [];
    while (results.length < limit) {
      const next = port.take();
      if (next === undefined) break;
      if (remote !== undefined && !isSame(next.from, remote)) continue;
      results.push({ data: next.data, remoteAddress: fromEndpoint(next.from) });
    }
    return results;
  }

  subscribe(): Pollable {
    const { changes, port, sockets, isCurrent } = this.#channel;
    return new Pollable(
      changes.readiness(() => port.hasDatagram || !isCurrent()),
      sockets.instance,
    );
  }

  [Symbol.dispose](): void {}
}

/** The resource `outgoing-datagram-stream`. */
export class OutgoingDatagramStream {
  readonly #channel: DatagramChannel;
  #permitted = 0;

  constructor(channel: DatagramChannel) {
    this.#channel = channel;
  }

  /** How many datagrams the next `send` may have; zero while too many are on their way. */
  checkSend(): bigint {
    checkCurrent(this.#channel);
    const { port } = this.#channel;
    const failure = port.takeFailure();
    if (failure !== undefined) throw socketError(failure);
    this.#permitted = port.permits;
    return BigInt(this.#permitted);
  }

  /** Sends them in order, and says how many it took; fails only if it could not take the first. */
  send(datagrams: readonly OutgoingDatagram[]): bigint {
    checkCurrent(this.#channel);
    if (datagrams.length > this.#permitted) {
      const text = `a send of ${datagrams.length} datagrams, where check-send permitted ${this.#permitted}`;
      throw new WeftError("TRAP_INVALID_VALUE", text);
    }
    const { port } = this.#channel;
    let sent = 0;
    for (const { data, remoteAddress } of datagrams) {
      const target = this.#target(data, remoteAddress);
      if (typeof target === "string") {
        if (sent === 0) throw socketError(target);
        break;
      }
      port.send(data, target);
      sent += 1;
    }
    this.#permitted -= sent;
    return BigInt(sent);
  }

  subscribe(): Pollable {
    const { changes, port, sockets, isCurrent } = this.#channel;
    return new Pollable(
      changes.readiness(() => port.permits > 0 || port.hasFailure || !isCurrent()),
      sockets.instance,
    );
  }

  [Symbol.dispose](): void {}

  /** Where a datagram goes, or why it does not. */
  #target(data: Uint8Array, address: SocketAddress | undefined): Endpoint | SocketCode {
    const { family, remote, sockets } = this.#channel;
    if (address === undefined && remote === undefined) return "invalid-argument";
    if (address !== undefined && !isRemoteOf(family, address)) return "invalid-argument";
    const target = address === undefined ? remote : toEndpoint(address);
    if (target === undefined || (remote !== undefined && !isSame(target, remote))) return "invalid-argument";
    if (data.length > datagramBytes[family]) return "datagram-too-large";
    return sockets.mayReach(target) ? target : "access-denied";
  }
}

/** Whether both are the same end, by the one text that each address has. */
function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}

function checkCurrent({ isCurrent }: DatagramChannel): void {
  if (!isCurrent()) throw socketError("invalid-state");
}
