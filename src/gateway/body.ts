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

/** Who waits for a body: one of the two is called, once. */
export interface BodyListener {
  readonly received: (body: IncomingBody) => void;
  readonly failed: (error: unknown) => void;
}

const none: IncomingBody = { body: undefined, bytes: 0 };

/** Tells how a request's body goes on: at once, or when all of a small one is here. Fails with `BODY_TOO_LARGE`. */
export function receiveBody(incoming: IncomingMessage, limitBytes: number, listener: BodyListener): void {
  const { received, failed } = listener;
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  if (length === undefined && encoding === undefined) return received(none);
  const bytes = length === undefined ? undefined : Number(length);
  if (bytes === 0) return received(none);
  if (bytes !== undefined && bytes > limitBytes) return failed(tooLarge(limitBytes));
  if (bytes !== undefined && bytes <= inlineBodyBytes) return receiveSmall(incoming, bytes, listener);
  return received({ body: "stream", bytes, source: bodySource(incoming, limitBytes) });
}

/** All of a body. @throws WeftError `BODY_TOO_LARGE`, `CALL_CANCELED` when it breaks off. */
export async function wholeBody(incoming: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingBody>();
  receiveBody(incoming, limitBytes, { received: resolve, failed: reject });
  const { body, source } = await promise;
  if (body instanceof Uint8Array) return body;
  const parts: Uint8Array[] = [];
  for (let part = await source?.read(); part !== undefined; part = await source?.read()) parts.push(part);
  return Buffer.concat(parts);
}

/** Waits for all of a small body. Slow clients are cut off by the server's timeouts before any program hears of them. */
function receiveSmall(incoming: IncomingMessage, bytes: number, { received, failed }: BodyListener): void {
  const body = new Uint8Array(bytes);
  let at = 0;
  let isOver = false;
  const end = (work: () => void): void => {
    if (isOver) return;
    isOver = true;
    work();
  };
  incoming.on("data", (part: Buffer) => {
    body.set(part, at);
    at += part.length;
  });
  incoming.on("end", () => end(() => received({ body, bytes })));
  incoming.on("error", (error) => end(() => failed(error)));
  incoming.on("close", () => end(() => failed(canceled("the client is gone"))));
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
