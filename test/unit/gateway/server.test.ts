import { Hono } from "hono";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { silentLog } from "../../../src/core/log.ts";
import type { Direct } from "../../../src/gateway/direct.ts";
import { begin } from "../../../src/gateway/exchange.ts";
import { listen, type Fetch, type HttpListener } from "../../../src/gateway/server.ts";
import { HttpService } from "../../../src/hosts/http/service.ts";
import { parseAddress, serverSettings, type ServerLimits, type ServerTimeouts } from "../../../src/gateway/settings.ts";

const open: HttpListener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.stop(0)));
});

interface Wanted {
  readonly timeouts?: Partial<ServerTimeouts>;
  readonly limits?: Partial<ServerLimits>;
}

async function serve(fetch: Fetch, wanted: Wanted = {}): Promise<HttpListener> {
  const settings = serverSettings(parseAddress("127.0.0.1:0"), wanted);
  const listener = await listen({ settings, answers: { fetch }, log: silentLog });
  open.push(listener);
  return listener;
}

const hello = (): Fetch => {
  const app = new Hono();
  app.get("/", (c) => c.text("hello"));
  return (request, env) => app.fetch(request, env);
};

/** Sends bytes as they are and gives everything that comes back until the server closes. */
async function raw(listener: HttpListener, ...parts: readonly (string | number)[]): Promise<string> {
  const socket = connect(listener.port, "127.0.0.1");
  socket.on("error", () => undefined);
  const got = text(socket).catch(() => "");
  for (const part of parts) {
    if (typeof part === "number") await sleep(part);
    else if (!socket.destroyed) socket.write(part);
  }
  return await got;
}

test("an address is a port, or a host and a port", () => {
  expect(parseAddress(":8085")).toEqual({ host: undefined, port: 8085 });
  expect(parseAddress("8085")).toEqual({ host: undefined, port: 8085 });
  expect(parseAddress("127.0.0.1:0")).toEqual({ host: "127.0.0.1", port: 0 });
  expect(parseAddress("[::1]:80")).toEqual({ host: "::1", port: 80 });
  expect(() => parseAddress("localhost")).toThrow("is no address");
  expect(() => parseAddress(":70000")).toThrow("is no address");
});

test("a server answers, says where it is, and goes over to another app without being closed", async () => {
  const listener = await serve(hello());
  expect(await (await fetch(listener.url)).text()).toBe("hello");
  listener.use({ fetch: () => new Response("other") });
  expect(await (await fetch(listener.url)).text()).toBe("other");
});

test("a port that is taken is an error that names it", async () => {
  const { port } = await serve(hello());
  const settings = serverSettings(parseAddress(`127.0.0.1:${port}`));
  await expect(listen({ settings, answers: { fetch: hello() }, log: silentLog })).rejects.toMatchObject({
    code: "LISTEN_FAILED",
    message: expect.stringContaining(String(port)) as unknown,
  });
});

test("headers beyond the limit are refused, and the server goes on", async () => {
  const listener = await serve(hello(), { limits: { headerBytes: 1024 } });
  const answer = await raw(listener, `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${"a".repeat(2000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 431 /);
  expect(await (await fetch(listener.url)).text()).toBe("hello");
});

/** Answers by a function that gives a text; what is done with its answer throws. */
function unsendable(headersFirst: boolean): Direct {
  const http = new HttpService({ describe: () => undefined, call: async () => [200, [], "well", []] });
  const target = { http, log: silentLog, endpoint: "a:e", func: "a:f", names: [], bodyBytes: 100 };
  return (incoming, outgoing, respond) => {
    const exchange = { incoming, outgoing, target, path: "/", scheme: "http", params: {}, remoteAddress: "" } as const;
    const answered = (): never => {
      if (headersFirst) outgoing.writeHead(200).flushHeaders();
      throw new Error("it cannot be sent");
    };
    begin(exchange, { answered, failed: respond });
    return true;
  };
}

test("a response that cannot be sent is told of, or cut off, and the server goes on", async () => {
  const listener = await serve(hello());
  listener.use({ fetch: hello(), direct: unsendable(false) });
  expect((await fetch(listener.url)).status).toBe(500);
  listener.use({ fetch: hello(), direct: unsendable(true) });
  await expect(fetch(listener.url).then((response) => response.text())).rejects.toThrow();
  const broken: Direct = () => {
    throw new Error("a bug");
  };
  listener.use({ fetch: hello(), direct: broken });
  expect((await fetch(listener.url)).status).toBe(500);
  listener.use({ fetch: hello() });
  expect(await (await fetch(listener.url)).text()).toBe("hello");
});

test("headers that come byte by byte are waited for only so long", async () => {
  const listener = await serve(hello(), { timeouts: { headersMs: 50 } });
  expect(await raw(listener, "GET / HTTP/1.1\r\nHo")).toMatch(/^HTTP\/1.1 408 /);
  expect(await (await fetch(listener.url)).text()).toBe("hello");
});

test("a body that does not come is waited for only so long", async () => {
  const app = new Hono();
  app.post("/", async (c) => c.text(await c.req.text()));
  const listener = await serve((request, env) => app.fetch(request, env), { timeouts: { readMs: 50, headersMs: 50 } });
  const answer = await raw(listener, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  expect(answer).not.toContain("200");
});

test.each([
  ["no HTTP at all", "hello there\r\n\r\n"],
  ["a length twice", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na"],
  [
    "a length and chunks",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["no host", "GET / HTTP/1.1\r\n\r\n"],
  ["a path that is none", "GET nonsense HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
  ["a host that is none", "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"],
])("%s is a bad request, and the server goes on", async (_what, sent) => {
  const listener = await serve(hello());
  expect(await raw(listener, sent)).toMatch(/^HTTP\/1.1 400 /);
  expect(await (await fetch(listener.url)).text()).toBe("hello");
});

test("a connection more than there may be is closed, and there is room again when others end", async () => {
  const listener = await serve(hello(), { limits: { connections: 2 } });
  const held = [connect(listener.port, "127.0.0.1"), connect(listener.port, "127.0.0.1")];
  await Promise.all(held.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  while (listener.connections < 2) await sleep(1);
  expect(await raw(listener)).toBe("");
  for (const socket of held) socket.destroy();
  while (listener.connections > 0) await sleep(1);
  expect(await (await fetch(listener.url)).text()).toBe("hello");
});

test("a client that does not take its response is cut off", async () => {
  const cancelled = Promise.withResolvers<void>();
  const endless = (): Response =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)),
        cancel: () => cancelled.resolve(),
      }),
    );
  const listener = await serve(endless, { timeouts: { writeMs: 50 } });
  const socket = connect(listener.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.pause();
  await cancelled.promise;
  while (listener.connections > 0) await sleep(5);
  socket.destroy();
});

test("a program may take longer than the client's time to read", async () => {
  const listener = await serve(async () => (await sleep(200), new Response("late")), { timeouts: { writeMs: 20 } });
  expect(await (await fetch(listener.url)).text()).toBe("late");
});

test("a server that stops lets requests end, and refuses new ones", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const listener = await serve(() => promise);
  const answer = fetch(listener.url);
  while (listener.requests === 0) await sleep(1);
  const stopped = listener.stop(60_000);
  await expect(fetch(listener.url)).rejects.toThrow("fetch failed");
  resolve(new Response("at last"));
  expect(await (await answer).text()).toBe("at last");
  await stopped;
  while (listener.connections > 0) await sleep(1);
});

test("a server that stops cuts off what does not end in time", async () => {
  const listener = await serve(() => new Promise(() => undefined));
  const answer = fetch(listener.url);
  answer.catch(() => undefined);
  while (listener.requests === 0) await sleep(1);
  await listener.stop(10);
  await expect(answer).rejects.toThrow("fetch failed");
});
