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
