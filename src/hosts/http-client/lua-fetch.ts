import { Agent, type IncomingMessage, request as requestHttp, type RequestOptions } from "node:http";
import { Agent as SecureAgent, request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { WeftError } from "../../core/errors.ts";
import { systemErrorName } from "../io/system-errors.ts";
import { checkedLookup, checkTarget, type Reach } from "./connect.ts";
import { HttpError } from "./error-code.ts";
import { headerSectionBytes } from "./limits.ts";
import { readUrl, type Wanted } from "./lua-options.ts";

/** A response whose body is still to come. */
export interface Fetched {
  readonly url: URL;
  readonly message: IncomingMessage;
  /** The request was HEAD: what the head says of the body is said of one that does not come. */
  readonly isHead: boolean;
  /** The body as the program wants it: decompressed. */
  readonly body: Readable;
}

/** Connections of programs that nobody judges; a judged caller's is not for another one. */
const agents = { "http:": new Agent({ keepAlive: true }), "https:": new SecureAgent({ keepAlive: true }) };

/**
 * Sends a request, follows redirects, and resolves when a head has come. Each hop is checked as the first is.
 * @throws WeftError `PERMISSION_DENIED`, `REQUEST_FAILED`, `INVALID_ARGUMENT`; the signal's reason.
 */
export async function fetchHead(wanted: Wanted, reach: Reach, signal: AbortSignal): Promise<Fetched> {
  let hop = wanted;
  for (let left = wanted.redirects; ; left -= 1) {
    const message = await send(hop, reach, signal);
    const location = wanted.redirects === 0 ? undefined : locationOf(message);
    if (location === undefined) {
      const isHead = hop.method === "HEAD";
      return { url: hop.url, message, isHead, body: isHead ? message : decoded(message) };
    }
    message.destroy();
    const next = redirected(hop, message, location);
    if (left === 0) throw failed(hop.url, `more than ${wanted.redirects} redirects`);
    hop = next;
  }
}

async function send(wanted: Wanted, reach: Reach, signal: AbortSignal): Promise<IncomingMessage> {
  check(wanted, reach);
  try {
    return await sendOnce(wanted, reach, signal);
  } catch (error) {
    if (!(error instanceof StaleConnection) || !idempotent.has(wanted.method)) throw translated(error, wanted, signal);
  }
  try {
    return await sendOnce(wanted, reach, signal, { fresh: true });
  } catch (error) {
    throw translated(error, wanted, signal);
  }
}

/** Requests that may go again when a kept connection turns out to be closed. */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

/** The other side closed a kept connection before it had seen the request. */
class StaleConnection extends Error {}

function sendOnce(wanted: Wanted, reach: Reach, signal: AbortSignal, { fresh = false } = {}): Promise<IncomingMessage> {
  const { url, body } = wanted;
  const options = { ...requestOptions(wanted, reach, fresh), signal };
  return new Promise((resolve, reject) => {
    const client = url.protocol === "https:" ? requestHttps(options) : requestHttp(options);
    client.on("response", resolve);
    client.on("upgrade", (_message, socket) => socket.destroy());
    client.on("error", (error) => {
      const isStale = client.reusedSocket && systemErrorName(error) === "ECONNRESET";
      reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    client.on("close", () => reject(new Error("the connection was closed before an answer came")));
    client.end(body);
  });
}

function requestOptions(wanted: Wanted, reach: Reach, fresh: boolean): RequestOptions {
  const { url, tls, socketPath, body, method } = wanted;
  const isShared = tls === undefined && socketPath === undefined && !reach.security.judges(reach.call);
  const length = body !== undefined || !bodiless.has(method) ? { "content-length": body?.length ?? 0 } : {};
  return {
    method,
    path: `${url.pathname}${url.search}`,
    host: bareHost(url),
    port: portOf(url),
    headers: { host: url.host, ...traceHeaders(reach), ...wanted.headers, ...length },
    maxHeaderSize: headerSectionBytes,
    lookup: checkedLookup(portOf(url), reach),
    agent: isShared && !fresh && reach.rules === undefined && agents[protocolOf(url)],
    ...(socketPath !== undefined && { socketPath }),
    ...(tls !== undefined && { ...tls, rejectUnauthorized: !tls.insecure }),
  };
}

/** Methods whose requests have no body unless they say so; all others say that theirs is empty. */
const bodiless: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]);

const protocolOf = (url: URL): "http:" | "https:" => (url.protocol === "https:" ? "https:" : "http:");
const portOf = (url: URL): number => Number(url.port || (url.protocol === "https:" ? 443 : 80));
const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

/** The caller's trace goes on at the other side (https://www.w3.org/TR/trace-context/). */
function traceHeaders({ call: { trace } }: Reach): Readonly<Record<string, string>> {
  return trace === undefined ? {} : { traceparent: `00-${trace.traceId}-${trace.spanId}-01` };
}

function check({ url, method, socketPath, tls }: Wanted, reach: Reach): void {
  const { security, call } = reach;
  if (tls?.insecure === true) security.check("http_client.insecure_tls", url.href, call);
  if (socketPath !== undefined) {
    security.check("http_client.request", url.href, call);
    security.check("http_client.unix_socket", socketPath, call);
    return;
  }
  const path = `${url.pathname}${url.search}`;
  const isSecure = url.protocol === "https:";
  try {
    checkTarget({ isSecure, method, path, authority: url.host, host: bareHost(url), port: portOf(url) }, reach);
  } catch (error) {
    throw refusal(error, url) ?? error;
  }
}

/** What a refusal of our own is to Lua. */
function refusal(error: unknown, url: URL): WeftError | undefined {
  if (!(error instanceof HttpError)) return undefined;
  const isAddress = error.errorCode.tag === "destination-IP-prohibited";
  const what = isAddress ? `connect to the private address of ${url.hostname}` : `http_client.request on ${url.href}`;
  return new WeftError("PERMISSION_DENIED", `not allowed: ${what}`, { details: { url: url.href } });
}

function translated(error: unknown, { url }: Wanted, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof WeftError) return error;
  return refusal(error, url) ?? failed(url, reasonOf(error), error);
}

/** Node gives one error for all the addresses of a name, with an empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** A request that came to nothing. */
export function failed(url: URL, reason: string, cause?: unknown): WeftError {
  return new WeftError("REQUEST_FAILED", `the request to ${url.href} failed: ${reason}`, {
    details: { url: url.href, reason: systemErrorName(cause) ?? reason },
    cause,
  });
}

/** Where a response sends its request; undefined when it does not. */
function locationOf({ statusCode = 0, headers: { location } }: IncomingMessage): string | undefined {
  return [301, 302, 303, 307, 308].includes(statusCode) ? location : undefined;
}

/** A request sent on, with what of it goes along. @throws WeftError `REQUEST_FAILED` when it cannot be. */
function redirected(from: Wanted, { statusCode = 0 }: IncomingMessage, location: string): Wanted {
  const url = redirectUrl(from.url, location);
  const keeps = statusCode >= 307 || from.method === "GET" || from.method === "HEAD";
  const isElsewhere = url.host !== from.url.host || url.protocol !== from.url.protocol;
  const dropped = new Set([
    ...(isElsewhere ? ["authorization", "cookie", "host", "proxy-authorization"] : []),
    ...(keeps ? [] : ["content-type", "content-encoding", "transfer-encoding"]),
  ]);
  const headers = Object.fromEntries(Object.entries(from.headers).filter(([name]) => !dropped.has(name)));
  return { ...from, url, headers, ...(!keeps && { method: "GET", body: undefined }) };
}

/** What is wrong with where a server sends a request is the server's fault, not the program's. */
function redirectUrl(from: URL, location: string): URL {
  try {
    return readUrl(location, from);
  } catch (cause) {
    throw failed(from, `it is redirected to ${JSON.stringify(location)}: ${reasonOf(cause)}`, cause);
  }
}

/** The body without the compression that was asked for. */
function decoded(message: IncomingMessage): Readable {
  const isEmpty = message.statusCode === 204 || message.statusCode === 304 || message.headers["content-length"] === "0";
  const make = isEmpty ? undefined : decoders[message.headers["content-encoding"]?.toLowerCase() ?? ""];
  if (make === undefined) return message;
  const decoder = make();
  message.on("error", (error) => decoder.destroy(error));
  decoder.on("close", () => void message.destroy());
  return message.pipe(decoder);
}

const decoders: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
