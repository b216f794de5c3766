import { toJson } from "../../core/json.ts";
import type { Letter } from "../../hosts/ports.ts";
import { payloadJson } from "./payload.ts";
import type { Ending, RelayClient, RelaySession } from "./session.ts";

/** Bytes that wait for the client before writers do. */
const windowBytes = 65_536;
/** Bytes that wait for a client that takes nothing, before it is cut off. */
const waitingBytes = 16 * 1024 * 1024;

/** An event stream (text/event-stream) whose other side is a process. */
export class EventStreamClient implements RelayClient {
  readonly prefix = "sse";
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #session: RelaySession | undefined;
  /** Letters that wait for room. */
  #untaken: (() => void)[] = [];

  /** Begins the stream. */
  open(session: RelaySession): ReadableStream<Uint8Array> {
    this.#session = session;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#takeAll(),
        cancel: () => this.gone(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: windowBytes }),
    );
    const { target, topic } = session.settings;
    // A client that nobody has yet can tell others how it is reached.
    if (target === undefined) this.#write("ready", toJson({ stream_pid: session.pid, message_topic: topic }));
    session.join();
    return body;
  }

  forward(letter: Letter, taken: () => void): void {
    if (letter.topic !== this.#session?.settings.topic) return taken();
    this.#untaken.push(taken);
    this.#write(letter.topic, payloadJson(letter));
    const room = this.#controller?.desiredSize ?? 0;
    if (room > 0) this.#takeAll();
    if (room < windowBytes - waitingBytes) this.#session.end({ code: 1013, reason: "the client reads nothing" });
  }

  beat(): void {
    this.#enqueue(": heartbeat\n\n");
  }

  close({ reason }: Ending): void {
    this.#write("done", toJson({ reason }));
    this.#controller?.close();
    this.#controller = undefined;
    this.#takeAll();
  }

  /** The client is not there any more. */
  gone(): void {
    this.#controller = undefined;
    this.#takeAll();
    this.#session?.over({ code: 1006, reason: "" });
  }

  #write(event: string, data: string): void {
    this.#enqueue(`event: ${event.replaceAll(/[\r\n]/g, " ")}\ndata: ${data}\n\n`);
  }

  #enqueue(text: string): void {
    this.#controller?.enqueue(Buffer.from(text));
  }

  #takeAll(): void {
    for (const taken of this.#untaken.splice(0)) taken();
  }
}
