import { isAscii } from "node:buffer";
import type { EntryId } from "./ids.ts";

/** Names and values of headers, in turn: `["content-type", "text/plain", …]`. */
export type HeaderPairs = readonly string[];

/** An HTTP request as it travels with the call that answers it: plain data. */
export interface HttpRequest {
  /** The number of the exchange, by which the rest of its body is asked for. */
  readonly exchange: number;
  /** The http.endpoint that it came to. */
  readonly endpoint: EntryId;
  readonly method: string;
  readonly scheme: "http" | "https";
  /** What the `host` header says. */
  readonly host: string;
  /** Path and query as they came. */
  readonly target: string;
  /** Decoded. */
  readonly path: string;
  /** As it came, without the question mark. */
  readonly query: string;
  /** As they came. */
  readonly headers: HeaderPairs;
  /** Parts of the path that the route names. */
  readonly params: Readonly<Record<string, string>>;
  /** `address:port` of the client. */
  readonly remoteAddress: string;
  /** The body when it is small, "stream" when it is read bit by bit, undefined when there is none. */
  readonly body: Uint8Array | "stream" | undefined;
  /** How long the whole body is, where the client says so. */
  readonly bodyBytes: number | undefined;
}

/** A request on its way to another thread: names of fields would take longer to cross than most of what they name. */
export type WireRequest = readonly [
  exchange: number,
  endpoint: EntryId,
  method: string,
  scheme: HttpRequest["scheme"],
  host: string,
  target: string,
  path: string,
  query: string,
  headers: HeaderPairs,
  params: HttpRequest["params"],
  remoteAddress: string,
  /** A small body is a text of its bytes, which is the quickest way across. */
  body: string | Uint8Array | undefined,
  isStream: boolean,
  bodyBytes: number | undefined,
];

/** Bodies up to this size cross threads as texts, of which each character is a byte. */
const textBodyBytes = 4_096;

/** A request as it crosses threads. */
export function encodeRequest(request: HttpRequest): WireRequest {
  const { exchange, endpoint, method, scheme, host, target, path, query, headers, params } = request;
  const { remoteAddress, body, bodyBytes } = request;
  const isStream = body === "stream";
  const sent = isStream || body === undefined ? undefined : body.length > textBodyBytes ? body : latin1Of(body);
  return [
    exchange,
    endpoint,
    method,
    scheme,
    host,
    target,
    path,
    query,
    headers,
    params,
    remoteAddress,
    sent,
    isStream,
    bodyBytes,
  ];
}

/** A request that crossed threads. */
export function decodeRequest(wire: WireRequest): HttpRequest {
  const sent = wire[11];
  return {
    exchange: wire[0],
    endpoint: wire[1],
    method: wire[2],
    scheme: wire[3],
    host: wire[4],
    target: wire[5],
    path: wire[6],
    query: wire[7],
    headers: wire[8],
    params: wire[9],
    remoteAddress: wire[10],
    body: wire[12] ? "stream" : typeof sent === "string" ? bytesOf(sent) : sent,
    bodyBytes: wire[13],
  };
}

/** Bytes as such a text. */
function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A body as it crosses threads and leaves the server fastest: a short one of ASCII as a text. */
export function quickest<Bytes extends Uint8Array>(body: Bytes): string | Bytes {
  return body.length <= textBodyBytes && isAscii(body) ? latin1Of(body) : body;
}

/** In memory of its own: what is sent on to another thread takes all of its buffer along. */
function bytesOf(latin1: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(latin1.length);
  bytes.write(latin1, "latin1");
  return bytes;
}
