import { getRequestListener, RequestError, type HttpBindings } from "@hono/node-server";
import { createServer, IncomingMessage, ServerResponse, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { monotonicMs } from "../core/clock.ts";
import { WeftError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Direct } from "./direct.ts";
import type { ServerSettings } from "./settings.ts";
import { answerable, wantsWebSocket } from "./upgrade.ts";

/** Answers a request: what `fetch` of a hono app is. */
export type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

/** What answers requests. */
export interface Answers {
  readonly fetch: Fetch;
  /** What needs no web request around it is answered by this before. */
  readonly direct?: Direct;
}

/** What a listener is made of. */
export interface ListenerParts {
  readonly settings: ServerSettings;
  readonly answers: Answers;
  readonly log: Log;
}

/** How often timeouts of requests are looked at: a client is cut off at most this late. */
const timeoutCheckMs = 1_000;
/** How often a server that is draining closes connections that have become idle. */
const drainCheckMs = 20;
/** How often it is logged that connections are refused: a line for each would fill the log of whoever is flooded. */
const dropLogMs = 1_000;

/** Opens a server. Resolves when it listens. @throws WeftError `LISTEN_FAILED`. */
export async function listen(parts: ListenerParts): Promise<HttpListener> {
  const listener = new HttpListener(parts);
  await listener.open();
  return listener;
}

/** An HTTP server of one address, bounded in every direction. */
export class HttpListener {
  readonly #settings: ServerSettings;
  readonly #log: Log;
  readonly #server: Server;
  /** The latest response of each connection. */
  readonly #responses = new WeakMap<Socket, ServerResponse>();
  /** Connections that Node gave out of its hands: it closes none of them by itself. */
  readonly #upgraded = new Set<Duplex>();
  readonly #ended = Promise.withResolvers<void>();
  #answers: Answers;
  #connections = 0;
  #droppedAt = -Infinity;
  #requests = 0;
  #address = { address: "", port: 0 };

  /** Use `listen`. */
  constructor({ settings, answers, log }: ListenerParts) {
    this.#settings = settings;
    this.#answers = answers;
    this.#log = log;
    this.#server = this.#create();
    // Whoever does not look at it must not be ended by it.
    this.#ended.promise.catch(() => undefined);
  }

  /** Settles when the server is closed; rejects when it broke. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#connections;
  }

  /** Requests that are being answered. */
  get requests(): number {
    return this.#requests;
  }

  /** The port it listens on: the real one where the settings say 0. */
  get port(): number {
    return this.#address.port;
  }

  /** How a client on this machine reaches it. */
  get url(): string {
    const { address, port } = this.#address;
    const any: Readonly<Record<string, string>> = { "::": "localhost", "0.0.0.0": "localhost" };
    const host = any[address] ?? (address.includes(":") ? `[${address}]` : address);
    return `${this.#settings.tls === undefined ? "http" : "https"}://${host}:${port}`;
  }

  /** From now on, requests are answered by this; those in flight end as they began. */
  use(answers: Answers): void {
    this.#answers = answers;
  }

  /** Begins to listen. */
  open(): Promise<void> {
    const { host, port } = this.#settings.address;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("listening", () => {
      const address = this.#server.address();
      // Kept: a server that stops has no address any more.
      if (typeof address === "object" && address !== null) this.#address = address;
      resolve();
    });
    this.#server.on("error", (cause) => {
      const failure = new WeftError("LISTEN_FAILED", `cannot listen on ${host ?? ""}:${port}: ${cause.message}`, {
        cause,
        details: { host: host ?? null, port },
      });
      reject(failure);
      this.#ended.reject(failure);
    });
    this.#server.once("close", () => this.#ended.resolve());
    this.#server.listen({ port, ...(host === undefined ? {} : { host }) });
    return promise;
  }

  /** Takes no more connections, lets requests in flight end, and cuts off what is left after `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    if (!this.#server.listening && this.#connections === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    const idle = setInterval(() => this.#server.closeIdleConnections(), drainCheckMs);
    const force = setTimeout(() => {
      this.#log.warn("requests were cut off because the server stops", { requests: this.#requests });
      this.#server.closeAllConnections();
      for (const socket of this.#upgraded) socket.destroy();
    }, deadlineMs);
    await promise;
    clearInterval(idle);
    clearTimeout(force);
  }

  #create(): Server {
    const { timeouts, limits, tls } = this.#settings;
    const options: ServerOptions = {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: Math.min(timeouts.headersMs, timeouts.readMs),
      requestTimeout: timeouts.readMs,
      keepAliveTimeout: timeouts.idleMs,
      connectionsCheckingInterval: Math.min(timeoutCheckMs, timeouts.headersMs),
      noDelay: true,
      // Node would join what it does not know; two lengths, or a length and chunks, are refused.
      insecureHTTPParser: false,
      requireHostHeader: true,
      shouldUpgradeCallback: wantsWebSocket,
    };
    const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => this.#answer(incoming, outgoing);
    const server =
      tls === undefined
        ? createServer(options, answer)
        : createTlsServer(
            {
              ...options,
              handshakeTimeout: timeouts.headersMs,
              cert: tls.cert,
              key: tls.key,
              ...(tls.ca === undefined ? {} : { ca: tls.ca }),
              requestCert: tls.clientAuth !== "none",
              rejectUnauthorized: tls.clientAuth === "require",
            },
            answer,
          );
    server.on("upgrade", (incoming, socket, head) => {
      this.#upgraded.add(socket);
      socket.once("close", () => this.#upgraded.delete(socket));
      const outgoing = answerable(incoming, socket, head);
      if (outgoing !== undefined) this.#answer(incoming, outgoing);
    });
    server.on("checkContinue", (incoming, outgoing) => this.#expected(incoming, outgoing));
    server.maxConnections = limits.connections;
    server.timeout = timeouts.writeMs;
    server.on("timeout", (socket) => this.#silent(socket));
    server.on("connection", (socket) => {
      this.#connections += 1;
      socket.once("close", () => (this.#connections -= 1));
    });
    server.on("drop", () => this.#dropped());
    return server;
  }

  #dropped(): void {
    const now = monotonicMs();
    if (now - this.#droppedAt < dropLogMs) return;
    this.#droppedAt = now;
    this.#log.warn("connections were refused: there are too many", { limit: this.#settings.limits.connections });
  }

  readonly #listener = getRequestListener(
    (request, { incoming, outgoing }) => {
      if (incoming instanceof IncomingMessage && outgoing instanceof ServerResponse) {
        return this.#answers.fetch(request, { incoming, outgoing });
      }
      throw new Error("a request came that is not HTTP/1");
    },
    { errorHandler: (error) => this.#failed(error) },
  );

  readonly #closed = (): void => {
    this.#requests -= 1;
  };

  /** A client that asks before it sends is not told to go on with what is too large anyway. */
  #expected(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const length = Number(incoming.headers["content-length"] ?? 0);
    if (length <= this.#settings.limits.bodyBytes) outgoing.writeContinue();
    this.#answer(incoming, outgoing);
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const refusal = refusalOf(incoming);
    if (refusal !== undefined) {
      outgoing.writeHead(refusal.status, { connection: "close", "content-type": "text/plain; charset=utf-8" });
      return void outgoing.end(`${refusal.message}\n`);
    }
    this.#requests += 1;
    this.#responses.set(incoming.socket, outgoing);
    outgoing.on("close", this.#closed);
    const respond = (response: Response): void => void getRequestListener(() => response)(incoming, outgoing);
    try {
      if (this.#answers.direct?.(incoming, outgoing, respond) === true) return;
    } catch (error) {
      return respond(this.#failed(error));
    }
    void this.#listener(incoming, outgoing);
  }

  #failed(error: unknown): Response {
    if (error instanceof RequestError) return new Response(`400 ${error.message}\n`, { status: 400 });
    this.#log.error("a request failed", { error: error instanceof Error ? error.message : String(error) });
    return new Response("500 Internal Server Error\n", { status: 500 });
  }

  /** Nothing moved on a connection for a while. A program may take its time; a client may not. */
  #silent(socket: Socket): void {
    const response = this.#responses.get(socket);
    const isWaiting = response !== undefined && !response.writableFinished && !response.destroyed;
    if (isWaiting && response.writableLength === 0 && socket.writableLength === 0) {
      socket.setTimeout(this.#settings.timeouts.writeMs);
    } else socket.destroy();
  }
}

/** What Node lets pass of a request's head, and we do not. */
function refusalOf(incoming: IncomingMessage): { readonly status: number; readonly message: string } | undefined {
  const { headers, rawHeaders } = incoming;
  const encoding = headers["transfer-encoding"];
  if (encoding !== undefined && encoding.toLowerCase() !== "chunked") {
    return { status: 501, message: `the transfer encoding ${encoding} is not known here: send chunked alone` };
  }
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  if (hosts > 1) return { status: 400, message: "a request has one host" };
  // Only HTTP/1.0 may leave it out, and those who watch servers do.
  if (hosts === 0 && incoming.httpVersion === "1.0") headers.host = "localhost";
  return undefined;
}
