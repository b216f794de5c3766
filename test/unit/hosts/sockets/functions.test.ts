import { describe, expect, test } from "vitest";
import { IncomingDatagramStream, OutgoingDatagramStream } from "../../../../src/hosts/sockets/datagram-streams.ts";
import {
  backlogLimit,
  bufferLimitBytes,
  datagramBytes,
  lookupsPerInstance,
  receivedDatagrams,
  sentDatagrams,
  socketsPerInstance,
} from "../../../../src/hosts/sockets/limits.ts";
import { ResolveAddressStream } from "../../../../src/hosts/sockets/names.ts";
import { TcpSettings } from "../../../../src/hosts/sockets/tcp-settings.ts";
import { TcpSocket } from "../../../../src/hosts/sockets/tcp-socket.ts";
import { UdpSocket } from "../../../../src/hosts/sockets/udp-socket.ts";
import {
  addresses,
  bound,
  connected,
  errorOf,
  ipv4,
  ipv6,
  listening,
  pair,
  type Sockets,
  sockets,
} from "./support/sockets.seam.ts";

type Case = (guest: Sockets) => unknown;

/** What a function does when it can, how it fails, and what bounds it. "none" is for what cannot fail, or has no bound. */
interface Cases {
  readonly success: Case;
  readonly error: Case | "none";
  readonly limit: Case | "none";
}

const most = 2n ** 64n - 1n;
const socketLimit: Case = (guest) => {
  for (let made = 0; made < socketsPerInstance; made++) guest.tcp();
  expect(errorOf(() => guest.tcp())).toBe("new-socket-limit");
  expect(errorOf(() => guest.udp())).toBe("new-socket-limit");
};
const inState =
  (state: (guest: Sockets) => unknown, error = "invalid-state"): Case =>
  (guest) =>
    expect(errorOf(() => state(guest))).toBe(error);

/** A time, count or size that is read back; what is beyond it, and what zero is. */
function setting<Socket, Value>(
  make: (guest: Sockets) => Socket,
  accessors: { get: (socket: Socket) => Value; set: (socket: Socket, value: Value) => void },
  [given, zero, beyond, largest]: readonly [given: Value, zero: Value, beyond: Value, largest: Value],
): { readonly get: Cases; readonly set: Cases } {
  const setAndGet = (guest: Sockets, value: Value): Value => {
    const socket = make(guest);
    accessors.set(socket, value);
    return accessors.get(socket);
  };
  const success: Case = (guest) => expect(setAndGet(guest, given)).toEqual(given);
  const limit: Case = (guest) => expect(setAndGet(guest, beyond)).toEqual(largest);
  const error: Case = (guest) => expect(errorOf(() => accessors.set(make(guest), zero))).toBe("invalid-argument");
  return { get: { success, error: "none", limit }, set: { success, error, limit } };
}

const tcp = (guest: Sockets): TcpSocket => guest.tcp();
const udp = (guest: Sockets): UdpSocket => guest.udp();
const seconds = (count: bigint): bigint => count * 1_000_000_000n;
const idle = setting(tcp, { get: (s) => s.keepAliveIdleTime(), set: (s, v) => s.setKeepAliveIdleTime(v) }, [
  seconds(3n),
  0n,
  most,
  seconds(32_767n),
]);
const interval = setting(tcp, { get: (s) => s.keepAliveInterval(), set: (s, v) => s.setKeepAliveInterval(v) }, [
  seconds(3n),
  0n,
  most,
  seconds(32_767n),
]);
const count = setting(
  tcp,
  { get: (s) => s.keepAliveCount(), set: (s, v) => s.setKeepAliveCount(v) },
  [3, 0, 0xffff_ffff, 127],
);
const hops = setting(tcp, { get: (s) => s.hopLimit(), set: (s, v) => s.setHopLimit(v) }, [3, 0, 255, 255]);
const udpHops = setting(
  udp,
  { get: (s) => s.unicastHopLimit(), set: (s, v) => s.setUnicastHopLimit(v) },
  [3, 0, 255, 255],
);
const buffer = [4_096n, 0n, most, BigInt(bufferLimitBytes)] as const;
const receiveBuffer = setting(
  tcp,
  { get: (s) => s.receiveBufferSize(), set: (s, v) => s.setReceiveBufferSize(v) },
  buffer,
);
const sendBuffer = setting(tcp, { get: (s) => s.sendBufferSize(), set: (s, v) => s.setSendBufferSize(v) }, buffer);
const udpReceiveBuffer = setting(
  udp,
  { get: (s) => s.receiveBufferSize(), set: (s, v) => s.setReceiveBufferSize(v) },
  buffer,
);
const udpSendBuffer = setting(udp, { get: (s) => s.sendBufferSize(), set: (s, v) => s.setSendBufferSize(v) }, buffer);
const keepAlive: Case = (guest) => {
  const socket = guest.tcp();
  expect(socket.keepAliveEnabled()).toBe(false);
  socket.setKeepAliveEnabled(true);
  expect(socket.keepAliveEnabled()).toBe(true);
};
const family: Case = (guest) =>
  expect([guest.tcp("ipv6"), guest.udp("ipv4")].map((s) => s.addressFamily())).toEqual(["ipv6", "ipv4"]);

const tcpSettings: Readonly<Record<string, Cases>> = {
  addressFamily: { success: family, error: "none", limit: "none" },
  keepAliveEnabled: { success: keepAlive, error: "none", limit: "none" },
  setKeepAliveEnabled: { success: keepAlive, error: "none", limit: "none" },
  keepAliveIdleTime: idle.get,
  setKeepAliveIdleTime: idle.set,
  keepAliveInterval: interval.get,
  setKeepAliveInterval: interval.set,
  keepAliveCount: count.get,
  setKeepAliveCount: count.set,
  hopLimit: hops.get,
  setHopLimit: hops.set,
  receiveBufferSize: receiveBuffer.get,
  setReceiveBufferSize: receiveBuffer.set,
  sendBufferSize: sendBuffer.get,
  setSendBufferSize: sendBuffer.set,
};

const binding: Cases = {
  success: async (guest) =>
    expect((await bound(guest, guest.tcp(), ipv4(0))).localAddress().val.port).toBeGreaterThan(0),
  error: async (guest) => {
    expect(errorOf(() => guest.tcp().startBind(guest.network, ipv6(0)))).toBe("invalid-argument");
    expect(errorOf(() => guest.tcp().finishBind())).toBe("not-in-progress");
    const first = await bound(guest, guest.tcp(), ipv4(0));
    await expect(bound(guest, guest.tcp(), first.localAddress())).rejects.toMatchObject({ payload: "address-in-use" });
  },
  limit: socketLimit,
};
const connecting: Cases = {
  success: async (guest) => expect((await pair(guest)).client.socket.remoteAddress().tag).toBe("ipv4"),
  error: async (guest) => {
    expect(errorOf(() => guest.tcp().startConnect(guest.network, ipv4(0)))).toBe("invalid-argument");
    expect(errorOf(() => guest.tcp().finishConnect())).toBe("not-in-progress");
    const gone = await listening(guest);
    const address = gone.localAddress();
    gone.close();
    await expect(connected(guest, guest.tcp(), address)).rejects.toMatchObject({ payload: "connection-refused" });
  },
  limit: socketLimit,
};
const listens: Cases = {
  success: async (guest) => expect((await listening(guest)).isListening()).toBe(true),
  error: async (guest) => {
    expect(errorOf(() => guest.tcp().startListen())).toBe("invalid-state");
    expect(errorOf(() => guest.tcp().finishListen())).toBe("not-in-progress");
  },
  limit: socketLimit,
};

const tcpSocket: Readonly<Record<string, Cases>> = {
  startBind: binding,
  finishBind: binding,
  startConnect: connecting,
  finishConnect: connecting,
  startListen: listens,
  finishListen: listens,
  accept: {
    async success(guest) {
      const { client, server } = await pair(guest);
      expect(server.socket.remoteAddress()).toEqual(client.socket.localAddress());
    },
    async error(guest) {
      expect(errorOf(() => guest.tcp().accept())).toBe("invalid-state");
      const listener = await listening(guest);
      expect(errorOf(() => listener.accept())).toBe("would-block");
    },
    async limit(guest) {
      const listener = await listening(guest);
      await connected(guest, guest.tcp(), listener.localAddress());
      await listener.subscribe().block();
      for (let made = 2; made < socketsPerInstance; made++) guest.tcp();
      expect(errorOf(() => listener.accept())).toBe("new-socket-limit");
    },
  },
  localAddress: {
    success: async (guest) => expect((await bound(guest, guest.tcp(), ipv4(0))).localAddress().tag).toBe("ipv4"),
    error: inState((guest) => guest.tcp().localAddress()),
    limit: "none",
  },
  remoteAddress: {
    async success(guest) {
      const { listener, client } = await pair(guest);
      expect(client.socket.remoteAddress()).toEqual(listener.localAddress());
    },
    error: inState((guest) => guest.tcp().remoteAddress()),
    limit: "none",
  },
  isListening: {
    async success(guest) {
      expect(guest.tcp().isListening()).toBe(false);
      expect((await listening(guest)).isListening()).toBe(true);
    },
    error: "none",
    limit: "none",
  },
  setListenBacklogSize: {
    success: async (guest) => expect((await listening(guest, "ipv4", 1n)).isListening()).toBe(true),
    error: inState((guest) => guest.tcp().setListenBacklogSize(0n), "invalid-argument"),
    // Larger ones are cut to what there is, which is not an error.
    async limit(guest) {
      const listener = await listening(guest, "ipv4", BigInt(backlogLimit) + 1n);
      expect(errorOf(() => listener.setListenBacklogSize(most))).toBe("no error");
    },
  },
  subscribe: {
    async success(guest) {
      const socket = guest.tcp();
      socket.startBind(guest.network, ipv4(0));
      await socket.subscribe().block();
      expect(socket.subscribe().ready()).toBe(true);
    },
    error: "none",
    limit: "none",
  },
  shutdown: {
    async success(guest) {
      const { client, server } = await pair(guest);
      client.socket.shutdown("send");
      await expect(async () => server.input.blockingRead(1n)).rejects.toMatchObject({ payload: { tag: "closed" } });
    },
    error: inState((guest) => guest.tcp().shutdown("both")),
    async limit(guest) {
      // Twice is as good as once.
      const { client } = await pair(guest);
      for (const _ of [1, 2]) client.socket.shutdown("both");
    },
  },
};

/** A socket that may send to itself. */
async function opened(guest: Sockets) {
  const socket = await bound(guest, guest.udp(), ipv4(0));
  const [incoming, outgoing] = socket.stream(undefined);
  const self = socket.localAddress();
  const sendAll = (datagrams: number, bytes = 1) => {
    outgoing.checkSend();
    return outgoing.send(
      Array.from({ length: datagrams }, () => ({ data: new Uint8Array(bytes), remoteAddress: self })),
    );
  };
  return { socket, incoming, outgoing, sendAll };
}

const udpBinding: Cases = {
  success: async (guest) =>
    expect((await bound(guest, guest.udp(), ipv4(0))).localAddress().val.port).toBeGreaterThan(0),
  async error(guest) {
    expect(errorOf(() => guest.udp().startBind(guest.network, ipv6(0)))).toBe("invalid-argument");
    expect(errorOf(() => guest.udp().finishBind())).toBe("not-in-progress");
    const first = await bound(guest, guest.udp(), ipv4(0));
    await expect(bound(guest, guest.udp(), first.localAddress())).rejects.toMatchObject({ payload: "address-in-use" });
  },
  limit: socketLimit,
};

const udpSocket: Readonly<Record<string, Cases>> = {
  startBind: udpBinding,
  finishBind: udpBinding,
  stream: {
    success: async (guest) => expect((await opened(guest)).incoming.receive(1n)).toEqual([]),
    error: inState((guest) => guest.udp().stream(undefined)),
    async limit(guest) {
      // A socket has one pair of streams at a time.
      const { socket, incoming } = await opened(guest);
      socket.stream(undefined);
      expect(errorOf(() => incoming.receive(1n))).toBe("invalid-state");
    },
  },
  localAddress: {
    success: async (guest) => expect((await opened(guest)).socket.localAddress().tag).toBe("ipv4"),
    error: inState((guest) => guest.udp().localAddress()),
    limit: "none",
  },
  remoteAddress: {
    async success(guest) {
      const { socket } = await opened(guest);
      socket.stream(ipv4(9));
      expect(socket.remoteAddress()).toEqual(ipv4(9));
    },
    error: inState((guest) => guest.udp().remoteAddress()),
    limit: "none",
  },
  addressFamily: { success: family, error: "none", limit: "none" },
  unicastHopLimit: udpHops.get,
  setUnicastHopLimit: udpHops.set,
  receiveBufferSize: udpReceiveBuffer.get,
  setReceiveBufferSize: udpReceiveBuffer.set,
  sendBufferSize: udpSendBuffer.get,
  setSendBufferSize: udpSendBuffer.set,
  subscribe: {
    async success(guest) {
      const socket = guest.udp();
      socket.startBind(guest.network, ipv4(0));
      await socket.subscribe().block();
      socket.finishBind();
      expect(socket.subscribe().ready()).toBe(true);
    },
    error: "none",
    limit: "none",
  },
};

const datagrams: Readonly<Record<string, Cases>> = {
  "in receive": {
    async success(guest) {
      const { incoming, sendAll } = await opened(guest);
      sendAll(1, 3);
      await incoming.subscribe().block();
      expect(incoming.receive(5n).map(({ data }) => data.length)).toEqual([3]);
    },
    async error(guest) {
      const { socket, incoming } = await opened(guest);
      socket[Symbol.dispose]();
      expect(errorOf(() => incoming.receive(1n))).toBe("invalid-state");
    },
    async limit(guest) {
      const { incoming, sendAll } = await opened(guest);
      sendAll(3);
      await incoming.subscribe().block();
      expect(incoming.receive(0n)).toEqual([]);
      expect(incoming.receive(most).length).toBeLessThanOrEqual(receivedDatagrams);
    },
  },
  "in subscribe": {
    async success(guest) {
      const { incoming, sendAll } = await opened(guest);
      expect(incoming.subscribe().ready()).toBe(false);
      sendAll(1);
      await incoming.subscribe().block();
    },
    error: "none",
    limit: "none",
  },
  "out checkSend": {
    success: async (guest) => expect((await opened(guest)).outgoing.checkSend()).toBe(BigInt(sentDatagrams)),
    async error(guest) {
      const { socket, outgoing } = await opened(guest);
      socket.stream(undefined);
      expect(errorOf(() => outgoing.checkSend())).toBe("invalid-state");
    },
    async limit(guest) {
      const { outgoing, sendAll } = await opened(guest);
      sendAll(sentDatagrams);
      expect(outgoing.checkSend()).toBeLessThan(BigInt(sentDatagrams));
    },
  },
  "out send": {
    success: async (guest) => expect((await opened(guest)).sendAll(2)).toBe(2n),
    async error(guest) {
      const { outgoing } = await opened(guest);
      outgoing.checkSend();
      expect(errorOf(() => outgoing.send([{ data: new Uint8Array(1) }]))).toBe("invalid-argument");
    },
    async limit(guest) {
      const { sendAll } = await opened(guest);
      expect(errorOf(() => sendAll(1, datagramBytes.ipv4 + 1))).toBe("datagram-too-large");
      expect(errorOf(() => sendAll(sentDatagrams + 1))).toMatchObject({ code: "TRAP_INVALID_VALUE" });
    },
  },
  "out subscribe": {
    success: async (guest) => expect((await opened(guest)).outgoing.subscribe().ready()).toBe(true),
    error: "none",
    limit: "none",
  },
};

const names: Readonly<Record<string, Cases>> = {
  resolveNextAddress: {
    success: async (guest) => expect(await addresses(guest.resolve("192.0.2.7"))).toHaveLength(1),
    async error(guest) {
      const stream = guest.resolve("localhost");
      expect(errorOf(() => stream.resolveNextAddress())).toBe("would-block");
      await addresses(stream);
    },
    async limit(guest) {
      const stream = guest.resolve("192.0.2.7");
      await addresses(stream);
      expect(stream.resolveNextAddress()).toBeUndefined();
    },
  },
  subscribe: {
    success: (guest) => expect(guest.resolve("::1").subscribe().ready()).toBe(true),
    error: "none",
    limit: "none",
  },
};

const free: Readonly<Record<string, Cases>> = {
  instanceNetwork: { success: (guest) => expect(guest.network).toBeTypeOf("object"), error: "none", limit: "none" },
  networkErrorCode: {
    async success(guest) {
      const { client, server } = await pair(guest);
      server.socket.close();
      client.socket.close();
      expect(guest.networkErrorCode(new Error("of another sort"))).toBeUndefined();
    },
    error: "none",
    limit: "none",
  },
  createTcpSocket: {
    success: (guest) => expect(guest.tcp()).toBeInstanceOf(TcpSocket),
    error: "none",
    limit: socketLimit,
  },
  createUdpSocket: {
    success: (guest) => expect(guest.udp()).toBeInstanceOf(UdpSocket),
    error: "none",
    limit: socketLimit,
  },
  resolveAddresses: {
    success: async (guest) => expect(await addresses(guest.resolve("localhost"))).not.toEqual([]),
    error: inState((guest) => guest.resolve("a b"), "invalid-argument"),
    async limit(guest) {
      const streams = Array.from({ length: lookupsPerInstance }, () => guest.resolve("localhost"));
      expect(errorOf(() => guest.resolve("localhost"))).toBe("temporary-resolver-failure");
      await Promise.all(streams.map(addresses));
    },
  },
};

const named = (prefix: string, cases: Readonly<Record<string, Cases>>): [string, Cases][] =>
  Object.entries(cases).map(([name, each]) => [`${prefix}${name}`, each]);
const table = [
  ...named("tcp ", { ...tcpSettings, ...tcpSocket }),
  ...named("udp ", udpSocket),
  ...named("", datagrams),
  ...named("lookup ", names),
  ...named("", free),
];

describe.each(table)("%s", (_, { success, error, limit }) => {
  const run = (work: Case) => async () => {
    using guest = sockets();
    await work(guest);
  };
  test("does what it says", run(success));
  if (error !== "none") test("fails as it says", run(error));
  if (limit !== "none") test("holds at its limits", run(limit));
});

test("every function of wasi:sockets is in the table", () => {
  const methods = (type: { readonly prototype: object }): string[] => {
    const own = Object.getOwnPropertyNames(type.prototype);
    // Not of the specification: the end of a socket, and what settings tell the socket.
    return own.filter((name) => !["constructor", "close", "optionsChanged"].includes(name));
  };
  expect(Object.keys(tcpSettings).toSorted()).toEqual(methods(TcpSettings).toSorted());
  expect(Object.keys(tcpSocket).toSorted()).toEqual(methods(TcpSocket).toSorted());
  expect(Object.keys(udpSocket).toSorted()).toEqual(methods(UdpSocket).toSorted());
  expect(Object.keys(names).toSorted()).toEqual(methods(ResolveAddressStream).toSorted());
  expect(Object.keys(datagrams)).toEqual([
    ...methods(IncomingDatagramStream).map((name) => `in ${name}`),
    ...methods(OutgoingDatagramStream).map((name) => `out ${name}`),
  ]);
});
