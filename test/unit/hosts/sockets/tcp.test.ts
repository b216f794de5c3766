import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import type { TcpSocket } from "../../../../src/hosts/sockets/tcp-socket.ts";
import {
  accepted,
  bound,
  connected,
  errorOf,
  ipv4,
  ipv6,
  listening,
  loopback,
  pair,
  type Sockets,
  sockets,
} from "./support/sockets.seam.ts";

/** Connects and reads; a reset shows in the one or the other. */
async function useOf(guest: Sockets, listener: TcpSocket): Promise<Uint8Array> {
  const { input } = await connected(guest, guest.tcp(), listener.localAddress());
  return await input.blockingRead(1n);
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

describe.each(["ipv4", "ipv6"] as const)("a TCP socket of %s", (family) => {
  test("is bound, listens, connects and accepts, and both ends know their addresses", async () => {
    using guest = sockets();
    const { listener, client, server } = await pair(guest, family);
    expect(listener.isListening()).toBe(true);
    expect(client.socket.addressFamily()).toBe(family);
    expect(client.socket.remoteAddress()).toEqual(listener.localAddress());
    expect(server.socket.localAddress()).toEqual(listener.localAddress());
    expect(server.socket.remoteAddress()).toEqual(client.socket.localAddress());
    expect(server.socket.isListening()).toBe(false);
  });

  test("carries bytes both ways, and the end", async () => {
    using guest = sockets();
    const { client, server } = await pair(guest, family);
    await client.output.blockingWriteAndFlush(bytes("ping"));
    expect(text(await server.input.blockingRead(100n))).toBe("ping");
    await server.output.blockingWriteAndFlush(bytes("pong"));
    server.socket.shutdown("send");
    expect(text(await client.input.blockingRead(100n))).toBe("pong");
    await expect(async () => client.input.blockingRead(1n)).rejects.toMatchObject({ payload: { tag: "closed" } });
    await client.output.blockingWriteAndFlush(bytes("still"));
    expect(text(await server.input.blockingRead(100n))).toBe("still");
  });

  test("can be bound before it connects, and keeps its address", async () => {
    using guest = sockets();
    const listener = await listening(guest, family);
    const client = await bound(guest, guest.tcp(family), loopback(family));
    const local = client.localAddress();
    await connected(guest, client, listener.localAddress());
    expect(client.localAddress()).toEqual(local);
    expect((await accepted(listener)).socket.remoteAddress()).toEqual(local);
  });
});

describe("binding a TCP socket", () => {
  test("goes through its states", async () => {
    using guest = sockets();
    const socket = guest.tcp();
    expect(errorOf(() => socket.finishBind())).toBe("not-in-progress");
    expect(errorOf(() => socket.localAddress())).toBe("invalid-state");
    socket.startBind(guest.network, ipv4(0));
    expect(errorOf(() => socket.finishBind())).toBe("would-block");
    expect(errorOf(() => socket.startBind(guest.network, ipv4(0)))).toBe("concurrency-conflict");
    expect(errorOf(() => socket.startConnect(guest.network, ipv4(1)))).toBe("concurrency-conflict");
    expect(errorOf(() => socket.startListen())).toBe("concurrency-conflict");
    expect(errorOf(() => socket.localAddress())).toBe("concurrency-conflict");
    await socket.subscribe().block();
    socket.finishBind();
    expect(socket.localAddress().val.port).toBeGreaterThan(0);
    expect(errorOf(() => socket.finishBind())).toBe("not-in-progress");
    expect(errorOf(() => socket.startBind(guest.network, ipv4(0)))).toBe("invalid-state");
    expect(errorOf(() => socket.remoteAddress())).toBe("invalid-state");
  });

  test.each([
    ["another family", "ipv4", ipv6(0)],
    ["many receivers", "ipv4", ipv4(0, 224, 0, 0, 1)],
    ["all receivers", "ipv4", ipv4(0, 255, 255, 255, 255)],
    ["many receivers of IPv6", "ipv6", ipv6(0, 0xff02, 0, 0, 0, 0, 0, 0, 1)],
    ["IPv4 in IPv6", "ipv6", ipv6(0, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)],
  ] as const)("refuses an address of %s", (_, family, address) => {
    using guest = sockets();
    expect(errorOf(() => guest.tcp(family).startBind(guest.network, address))).toBe("invalid-argument");
  });

  test("says when an address is taken, or is not this machine's, and may be tried again", async () => {
    using guest = sockets();
    const first = await bound(guest, guest.tcp(), ipv4(0));
    const second = guest.tcp();
    await expect(bound(guest, second, first.localAddress())).rejects.toMatchObject({ payload: "address-in-use" });
    await expect(bound(guest, second, ipv4(0, 203, 0, 113, 1))).rejects.toMatchObject({
      payload: "address-not-bindable",
    });
    await bound(guest, second, ipv4(0));
  });
});

describe("connecting a TCP socket", () => {
  test("goes through its states", async () => {
    using guest = sockets();
    const listener = await listening(guest);
    const socket = guest.tcp();
    expect(errorOf(() => socket.finishConnect())).toBe("not-in-progress");
    socket.startConnect(guest.network, listener.localAddress());
    expect(errorOf(() => socket.finishConnect())).toBe("would-block");
    expect(errorOf(() => socket.startConnect(guest.network, ipv4(1)))).toBe("concurrency-conflict");
    expect(errorOf(() => socket.startBind(guest.network, ipv4(0)))).toBe("invalid-state");
    expect(errorOf(() => socket.remoteAddress())).toBe("concurrency-conflict");
    expect(errorOf(() => socket.shutdown("both"))).toBe("concurrency-conflict");
    expect(errorOf(() => socket.setListenBacklogSize(1n))).toBe("concurrency-conflict");
    await socket.subscribe().block();
    socket.finishConnect();
    expect(errorOf(() => socket.finishConnect())).toBe("not-in-progress");
    expect(errorOf(() => socket.startConnect(guest.network, listener.localAddress()))).toBe("invalid-state");
    expect(errorOf(() => socket.setListenBacklogSize(1n))).toBe("invalid-state");
    expect(errorOf(() => socket.accept())).toBe("invalid-state");
    expect(errorOf(() => listener.startConnect(guest.network, listener.localAddress()))).toBe("invalid-state");
  });

  test("is refused where nobody listens, and the socket is closed then", async () => {
    using guest = sockets();
    const gone = await listening(guest);
    const address = gone.localAddress();
    gone[Symbol.dispose]();
    const socket = guest.tcp();
    await expect(connected(guest, socket, address)).rejects.toMatchObject({ payload: "connection-refused" });
    expect(errorOf(() => socket.startConnect(guest.network, address))).toBe("invalid-state");
    expect(errorOf(() => socket.localAddress())).toBe("invalid-state");
  });

  test.each([
    ["no port", "ipv4", ipv4(0)],
    ["no address", "ipv4", ipv4(80, 0, 0, 0, 0)],
    ["no IPv6 address", "ipv6", ipv6(80, 0, 0, 0, 0, 0, 0, 0, 0)],
    ["another family", "ipv6", ipv4(80)],
    ["many receivers", "ipv4", ipv4(80, 239, 0, 0, 1)],
    ["IPv4 in IPv6", "ipv6", ipv6(80, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)],
  ] as const)("refuses %s", (_, family, address) => {
    using guest = sockets();
    expect(errorOf(() => guest.tcp(family).startConnect(guest.network, address))).toBe("invalid-argument");
  });
});

describe("a TCP listener", () => {
  test("goes through its states", async () => {
    using guest = sockets();
    const socket = guest.tcp();
    expect(errorOf(() => socket.startListen())).toBe("invalid-state");
    expect(errorOf(() => socket.finishListen())).toBe("not-in-progress");
    expect(errorOf(() => socket.accept())).toBe("invalid-state");
    await bound(guest, socket, ipv4(0));
    socket.startListen();
    expect(errorOf(() => socket.startListen())).toBe("concurrency-conflict");
    expect(errorOf(() => socket.setListenBacklogSize(5n))).toBe("concurrency-conflict");
    expect(socket.isListening()).toBe(false);
    socket.finishListen();
    expect(errorOf(() => socket.finishListen())).toBe("not-in-progress");
    expect(errorOf(() => socket.accept())).toBe("would-block");
    expect(errorOf(() => socket.startListen())).toBe("invalid-state");
    expect(errorOf(() => socket.shutdown("both"))).toBe("invalid-state");
    expect(socket.subscribe().ready()).toBe(false);
    socket.setListenBacklogSize(5n);
  });

  test("resets connections that come before it listens, and those beyond its backlog", async () => {
    using guest = sockets();
    const early = await bound(guest, guest.tcp(), ipv4(0));
    await expect(useOf(guest, early)).rejects.toMatchObject({ payload: expect.anything() });

    const listener = await listening(guest, "ipv4", 1n);
    const first = await connected(guest, guest.tcp(), listener.localAddress());
    await expect(useOf(guest, listener)).rejects.toMatchObject({ payload: expect.anything() });
    const { output } = await accepted(listener);
    await output.blockingWriteAndFlush(bytes("hello"));
    expect(text(await first.input.blockingRead(10n))).toBe("hello");
    expect(errorOf(() => listener.accept())).toBe("would-block");
  });
});

describe("a TCP stream", () => {
  test("holds a writer back until the other side reads, and loses nothing", async () => {
    using guest = sockets();
    const { client, server } = await pair(guest);
    const piece = new Uint8Array(1 << 16).fill(7);
    const rounds = 400;
    let written = 0;
    const writing = (async () => {
      for (let round = 0; round < rounds; round += 1) {
        await client.output.blockingWriteAndFlush(piece);
        written += 1;
      }
      client.socket.shutdown("send");
    })();
    // Until the writer has stood still for many turns of the loop.
    for (let still = 0, before = -1; still < 200; still = written === before ? still + 1 : 0) {
      before = written;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(written).toBeLessThan(rounds);
    expect(client.output.checkWrite()).toBeLessThan(1n << 16n);
    let received = 0;
    try {
      for (;;) received += (await server.input.blockingRead(1n << 20n)).length;
    } catch (error) {
      expect(error).toMatchObject({ payload: { tag: "closed" } });
    }
    await writing;
    expect(received).toBe(rounds * piece.length);
  });

  test("stops where it was shut down", async () => {
    using guest = sockets();
    const { client, server } = await pair(guest);
    expect(errorOf(() => guest.tcp().shutdown("both"))).toBe("invalid-state");
    const waiting = Promise.resolve(client.input.blockingRead(1n));
    client.socket.shutdown("receive");
    await expect(waiting).rejects.toMatchObject({ payload: { tag: "closed" } });
    client.output.write(bytes("last"));
    client.socket.shutdown("both");
    expect(errorOf(() => client.output.checkWrite())).toEqual({ tag: "closed" });
    expect(errorOf(() => client.output.write(bytes("more")))).toEqual({ tag: "closed" });
    expect(text(await server.input.blockingRead(10n))).toBe("last");
    await expect(async () => server.input.blockingRead(1n)).rejects.toMatchObject({ payload: { tag: "closed" } });
  });

  test("tells why a connection broke", async () => {
    using guest = sockets();
    const server = createServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { input, output } = await connected(guest, guest.tcp(), ipv4(port));
    output.write(bytes("go"));
    const error = await Promise.resolve()
      .then(() => input.blockingRead(1n))
      .catch((thrown: { payload: { tag: string; val: unknown } }) => thrown.payload);
    expect(error).toMatchObject({ tag: "last-operation-failed" });
    expect(guest.networkErrorCode("val" in error ? error.val : undefined)).toBe("connection-reset");
    expect(guest.networkErrorCode(new Error("another"))).toBeUndefined();
    server.close();
  });
});

test("TCP options are read back as they were set, as far as there are such values", async () => {
  using guest = sockets();
  const { client, listener, server } = await pair(guest);
  const { socket } = client;
  expect([socket.keepAliveEnabled(), socket.hopLimit()]).toEqual([false, 64]);
  socket.setKeepAliveEnabled(true);
  socket.setKeepAliveIdleTime(1_500_000_000n);
  socket.setKeepAliveInterval(10n ** 18n);
  socket.setKeepAliveCount(1000);
  socket.setHopLimit(7);
  socket.setReceiveBufferSize(4096n);
  socket.setSendBufferSize(1n << 40n);
  expect(socket.keepAliveEnabled()).toBe(true);
  expect(socket.keepAliveIdleTime()).toBe(2_000_000_000n);
  expect(socket.keepAliveInterval()).toBe(32_767_000_000_000n);
  expect([socket.keepAliveCount(), socket.hopLimit()]).toEqual([127, 7]);
  expect([socket.receiveBufferSize(), socket.sendBufferSize()]).toEqual([4096n, 4_194_304n]);
  for (const zero of [
    () => socket.setKeepAliveIdleTime(0n),
    () => socket.setKeepAliveInterval(0n),
    () => socket.setKeepAliveCount(0),
    () => socket.setHopLimit(0),
    () => socket.setReceiveBufferSize(0n),
    () => socket.setSendBufferSize(0n),
    () => listener.setListenBacklogSize(0n),
  ]) {
    expect(errorOf(zero)).toBe("invalid-argument");
  }
  expect(server.socket.keepAliveEnabled()).toBe(false);
  listener.setHopLimit(9);
  await connected(guest, guest.tcp(), listener.localAddress());
  expect((await accepted(listener)).socket.hopLimit()).toBe(9);
});
