import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as SecureAgent, request as requestHttps } from "node:https";
import { Wakers } from "../io/wakers.ts";
import { checkedLookup, checkTarget, type Reach } from "./connect.ts";
import { HttpError, toHttpError } from "./error-code.ts";
import { framedHead } from "./framing.ts";
import { IncomingContent } from "./incoming-body.ts";
import { defaultTimeoutMs, headerSectionBytes } from "./limits.ts";
import type { OutgoingRequest, RequestOptions } from "./request.ts";
import type { HttpScope } from "./scope.ts";
import { targetOf, type Target } from "./target.ts";
import { startTimer } from "./timer.ts";

/** How long each phase may take, in milliseconds. */
interface Timeouts {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
}

/** What became of a request. */
export type Outcome =
  | { readonly message: IncomingMessage; readonly content: IncomingContent }
  | { readonly failure: HttpError };

/** Methods whose requests have no body unless they say so; all others say that theirs is empty. */
const bodiless: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]);

/** One request and its response on their way. */
export class Exchange implements Disposable {
  readonly scope: HttpScope;
  readonly #request: OutgoingRequest;
  readonly #target: Target;
  readonly #reach: Reach;
  readonly #timeouts: Timeouts;
  readonly #wakers = new Wakers();
  #client: ClientRequest | undefined;
  #timer: Disposable | undefined;
  #outcome: Outcome | undefined;
  #isOver = false;

  /** @throws HttpError what is wrong with the request. */
  constructor(request: OutgoingRequest, options: RequestOptions | undefined) {
    this.scope = request.fields.scope;
    this.#request = request;
    this.#target = targetOf(request);
    this.#timeouts = timeoutsOf(options);
    const { network: rules, ports, call } = this.scope.instance;
    this.#reach = { rules, security: ports.security, call };
    checkTarget(this.#target, this.#reach);
    if (this.scope.isFull) throw new HttpError({ tag: "connection-limit-reached" });
    this.scope.add(this);
    // Sent when the guest waits for the first time: a body that is written by then goes with its length.
    const soon = setImmediate(() => this.#send());
    this.#timer = { [Symbol.dispose]: () => clearImmediate(soon) };
  }

  /** Undefined while it is on its way. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  onOutcome(wake: () => void): Disposable {
    return this.#wakers.add(wake);
  }

  /** Gives it up, unless it is over. */
  [Symbol.dispose](): void {
    const reason = new HttpError({ tag: "connection-terminated" }, "the guest gave the request up");
    this.#fail(reason);
    this.#client?.destroy();
    this.#end();
  }

  #send(): void {
    const failure = this.#request.content?.failure;
    if (failure !== undefined) {
      this.#fail(failure);
      return;
    }
    try {
      const client = this.#open();
      this.#client = client;
      this.#listen(client);
      this.#setTimer(this.#timeouts.connectMs, { tag: "connection-timeout" });
      if (this.#request.content === undefined) client.end();
      else this.#request.content.attach(client);
    } catch (error) {
      this.#fail(toHttpError(error, "request"));
    }
  }

  #open(): ClientRequest {
    const { isSecure, method, path, authority, host, port } = this.#target;
    const { content, fields } = this.#request;
    const hasBody = content !== undefined && !(content.isEmpty && bodiless.has(method));
    const noBody = bodiless.has(method) ? [] : ["Content-Length", "0"];
    const options = {
      method,
      path,
      host,
      port,
      headers: [
        "Host",
        authority,
        ...this.#traceHeaders(),
        ...framedHead(fields, hasBody ? content : undefined, noBody),
      ],
      maxHeaderSize: headerSectionBytes,
      lookup: checkedLookup(port, this.#reach),
      // A connection that another caller of the same instance was allowed to make is not for this one.
      agent:
        !this.#reach.security.judges(this.#reach.call) &&
        this.scope.agent(isSecure ? "https" : "http", () =>
          isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true }),
        ),
    };
    return isSecure ? requestHttps(options) : requestHttp(options);
  }

  /** The caller's trace goes on at the other side, unless the guest says another (https://www.w3.org/TR/trace-context/). */
  #traceHeaders(): readonly string[] {
    const { trace } = this.#reach.call;
    if (trace === undefined || this.#request.fields.has("traceparent")) return [];
    return ["traceparent", `00-${trace.traceId}-${trace.spanId}-01`];
  }

  #listen(client: ClientRequest): void {
    const awaitResponse = (): void => this.#setTimer(this.#timeouts.firstByteMs, { tag: "connection-read-timeout" });
    client.on("socket", (socket) => {
      if (!socket.connecting) awaitResponse();
      else socket.once(this.#target.isSecure ? "secureConnect" : "connect", awaitResponse);
    });
    client.on("response", (message) => this.#receive(message));
    client.on("upgrade", (_message, socket) => {
      socket.destroy();
      this.#fail(new HttpError({ tag: "HTTP-upgrade-failed" }));
    });
    client.on("error", (error) => {
      // An upload may break off after its answer has come whole.
      const content = this.#outcome !== undefined && "content" in this.#outcome ? this.#outcome.content : undefined;
      content?.interrupt(toHttpError(error, "response"));
      this.#fail(toHttpError(error, "request"));
    });
    client.on("close", () => {
      this.#fail(new HttpError({ tag: "connection-terminated" }));
      this.#end();
    });
  }

  #receive(message: IncomingMessage): void {
    const { betweenBytesMs } = this.#timeouts;
    this.#settle({ message, content: new IncomingContent(message, betweenBytesMs) });
  }

  /** Before the response it fails the request, afterwards only the body that is still being sent. */
  #fail(failure: HttpError): void {
    this.#settle({ failure });
    this.#request.content?.fail(failure);
    if (this.#client === undefined) this.#end();
  }

  #settle(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#timer?.[Symbol.dispose]();
    this.#outcome = outcome;
    this.#wakers.wake();
  }

  #setTimer(ms: number, code: { readonly tag: "connection-timeout" | "connection-read-timeout" }): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#outcome !== undefined) return;
    this.#timer = startTimer(ms, () => {
      this.#fail(new HttpError(code));
      this.#client?.destroy();
    });
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#request[Symbol.dispose]();
    this.scope.done(this);
  }
}

function timeoutsOf(options: RequestOptions | undefined): Timeouts {
  const ms = (duration: bigint | undefined): number =>
    duration === undefined ? defaultTimeoutMs : Number((duration + nsPerMs - 1n) / nsPerMs);
  return {
    connectMs: ms(options?.connectTimeout()),
    firstByteMs: ms(options?.firstByteTimeout()),
    betweenBytesMs: ms(options?.betweenBytesTimeout()),
  };
}

const nsPerMs = 1_000_000n;
