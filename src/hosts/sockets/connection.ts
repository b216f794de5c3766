import type { Socket } from "node:net";
import type { ByteSource } from "../io/byte-reader.ts";
import { InputStream } from "../io/input-stream.ts";
import { streamClosed } from "../io/io-error.ts";
import { type ByteSink, OutputStream, type SinkFlow } from "../io/output-stream.ts";
import type { Waiter } from "../io/pollable.ts";
import { ConnectionError } from "./error-code.ts";
import { lingerMs, sendQueueBytes } from "./limits.ts";
import { Wakers } from "../io/wakers.ts";

/**
 * A connected socket of Node's as WASI streams. It is read only as fast as the guest reads (Node stops at its own
 * buffer's limit), and written only while little is on its way out.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #incoming = new Wakers();
  readonly #outgoing = new Wakers();
  readonly #sendLimit: number;
  #failure: Error | undefined;
  #receiving = true;
  #sending = true;

  constructor(socket: Socket, sendBuffer: bigint) {
    this.#socket = socket;
    // It may have failed while it waited to be accepted.
    this.#failure = socket.errored ?? undefined;
    this.#sendLimit = Math.min(Number(sendBuffer), sendQueueBytes);
    const arrived = (): void => this.#incoming.wake();
    socket.on("readable", arrived);
    socket.on("end", arrived);
    socket.on("drain", () => this.#outgoing.wake());
    socket.on("finish", () => this.#outgoing.wake());
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
    socket.on("close", () => {
      this.#incoming.wake();
      this.#outgoing.wake();
    });
  }

  /** The two streams; they end with the connection, and dropping them leaves it open. */
  streams(waiter: Waiter): [InputStream, OutputStream] {
    return [new InputStream(this.#source(), waiter), new OutputStream(this.#sink(), waiter)];
  }

  shutdownReceive(): void {
    this.#receiving = false;
    this.#incoming.wake();
  }

  /** Sends what was written, then the end. */
  shutdownSend(): void {
    this.#sending = false;
    this.#socket.end();
    this.#outgoing.wake();
  }

  close(): void {
    this.#receiving = false;
    this.#sending = false;
    closeGently(this.#socket);
    this.#incoming.wake();
    this.#outgoing.wake();
  }

  #source(): ByteSource {
    return { waits: true, read: (limit) => this.#read(limit) };
  }

  #read(limit: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const bytes = this.#take(limit);
    if (bytes === undefined || bytes.length > 0) return bytes;
    return this.#incoming.next().then(() => this.#read(limit));
  }

  /** No bytes when there are none yet, undefined at the end. */
  #take(limit: number): Uint8Array | undefined {
    const socket = this.#socket;
    if (!this.#receiving) return undefined;
    const taken: unknown =
      socket.readableLength > 0 ? socket.read(Math.min(limit, socket.readableLength)) : socket.read();
    if (taken instanceof Uint8Array) return taken;
    if (socket.readableEnded) return undefined;
    if (this.#failure !== undefined) throw new ConnectionError(this.#failure);
    return socket.destroyed ? undefined : new Uint8Array(0);
  }

  #sink(): ByteSink {
    const isReady = (): boolean => !this.#isWritable() || this.#room() > 0;
    const flow: SinkFlow = {
      ...this.#outgoing.readiness(isReady),
      room: () => {
        this.#checkWritable();
        return Math.max(0, this.#room());
      },
      isFlushed: () => !this.#isWritable() || this.#socket.writableLength === 0,
    };
    return {
      flow,
      write: (bytes) => {
        this.#checkWritable();
        // The guest may use its memory again at once.
        this.#socket.write(Uint8Array.from(bytes), () => this.#outgoing.wake());
      },
    };
  }

  #room(): number {
    return this.#sendLimit - this.#socket.writableLength;
  }

  #isWritable(): boolean {
    return this.#sending && this.#failure === undefined && this.#socket.writable;
  }

  #checkWritable(): void {
    if (this.#sending && this.#failure !== undefined) throw new ConnectionError(this.#failure);
    if (!this.#isWritable()) throw streamClosed();
  }
}

/** Closes a socket as an operating system does: what was written is still sent, if the other side takes it in time. */
function closeGently(socket: Socket): void {
  socket.unref();
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once("close", () => clearTimeout(timer));
  socket.destroySoon();
}
