import type { Readable } from "node:stream";
import { WeftError } from "../../core/errors.ts";
import { failed, type Fetched } from "./lua-fetch.ts";
import { startTimer } from "./timer.ts";

/** What a program gets at once when it does not say how much. */
const readBytes = 64 << 10;

/** Reads a body whole. @throws WeftError `RESPONSE_TOO_LARGE`, `REQUEST_FAILED`; the signal's reason. */
export async function readWhole(fetched: Fetched, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const { body, url } = fetched;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    if (saidLength(fetched) > maxBytes) throw tooLarge(url, maxBytes);
    for await (const piece of chunks(body)) {
      bytes += piece.length;
      if (bytes > maxBytes) throw tooLarge(url, maxBytes);
      pieces.push(piece);
    }
  } catch (error) {
    body.destroy();
    throw signal.aborted ? signal.reason : inBody(error, url);
  }
  return Buffer.concat(pieces, bytes);
}

/** How long a body says that it will be, where that is what is read of it; 0 where it does not say. */
function saidLength({ message, isHead }: Fetched): number {
  const { "content-length": length, "content-encoding": encoding } = message.headers;
  return isHead || encoding !== undefined ? 0 : Number(length ?? 0);
}

function tooLarge(url: URL, maxBytes: number): WeftError {
  return new WeftError("RESPONSE_TOO_LARGE", `the response of ${url.href} is longer than ${maxBytes} bytes`, {
    details: { url: url.href, limit: maxBytes },
  });
}

function inBody(error: unknown, url: URL): WeftError {
  if (error instanceof WeftError) return error;
  return failed(url, error instanceof Error ? error.message : String(error), error);
}

async function* chunks(body: Readable): AsyncGenerator<Uint8Array, undefined> {
  for await (const piece of body) {
    const chunk: unknown = piece;
    if (chunk instanceof Uint8Array) yield chunk;
  }
  return undefined;
}

/** A body that a program reads piece by piece; more is taken from the network only when it is read. */
export class ResponseStream implements Disposable {
  readonly #fetched: Fetched;
  readonly #timeoutMs: number;
  readonly #closed: () => void;
  readonly #chunks: AsyncGenerator<Uint8Array, undefined>;
  #rest: Uint8Array = new Uint8Array(0);
  #state: "open" | "ended" | "closed" = "open";

  /** Waits `timeoutMs` for each piece; `closed` hears when nothing more comes. */
  constructor(fetched: Fetched, timeoutMs: number, closed: () => void) {
    this.#fetched = fetched;
    this.#timeoutMs = timeoutMs;
    this.#closed = closed;
    this.#chunks = chunks(fetched.body);
    // Read or not, a failure is told by `read`, not by the process.
    fetched.body.on("error", () => undefined);
  }

  /** At least one byte, at most `limit`; undefined at the end. @throws WeftError `REQUEST_FAILED`, `INVALID_ARGUMENT`. */
  async read(limit: number = readBytes): Promise<Uint8Array | undefined> {
    if (this.#state === "closed") throw new WeftError("INVALID_ARGUMENT", "the stream was closed");
    if (limit <= 0) throw new WeftError("INVALID_ARGUMENT", "a read asks for at least one byte");
    if (this.#rest.length === 0) this.#rest = (await this.#next()) ?? this.#rest;
    if (this.#rest.length === 0) return undefined;
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** Ends it; what was not read is lost. */
  close(): void {
    if (this.#state !== "ended") this.#state = "closed";
    this.#fetched.body.destroy();
    this.#fetched.message.destroy();
    this.#closed();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#state === "ended") return undefined;
    const { url, body } = this.#fetched;
    const late = new WeftError("REQUEST_TIMEOUT", `no more came from ${url.href} within ${this.#timeoutMs} ms`, {
      details: { url: url.href },
    });
    using _timer = startTimer(this.#timeoutMs, () => void body.destroy(late));
    try {
      const { value } = await this.#chunks.next();
      if (value === undefined) this.#end();
      return value;
    } catch (error) {
      this.#end();
      throw inBody(error, url);
    }
  }

  #end(): void {
    this.#state = "ended";
    this.#closed();
  }
}
