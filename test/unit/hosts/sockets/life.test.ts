import { connect } from "node:net";
import { expect, test } from "vitest";
import { Cancellation, canceled } from "../../../../src/core/cancellation.ts";
import { rootContext } from "../../../../src/core/context.ts";
import { backlogLimit, socketsPerInstance } from "../../../../src/hosts/sockets/limits.ts";
import { networkRules } from "../../../../src/hosts/sockets/rules.ts";
import {
  accepted,
  addresses,
  bound,
  connected,
  errorOf,
  ipv4,
  listening,
  pair,
  type Sockets,
  sockets,
} from "./support/sockets.seam.ts";

/** How connecting from outside of the instance ends. */
function outcomeAt(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve("connected");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
  });
}

async function everySort(guest: Sockets) {
  const { listener, server, client } = await pair(guest);
  const { port } = listener.localAddress().val;
  const merelyBound = await bound(guest, guest.tcp(), ipv4(0));
  const datagrams = await bound(guest, guest.udp(), ipv4(0));
  return { port, boundPort: merelyBound.localAddress().val.port, datagrams, listener, server, client };
}

test("no socket outlives its instance", async () => {
  const guest = sockets();
  const { port, boundPort, datagrams } = await everySort(guest);
  const udp = datagrams.localAddress();
  expect(await outcomeAt(port)).toBe("connected");
  guest[Symbol.dispose]();
  expect(await outcomeAt(port)).toBe("ECONNREFUSED");
  expect(await outcomeAt(boundPort)).toBe("ECONNREFUSED");
  using next = sockets();
  await bound(next, next.udp(), udp);
  guest[Symbol.dispose]();
});

test("what was written still arrives when the instance ends", async () => {
  using other = sockets();
  const listener = await listening(other);
  const guest = sockets();
  const { output } = await connected(guest, guest.tcp(), listener.localAddress());
  output.write(new TextEncoder().encode("last words"));
  guest[Symbol.dispose]();
  const { input } = await accepted(listener);
  expect(new TextDecoder().decode(await input.blockingRead(100n))).toBe("last words");
  await expect(async () => input.blockingRead(1n)).rejects.toMatchObject({ payload: { tag: "closed" } });
});

test("a cancelled call waits no longer, for anything", async () => {
  const cancellation = new Cancellation();
  using guest = sockets({ call: rootContext({ root: 1, cancellation }) });
  const { listener, server, datagrams } = await everySort(guest);
  const [incoming] = datagrams.stream(undefined);
  const waits = [
    listener.subscribe().block(),
    incoming.subscribe().block(),
    Promise.resolve(server.input.blockingRead(1n)),
  ];
  cancellation.cancel(canceled());
  for (const wait of waits) await expect(wait).rejects.toMatchObject({ code: "CALL_CANCELED" });
});

test("an instance holds a limited number of sockets, and dropping one makes room", () => {
  using guest = sockets();
  const open = Array.from({ length: socketsPerInstance }, (_, index) => (index % 2 === 0 ? guest.tcp() : guest.udp()));
  expect(errorOf(() => guest.tcp())).toBe("new-socket-limit");
  expect(errorOf(() => guest.udp())).toBe("new-socket-limit");
  open[0]?.[Symbol.dispose]();
  open[0]?.[Symbol.dispose]();
  guest.tcp();
  expect(errorOf(() => guest.udp())).toBe("new-socket-limit");
});

test("a connection waits while there is no room to accept it", async () => {
  using guest = sockets();
  using other = sockets();
  const listener = await listening(guest, "ipv4", BigInt(backlogLimit) * 2n);
  await connected(other, other.tcp(), listener.localAddress());
  await listener.subscribe().block();
  const others = Array.from({ length: socketsPerInstance - 1 }, () => guest.tcp());
  expect(errorOf(() => listener.accept())).toBe("new-socket-limit");
  others[0]?.[Symbol.dispose]();
  expect(listener.accept()).toHaveLength(3);
});

test("the entry's rules hold for connecting, sending, binding and listening", async () => {
  using free = sockets();
  const open = await listening(free);
  const shut = await listening(free);
  const { port } = open.localAddress().val;
  using guest = sockets({ network: networkRules({ allow: [`127.0.0.1:${port}`] }) });
  await connected(guest, guest.tcp(), ipv4(port));
  const denied = "access-denied";
  expect(errorOf(() => guest.tcp().startConnect(guest.network, shut.localAddress()))).toBe(denied);
  expect(errorOf(() => guest.tcp().startConnect(guest.network, ipv4(port, 127, 0, 0, 2)))).toBe(denied);
  expect(errorOf(() => guest.tcp().startBind(guest.network, shut.localAddress()))).toBe(denied);
  expect(errorOf(() => guest.udp().startBind(guest.network, shut.localAddress()))).toBe(denied);
  expect(errorOf(() => guest.resolve("localhost"))).toBe(denied);
  const client = await bound(guest, guest.tcp(), ipv4(0));
  expect(errorOf(() => client.startListen())).toBe(denied);
  const datagrams = await bound(guest, guest.udp(), ipv4(0));
  expect(errorOf(() => datagrams.stream(shut.localAddress()))).toBe(denied);
  const [, outgoing] = datagrams.stream(undefined);
  outgoing.checkSend();
  expect(errorOf(() => outgoing.send([{ data: new Uint8Array(1), remoteAddress: shut.localAddress() }]))).toBe(denied);
});

test("a rule for a name holds for the addresses that it came to", async () => {
  using free = sockets();
  const listener = await listening(free);
  using guest = sockets({ network: networkRules({ allow: ["localhost"] }) });
  const remote = listener.localAddress();
  expect(errorOf(() => guest.tcp().startConnect(guest.network, remote))).toBe("access-denied");
  expect(errorOf(() => guest.resolve("example.org"))).toBe("access-denied");
  const found = await addresses(guest.resolve("LOCALHOST"));
  expect(found.length).toBeGreaterThan(0);
  if (found.some(({ tag }) => tag === "ipv4")) await connected(guest, guest.tcp(), remote);
});

test("a context with rules for connecting only allows nothing else", () => {
  using guest = sockets({ network: { mayConnect: () => true } });
  expect(errorOf(() => guest.tcp().startBind(guest.network, ipv4(80)))).toBe("access-denied");
  expect(errorOf(() => guest.resolve("localhost"))).toBe("access-denied");
});
