import { createSocket, type Socket } from "node:dgram";
import type { Endpoint, Family } from "./address.ts";
import { type SocketCode, socketCode } from "./error-code.ts";
import { receivedDatagramBytes, receivedDatagrams, sentDatagrams } from "./limits.ts";
import type { Wakers } from "../io/wakers.ts";

/** A datagram as it arrived. */
export interface Received {
  readonly data: Uint8Array;
  readonly from: Endpoint;
}

/** The options of a UDP socket, with the defaults of Linux. */
export interface UdpOptions {
  readonly hopLimit: number;
  readonly receiveBuffer: bigint;
  readonly sendBuffer: bigint;
}

/** A UDP socket of Node's: a bounded queue of what arrived, and a bounded number of datagrams on their way out. */
export class DatagramPort {
  readonly #socket: Socket;
  readonly #changes: Wakers;
  readonly #queue: Received[] = [];
  #queuedBytes = 0;
  #sending = 0;
  #state: "binding" | "bound" | "closed" | SocketCode = "binding";
  #failure: SocketCode | undefined;

  constructor(family: Family, { address, port }: Endpoint, changes: Wakers) {
    const version = family === "ipv4" ? 4 : 6;
    this.#changes = changes;
    this.#socket = createSocket({
      type: `udp${version}`,
      ipv6Only: version === 6,
      // Only addresses get here.
      lookup: (literal, _options, found) => found(null, literal, version),
    });
    this.#socket.on("error", (error) => this.#fail(socketCode(error)));
    this.#socket.on("listening", () => this.#bound());
    this.#socket.on("message", (data, { address: from, port: fromPort }) => {
      this.#arrived({ data, from: { address: from, port: fromPort } });
    });
    this.#socket.bind({ address, port, exclusive: true });
  }

  get state(): "binding" | "bound" | "closed" | SocketCode {
    return this.#state;
  }

  get local(): Endpoint {
    return this.#socket.address();
  }

  get hasDatagram(): boolean {
    return this.#queue.length > 0;
  }

  /** How many more datagrams may be sent now. */
  get permits(): number {
    return sentDatagrams - this.#sending;
  }

  /** What went wrong with an earlier datagram, once. */
  takeFailure(): SocketCode | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  get hasFailure(): boolean {
    return this.#failure !== undefined;
  }

  take(): Received | undefined {
    const received = this.#queue.shift();
    this.#queuedBytes -= received?.data.length ?? 0;
    return received;
  }

  send(data: Uint8Array, { address, port }: Endpoint): void {
    this.#sending += 1;
    // The guest may use its memory again at once.
    this.#socket.send(Uint8Array.from(data), port, address, (error) => {
      this.#sending -= 1;
      if (error !== null) this.#failure = socketCode(error);
      this.#changes.wake();
    });
  }

  apply({ hopLimit, receiveBuffer, sendBuffer }: UdpOptions): void {
    if (this.#state !== "bound") return;
    this.#socket.setTTL(hopLimit);
    this.#socket.setRecvBufferSize(Number(receiveBuffer));
    this.#socket.setSendBufferSize(Number(sendBuffer));
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#queue.length = 0;
    this.#socket.close();
    this.#changes.wake();
  }

  #bound(): void {
    this.#state = "bound";
    this.#changes.wake();
  }

  #fail(code: SocketCode): void {
    if (this.#state === "binding") this.#state = code;
    else this.#failure = code;
    this.#changes.wake();
  }

  #arrived(received: Received): void {
    const bytes = received.data.length;
    if (this.#queue.length >= receivedDatagrams || this.#queuedBytes + bytes > receivedDatagramBytes) return;
    this.#queue.push(received);
    this.#queuedBytes += bytes;
    this.#changes.wake();
  }
}
