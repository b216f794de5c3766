import type { IncomingMessage } from "node:http";
import { canceled } from "../core/cancellation.ts";
import { WeftError } from "../core/errors.ts";
import { inlineBodyBytes } from "../hosts/http/protocol.ts";
import type { BodySource } from "../hosts/http/server-exchange.ts";

/** The body of a request: with the call when it is small, else to be read. */
export interface IncomingBody {
  readonly body: Uint8Array | "stream" | undefined;
  readonly bytes: number | undefined;
  readonly source?: BodySource;
}

const none: IncomingBody = { body: undefined, bytes: 0 };

/** How a request's body goes on. A promise when a small one is not here yet. @throws WeftError `BODY_TOO_LARGE`. */
export function receiveBody(incoming: IncomingMessage, limitBytes: number): IncomingBody | Promise<IncomingBody> {
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  if (length === undefined && encoding === undefined) return none;
  const bytes = length === undefined ? undefined : Number(length);
  if (bytes === 0) return none;
  if (bytes !== undefined && bytes > limitBytes) throw tooLarge(limitBytes);
  if (bytes !== undefined && bytes <= inlineBodyBytes) return receiveSmall(incoming, bytes);
  return { body: "stream", bytes, source: bodySource(incoming, limitBytes) };
}

/** All of a body. @throws WeftError `BODY_TOO_LARGE`, `CALL_CANCELED` when it breaks off. */
export async function wholeBody(incoming: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const { body, source } = await receiveBody(incoming, limitBytes);
  if (body instanceof Uint8Array) return body;
  const parts: Uint8Array[] = [];
  for (let part = await source?.read(); part !== undefined; part = await source?.read()) parts.push(part);
  return Buffer.concat(parts);
}

/** Waits for all of a small body. Slow clients are cut off by the server's timeouts before any program hears of them. */
function receiveSmall(incoming: IncomingMessage, bytes: number): Promise<IncomingBody> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingBody>();
  const body = new Uint8Array(bytes);
  let at = 0;
  incoming.on("data", (part: Buffer) => {
    body.set(part, at);
    at += part.length;
  });
  incoming.once("end", () => resolve({ body, bytes }));
  incoming.once("error", reject);
  incoming.once("close", () => {
    if (!incoming.readableEnded) reject(canceled("the client is gone"));
  });
  return promise;
}

function bodySource(incoming: IncomingMessage, limitBytes: number): BodySource {
  const parts = incoming.iterator({ destroyOnReturn: false });
  let length = 0;
  return {
    async read() {
      const { value, done } = await next(parts);
      if (done === true || value === undefined) return undefined;
      length += value.length;
      if (length > limitBytes) throw tooLarge(limitBytes);
      // Part of a larger buffer: what crosses threads must be the bytes alone.
      return Uint8Array.from(value);
    },
    trailers: () => incoming.rawTrailers,
  };
}

async function next(parts: AsyncIterator<unknown>): Promise<IteratorResult<Uint8Array, undefined>> {
  try {
    const { value, done } = await parts.next();
    return done !== true && value instanceof Uint8Array ? { value, done: false } : { value: undefined, done: true };
  } catch (cause) {
    throw new WeftError("CALL_CANCELED", "the client went away before its request was complete", { cause });
  }
}

/** What a body is refused with. */
export function tooLarge(limitBytes: number): WeftError {
  return new WeftError("BODY_TOO_LARGE", `the request's body is larger than ${limitBytes} bytes`);
}
