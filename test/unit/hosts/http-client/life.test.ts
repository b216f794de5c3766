import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test, vi } from "vitest";
import { canceled } from "../../../../src/core/cancellation.ts";
import { bodyBufferBytes, requestsInFlight } from "../../../../src/hosts/http-client/limits.ts";
import { OutgoingBody } from "../../../../src/hosts/http-client/outgoing-body.ts";
import { handle } from "../../../../src/hosts/http-client/response.ts";
import { bodyOf, bytes, errorOf, failed, fetched, guest, readAll, serve, settled } from "./support/guest.ts";

const until = vi.waitUntil;

/** A server that counts who hangs on it, and answers when it is told. */
async function slowServer() {
  const waiting: ServerResponse[] = [];
  const upstream = await serve((request, response) => {
    waiting.push(response);
    request.on("error", () => {});
  });
  let sockets = 0;
  upstream.server.on("connection", (socket) => {
    sockets += 1;
    socket.on("error", () => {});
    socket.on("close", () => void (sockets -= 1));
  });
  return {
    authority: upstream.authority,
    waiting,
    sockets: () => sockets,
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  };
}

describe("what an instance holds of HTTP", () => {
  test("is closed when it ends: requests, responses and connections that were kept", async () => {
    await using upstream = await slowServer();
    const me = guest();
    const pending = handle(me.request({ authority: upstream.authority }), undefined);
    const streaming = me.request({ authority: upstream.authority, method: "post" });
    const stream = streaming.body().write();
    const posting = handle(streaming, undefined);
    await until(() => upstream.waiting.length === 2);
    upstream.waiting[0]?.end("done");
    await pending.subscribe().block();
    expect(upstream.sockets()).toBe(2);
    me[Symbol.dispose]();
    await until(() => upstream.sockets() === 0);
    expect(posting.get()).toMatchObject({ val: { tag: "err" } });
    expect(errorOf(() => stream.write(bytes("x")))).toMatchObject({ err: { tag: "last-operation-failed" } });
    expect(await failed(me.request({ authority: upstream.authority }), undefined).catch(errorOfRejection)).toEqual({
      tag: "connection-limit-reached",
    });
  });

  test("is let go when it is dropped early", async () => {
    await using upstream = await slowServer();
    using me = guest();
    handle(me.request({ authority: upstream.authority }), undefined)[Symbol.dispose]();
    const future = handle(me.request({ authority: upstream.authority }), undefined);
    await until(() => upstream.waiting.length > 0);
    future[Symbol.dispose]();
    await until(() => upstream.sockets() === 0);
    const response = async () => {
      const before = upstream.waiting.length;
      const got = settled(handle(me.request({ authority: upstream.authority }), undefined));
      await until(() => upstream.waiting.length > before);
      upstream.waiting.at(-1)?.write("first of many");
      const there = await got;
      if ("err" in there) throw new Error("no response");
      return there;
    };
    (await response())[Symbol.dispose]();
    await until(() => upstream.sockets() === 0);
    (await response()).consume()[Symbol.dispose]();
    await until(() => upstream.sockets() === 0);
  });

  test("keeps connections for its next request", async () => {
    let connections = 0;
    await using upstream = await serve((_request, response) => response.end("x".repeat(1000)));
    upstream.server.on("connection", () => void (connections += 1));
    using me = guest();
    for (let i = 0; i < 5; i += 1) expect((await bodyOf(await fetched(me.request(upstream)))).body).toHaveLength(1000);
    expect(connections).toBe(1);
  });

  test("is at most so many requests at a time", async () => {
    await using upstream = await slowServer();
    using me = guest();
    const ask = () => handle(me.request({ authority: upstream.authority }), undefined);
    const futures = Array.from({ length: requestsInFlight }, ask);
    expect(errorOf(ask)).toEqual({ err: { tag: "connection-limit-reached" } });
    futures[0]?.[Symbol.dispose]();
    expect(ask().get()).toBeUndefined();
  });
});

describe("waiting", () => {
  test("ends with the call", async () => {
    await using upstream = await slowServer();
    using me = guest();
    const future = handle(me.request({ authority: upstream.authority }), undefined);
    const pollable = future.subscribe();
    expect(pollable.ready()).toBe(false);
    const waits = pollable.block();
    const reason = canceled();
    me.cancellation.cancel(reason);
    await expect(waits).rejects.toBe(reason);
  });

  test("is over for many at once, on one thread", async () => {
    await using upstream = await slowServer();
    using me = guest();
    const all = Array.from({ length: 50 }, () => fetched(me.request({ authority: upstream.authority })));
    await until(() => upstream.waiting.length === 50);
    for (const response of upstream.waiting) response.end("ok");
    for (const response of await Promise.all(all)) expect((await bodyOf(response)).body).toBe("ok");
  });
});

describe("a body", () => {
  test("is written no faster than it leaves", async () => {
    let arrived: IncomingMessage | undefined;
    await using upstream = await serve((request) => {
      arrived = request;
      request.pause();
    });
    using me = guest();
    const request = me.request({ authority: upstream.authority, method: "post" });
    const body = request.body();
    const stream = body.write();
    expect(stream.checkWrite()).toBe(BigInt(bodyBufferBytes));
    stream.write(new Uint8Array(bodyBufferBytes));
    // Nothing leaves before the request does.
    expect(stream.checkWrite()).toBe(0n);
    expect(stream.subscribe().ready()).toBe(false);
    const future = handle(request, undefined);
    let sent = bodyBufferBytes;
    const chunk = new Uint8Array(bodyBufferBytes);
    const pump = (async () => {
      for (; sent < 64 << 20; sent += chunk.length) await stream.blockingWriteAndFlush(chunk);
    })();
    await until(() => arrived !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    // What does not fit into the kernel's buffers waits in the guest.
    expect(sent).toBeLessThan(32 << 20);
    expect(stream.checkWrite()).toBeLessThan(BigInt(bodyBufferBytes));
    me[Symbol.dispose]();
    await expect(pump).rejects.toMatchObject({ payload: { tag: "last-operation-failed" } });
    expect(future.get()).toBeDefined();
  });

  test("is read no faster than the guest wants it", async () => {
    let sent = 0;
    await using upstream = await serve((_request, response) => {
      const more = (): void => {
        while (sent < 64 << 20) {
          sent += 65_536;
          if (!response.write(new Uint8Array(65_536))) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    });
    using me = guest();
    const stream = (await fetched(me.request(upstream))).consume().stream();
    await stream.blockingRead(1n);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(32 << 20);
    expect(await readAll(stream)).toHaveLength((64 << 20) - 1);
  });

  test("that has come whole can be read after the server has gone", async () => {
    await using upstream = await serve((_request, response) => {
      response.setHeader("Connection", "close");
      response.end("x".repeat(30_000));
    });
    using me = guest();
    const response = await fetched(me.request(upstream));
    const stream = response.consume().stream();
    expect((await stream.blockingRead(1n)).length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await readAll(stream)).toHaveLength(29_999);
  });

  test("may be answered before it was sent whole", async () => {
    await using upstream = await serve((request, response) => {
      response.writeHead(413, { Connection: "close" });
      response.end("too much", () => request.socket.end());
    });
    using me = guest();
    const request = me.request({ authority: upstream.authority, method: "post" });
    const body = request.body();
    const stream = body.write();
    stream.write(bytes("a"));
    const response = await fetched(request);
    expect(response.status()).toBe(413);
    expect((await bodyOf(response)).body).toBe("too much");
    stream[Symbol.dispose]();
    expect(["no error", { err: expect.anything() }]).toContainEqual(
      errorOf(() => OutgoingBody.finish(body, undefined)),
    );
  });
});

describe("an entry's network rules", () => {
  test("prohibit addresses, however they are written", async () => {
    let requests = 0;
    await using upstream = await serve((_request, response) => {
      requests += 1;
      response.end();
    });
    const port = Number(upstream.authority.split(":")[1]);
    const asked: string[] = [];
    const network = {
      mayConnect(address: string, to: number): boolean {
        asked.push(`${address} ${to === port ? "port" : to}`);
        return false;
      },
    };
    using me = guest({ network });
    const prohibited = { tag: "destination-IP-prohibited" };
    expect(errorOf(() => handle(me.request(upstream), undefined))).toEqual({ err: prohibited });
    expect(await failed(me.request({ authority: `localhost:${port}` }))).toEqual(prohibited);
    expect(errorOf(() => handle(me.request({ authority: `[::1]:${port}` }), undefined))).toEqual({ err: prohibited });
    expect(asked[0]).toBe("127.0.0.1 port");
    for (const written of ["2130706433", "0x7f.1", "127.1", "localhost."]) {
      const outcome: unknown = await failed(me.request({ authority: `${written}:${port}` }));
      expect(["destination-IP-prohibited", "DNS-error"]).toContain(tagOf(outcome));
    }
    expect(requests).toBe(0);
    using nameless = guest({ network: { mayConnect: () => true, mayResolve: (name) => name !== "localhost" } });
    const named = nameless.request({ authority: `localhost:${port}` });
    expect(errorOf(() => handle(named, undefined))).toEqual({ err: prohibited });
    const told: string[] = [];
    const resolved = (_name: string, addresses: readonly string[]) =>
      void told.push(...addresses.filter((address) => address === "127.0.0.1"));
    using free = guest({ network: { mayConnect: (address) => address === told.at(-1), resolved } });
    expect((await fetched(free.request({ authority: `localhost:${port}` }))).status()).toBe(200);
    expect(requests).toBe(1);
  });
});

function tagOf(code: unknown): unknown {
  return typeof code === "object" && code !== null && "tag" in code ? code.tag : code;
}

function errorOfRejection(error: unknown): unknown {
  return error instanceof Error && "payload" in error ? error.payload : error;
}
