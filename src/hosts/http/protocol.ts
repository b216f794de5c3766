import type { HeaderPairs } from "../../core/http.ts";
import type { Value } from "../../core/values.ts";

/**
 * How a request and its response travel between the server, on the control plane, and the isolate that answers.
 *
 * - The request comes with the call (`CallContext.request`), and with it a body of up to `inlineBodyBytes`; a longer one,
 *   or one of unknown length, is asked for part by part, so that nobody reads faster than the program does.
 * - A response that is complete when the call ends goes back as the call's result. One that is sent before begins with
 *   `begin`; each `write` is answered when there is room for the next, and the call's result ends it.
 * - When the client goes away the call is cancelled, and every question about its exchange is refused.
 */
export type HttpAsk =
  /** The next part of the request's body: bytes; at its end its trailers, or null. */
  | { readonly do: "read"; readonly exchange: number }
  /** Sends the status, the headers and the first bytes of a response. */
  | { readonly do: "begin"; readonly exchange: number; readonly head: ResponseHead; readonly body: Uint8Array | null }
  /** Sends more of it. */
  | { readonly do: "write"; readonly exchange: number; readonly body: Uint8Array };

/** A response but its body. */
export type ResponseHead = {
  readonly status: number;
  readonly headers: HeaderPairs;
};

/** What the call comes to: a whole response, or what follows the end of one that was begun. */
export type HttpReply<Bytes = Uint8Array> =
  | readonly [status: number, headers: HeaderPairs, body: string | Bytes | null, trailers: HeaderPairs]
  | readonly [trailers: HeaderPairs];

/** Bodies up to this size travel with the call: a copy costs less than another message. */
export const inlineBodyBytes = 65_536;
/** Bytes of a response that may be on their way from an isolate before its program waits. */
export const sendWindowBytes = 262_144;
/** Bytes of a response that wait in the server for the client, before the isolate waits. */
export const serverWindowBytes = 65_536;

/** Reads what a call came to. Only our own half of an exchange writes it. */
export function readReply(value: Value): HttpReply<Uint8Array<ArrayBuffer>> {
  if (Array.isArray(value)) {
    const [status, headers, body, trailers]: readonly Value[] = value;
    if (typeof status === "number" && isTexts(headers) && isBody(body) && isTexts(trailers)) {
      return [status, headers, body, trailers];
    }
    if (isTexts(status) && value.length === 1) return [status];
  }
  throw new Error("a call that answers a request came to something else than a reply");
}

function isBody(value: Value | undefined): value is string | Uint8Array<ArrayBuffer> | null {
  if (value === null || typeof value === "string") return true;
  return value instanceof Uint8Array && value.buffer instanceof ArrayBuffer;
}

function isTexts(value: Value | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
