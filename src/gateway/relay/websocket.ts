import { setTimeout as sleep } from "node:timers/promises";
import type { RawData, WebSocket } from "ws";
import { toJson } from "../../core/json.ts";
import { isRecord } from "../../core/values.ts";
import type { Letter } from "../../hosts/ports.ts";
import { letterJson } from "./payload.ts";
import type { Ending, RelayClient, RelaySession } from "./session.ts";

/** How often a client that says nothing is asked whether it is there; one that does not answer until the next time is not. */
const pingMs = 30_000;
/** Bytes that wait for a client that takes nothing, before it is cut off. */
const waitingBytes = 16 * 1024 * 1024;
/** How often it is looked whether a process has read what its clients said. */
const crowdCheckMs = 10;
/** As much of a reason as fits into a close frame (RFC 6455, 5.5). */
const reasonBytes = 123;

/** A WebSocket whose other side is a process. */
export class WebSocketClient implements RelayClient {
  readonly prefix = "ws";
  #socket: WebSocket | undefined;
  #isAlive = true;

  /** The handshake is done. */
  open(socket: WebSocket, session: RelaySession): void {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      const bytes = bytesOf(data);
      session.message(isBinary ? new Uint8Array(bytes) : bytes.toString("utf8"));
      if (session.isCrowded(bytes.length)) void hold(socket, session, bytes.length);
    });
    // Each is answered by itself, whether the client reads the answers or not.
    socket.on("ping", () => this.#bound(socket));
    socket.on("pong", () => (this.#isAlive = true));
    const ping = setInterval(() => this.#ping(), pingMs).unref();
    socket.on("close", (code, reason) => {
      clearInterval(ping);
      session.over({ code, reason: reason.toString("utf8") });
    });
    // What is wrong with a client is told by the code with which it is closed.
    socket.on("error", () => undefined);
    session.join();
  }

  forward(letter: Letter, taken: () => void): void {
    const socket = this.#socket;
    if (socket === undefined) return taken();
    const { data, binary } = frameOf(letter);
    socket.send(data, { binary }, () => taken());
    this.#bound(socket);
  }

  close({ code, reason }: Ending): void {
    this.#socket?.close(code, cut(reason));
    // A server that stops does not wait for whoever does not answer.
    if (code === 1001) setImmediate(() => this.#socket?.terminate());
  }

  #bound(socket: WebSocket): void {
    if (socket.bufferedAmount > waitingBytes) socket.terminate();
  }

  #ping(): void {
    if (!this.#isAlive) return this.#socket?.terminate();
    this.#isAlive = false;
    this.#socket?.ping();
  }
}

/** Reads nothing of a client until its process has read what there is. */
async function hold(socket: WebSocket, session: RelaySession, bytes: number): Promise<void> {
  if (socket.isPaused) return;
  socket.pause();
  while (session.isCrowded(bytes)) await sleep(crowdCheckMs);
  socket.resume();
}

/** `ws.send` with a type and data is a message as it stands; any other letter is told as JSON, with its topic. */
function frameOf(letter: Letter): { readonly data: string | Uint8Array; readonly binary: boolean } {
  const payload = letter.payloads[0] ?? null;
  if (letter.topic !== "ws.send" || !isRecord(payload)) return { data: letterJson(letter), binary: false };
  const { type, data = null } = payload;
  const binary = type === "binary" || data instanceof Uint8Array;
  const sent = typeof data === "string" || data instanceof Uint8Array ? data : toJson(data);
  return { data: binary && typeof sent === "string" ? Buffer.from(sent) : sent, binary };
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}

/** A reason that fits, whole characters only. */
function cut(reason: string): string {
  return Buffer.from(reason)
    .subarray(0, reasonBytes)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
}
