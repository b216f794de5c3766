import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { Cancellation } from "../../../../../src/core/cancellation.ts";
import { rootContext } from "../../../../../src/core/context.ts";
import type { InstanceContext } from "../../../../../src/hosts/context.ts";
import { Fields } from "../../../../../src/hosts/http-client/fields.ts";
import { type FutureTrailers, IncomingBody } from "../../../../../src/hosts/http-client/incoming-body.ts";
import { OutgoingBody } from "../../../../../src/hosts/http-client/outgoing-body.ts";
import { RequestContent } from "../../../../../src/hosts/http-client/received.ts";
import { type Method, OutgoingRequest, RequestOptions } from "../../../../../src/hosts/http-client/request.ts";
import {
  type FutureIncomingResponse,
  handle,
  type IncomingResponse,
} from "../../../../../src/hosts/http-client/response.ts";
import { HttpScope } from "../../../../../src/hosts/http-client/scope.ts";
import { IncomingRequest } from "../../../../../src/hosts/http-client/server.ts";
import type { InputStream } from "../../../../../src/hosts/io/input-stream.ts";
import { instance } from "../../support/instance.ts";

/** A server on loopback, closed with everything that hangs on it. */
export interface TestServer extends AsyncDisposable {
  readonly server: Server;
  readonly authority: string;
}

export async function serve(listener: RequestListener): Promise<TestServer> {
  return await listening(createServer(listener));
}

export async function listening(server: Server): Promise<TestServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  const { port } = address;
  return {
    server,
    authority: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const bytes = (text: string): Uint8Array => Buffer.from(text);
export const text = (of: Uint8Array): string => Buffer.from(of).toString();

interface Asked {
  readonly authority: string;
  readonly method?: Method["tag"];
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a guest does, with the types of the host's classes. */
export function guest(given: Partial<InstanceContext> = {}) {
  const cancellation = new Cancellation();
  const scope = new HttpScope(instance({ call: rootContext({ root: 1, cancellation }), ...given }));
  const fields = (of: Readonly<Record<string, string>> = {}): Fields =>
    Fields.of(
      scope,
      Object.entries(of).map(([name, value]) => [name, bytes(value)]),
    );
  return {
    scope,
    cancellation,
    fields,
    request({ authority, method = "get", path = "/", headers = {} }: Asked): OutgoingRequest {
      const request = new OutgoingRequest(fields(headers));
      request.setScheme({ tag: "HTTP" });
      request.setAuthority(authority);
      request.setPathWithQuery(path);
      request.setMethod(method === "other" ? { tag: "other", val: "PURGE" } : { tag: method });
      return request;
    },
    [Symbol.dispose]: () => scope[Symbol.dispose](),
  };
}

export function options(given: { connectMs?: number; firstByteMs?: number; betweenBytesMs?: number }): RequestOptions {
  const made = new RequestOptions();
  const ns = (ms: number | undefined): bigint | undefined => (ms === undefined ? undefined : BigInt(ms) * 1_000_000n);
  made.setConnectTimeout(ns(given.connectMs));
  made.setFirstByteTimeout(ns(given.firstByteMs));
  made.setBetweenBytesTimeout(ns(given.betweenBytesMs));
  return made;
}

/** The whole of a body, written and finished. */
export async function send(request: OutgoingRequest, pieces: readonly string[], trailers?: Fields): Promise<void> {
  const body = request.body();
  const stream = body.write();
  for (const piece of pieces) await stream.blockingWriteAndFlush(bytes(piece));
  stream[Symbol.dispose]();
  OutgoingBody.finish(body, trailers);
}

/** Waits for what became of a request: the response, or the error code. */
export async function settled(future: FutureIncomingResponse): Promise<IncomingResponse | { readonly err: unknown }> {
  await future.subscribe().block();
  const got = future.get();
  if (got?.tag !== "ok") throw new Error("the response was taken already");
  return got.val.tag === "ok" ? got.val.val : { err: got.val.val };
}

export async function fetched(request: OutgoingRequest, given?: RequestOptions): Promise<IncomingResponse> {
  const response = await settled(handle(request, given));
  if ("err" in response) throw new Error(`the request failed: ${JSON.stringify(response.err)}`);
  return response;
}

export async function failed(request: OutgoingRequest, given?: RequestOptions): Promise<unknown> {
  const response = await settled(handle(request, given));
  return "err" in response ? response.err : `status ${response.status()}`;
}

/** Reads a stream to its end. */
export async function readAll(stream: InputStream): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    try {
      pieces.push(await stream.blockingRead(65_536n));
    } catch (error) {
      if (isClosed(error)) return Buffer.concat(pieces).toString();
      throw error;
    }
  }
}

/** The body and what came after it. */
export async function bodyOf(response: IncomingResponse): Promise<{ body: string; trailers: Fields | undefined }> {
  const incoming = response.consume();
  const stream = incoming.stream();
  const body = await readAll(stream);
  stream[Symbol.dispose]();
  return { body, trailers: await trailersOf(IncomingBody.finish(incoming)) };
}

export async function trailersOf(future: FutureTrailers): Promise<Fields | undefined> {
  await future.subscribe().block();
  const got = future.get();
  if (got?.tag !== "ok" || got.val.tag !== "ok") throw new Error("no trailers");
  return got.val.val;
}

function isClosed(error: unknown): boolean {
  return payloadOf(error) !== undefined && JSON.stringify(payloadOf(error)) === '{"tag":"closed"}';
}

/** The `err` that a host's function threw. */
export function payloadOf(thrown: unknown): unknown {
  return thrown instanceof Error && "payload" in thrown ? thrown.payload : undefined;
}

/** What an operation throws: its payload when it has one. */
export function errorOf(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error instanceof Error && "payload" in error ? { err: error.payload } : error;
  }
  return "no error";
}

/** A request that Node received, as a guest gets it that serves. */
export function requestOf(scope: HttpScope, message: IncomingMessage): IncomingRequest {
  const parts: AsyncIterator<Uint8Array, undefined> = message[Symbol.asyncIterator]();
  const content = new RequestContent({
    read: async () => (await parts.next()).value,
    trailers: () => message.rawTrailers,
  });
  const { method = "", url, rawHeaders } = message;
  const scheme = { tag: "HTTP" } as const;
  return new IncomingRequest(
    scope,
    { method, target: url, headers: rawHeaders, scheme, authority: message.headers.host },
    content,
  );
}
