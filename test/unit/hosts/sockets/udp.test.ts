import { describe, expect, test } from "vitest";
import type { OutgoingDatagram } from "../../../../src/hosts/sockets/datagram-streams.ts";
import { datagramBytes, receivedDatagrams, sentDatagrams } from "../../../../src/hosts/sockets/limits.ts";
import { bound, errorOf, ipv4, ipv6, loopback, type Sockets, sockets } from "./support/sockets.seam.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function times<Item>(length: number, item: Item): Item[] {
  return Array.from({ length }, () => item);
}

async function open(guest: Sockets, family: "ipv4" | "ipv6" = "ipv4") {
  const socket = await bound(guest, guest.udp(family), loopback(family));
  const [incoming, outgoing] = socket.stream(undefined);
  return { socket, incoming, outgoing, address: socket.localAddress() };
}

function send({ outgoing }: Pick<Awaited<ReturnType<typeof open>>, "outgoing">, datagrams: OutgoingDatagram[]): bigint {
  outgoing.checkSend();
  return outgoing.send(datagrams);
}

describe.each(["ipv4", "ipv6"] as const)("a UDP socket of %s", (family) => {
  test("sends to anybody and says who sent", async () => {
    using guest = sockets();
    const [a, b] = [await open(guest, family), await open(guest, family)];
    expect(a.socket.addressFamily()).toBe(family);
    expect(a.incoming.receive(10n)).toEqual([]);
    expect(a.incoming.subscribe().ready()).toBe(false);
    expect(send(a, [{ data: bytes("ping"), remoteAddress: b.address }])).toBe(1n);
    await b.incoming.subscribe().block();
    expect(b.incoming.receive(0n)).toEqual([]);
    const [datagram] = b.incoming.receive(10n);
    expect(datagram).toEqual({ data: Buffer.from("ping"), remoteAddress: a.address });
    expect(errorOf(() => b.socket.remoteAddress())).toBe("invalid-state");
  });

  test("is connected to one other, and hears nobody else", async () => {
    using guest = sockets();
    const [a, b, c] = [await open(guest, family), await open(guest, family), await open(guest, family)];
    const [incoming, outgoing] = a.socket.stream(b.address);
    expect(a.socket.remoteAddress()).toEqual(b.address);
    expect(errorOf(() => a.incoming.receive(1n))).toBe("invalid-state");
    expect(errorOf(() => a.outgoing.checkSend())).toBe("invalid-state");
    expect(errorOf(() => a.outgoing.send([]))).toBe("invalid-state");
    send(c, [{ data: bytes("stranger"), remoteAddress: a.address }]);
    send(b, [{ data: bytes("friend"), remoteAddress: a.address }]);
    const heard: string[] = [];
    while (heard.length === 0) {
      await incoming.subscribe().block();
      heard.push(...incoming.receive(10n).map(({ data }) => Buffer.from(data).toString()));
    }
    expect(heard).toEqual(["friend"]);
    expect(send({ outgoing }, [{ data: bytes("1") }, { data: bytes("2"), remoteAddress: b.address }])).toBe(2n);
    await b.incoming.subscribe().block();
    expect(errorOf(() => send({ outgoing }, [{ data: bytes("x"), remoteAddress: c.address }]))).toBe(
      "invalid-argument",
    );
    a.socket.stream(undefined);
    expect(errorOf(() => a.socket.remoteAddress())).toBe("invalid-state");
  });
});

describe("binding a UDP socket", () => {
  test("goes through its states", async () => {
    using guest = sockets();
    const socket = guest.udp();
    expect(errorOf(() => socket.finishBind())).toBe("not-in-progress");
    expect(errorOf(() => socket.localAddress())).toBe("invalid-state");
    expect(errorOf(() => socket.stream(undefined))).toBe("invalid-state");
    socket.startBind(guest.network, ipv4(0));
    expect(errorOf(() => socket.startBind(guest.network, ipv4(0)))).toBe("concurrency-conflict");
    await socket.subscribe().block();
    socket.finishBind();
    expect(errorOf(() => socket.finishBind())).toBe("not-in-progress");
    expect(errorOf(() => socket.startBind(guest.network, ipv4(0)))).toBe("invalid-state");
  });

  test("says what is wrong with an address", async () => {
    using guest = sockets();
    const { address } = await open(guest);
    expect(errorOf(() => guest.udp().startBind(guest.network, ipv6(0)))).toBe("invalid-argument");
    expect(errorOf(() => guest.udp("ipv6").startBind(guest.network, ipv6(0, 0, 0, 0, 0, 0, 0xffff, 1, 1)))).toBe(
      "invalid-argument",
    );
    const socket = guest.udp();
    await expect(bound(guest, socket, address)).rejects.toMatchObject({ payload: "address-in-use" });
    await expect(bound(guest, socket, ipv4(0, 203, 0, 113, 1))).rejects.toMatchObject({
      payload: "address-not-bindable",
    });
    await bound(guest, socket, ipv4(0));
  });
});

describe("sending datagrams", () => {
  test("refuses what has no place to go", async () => {
    using guest = sockets();
    const a = await open(guest);
    for (const remoteAddress of [undefined, ipv4(0), ipv4(9, 0, 0, 0, 0), ipv6(9)]) {
      expect(errorOf(() => send(a, [{ data: bytes("x"), remoteAddress }]))).toBe("invalid-argument");
    }
    expect(errorOf(() => a.socket.stream(ipv4(0)))).toBe("invalid-argument");
    expect(send(a, [])).toBe(0n);
  });

  test("takes the largest datagram, not one larger, and those before it", async () => {
    using guest = sockets();
    const [a, b] = [await open(guest), await open(guest)];
    const remoteAddress = b.address;
    const largest = { data: new Uint8Array(datagramBytes.ipv4), remoteAddress };
    const larger = { data: new Uint8Array(datagramBytes.ipv4 + 1), remoteAddress };
    expect(errorOf(() => send(a, [larger]))).toBe("datagram-too-large");
    expect(send(a, [largest, larger])).toBe(1n);
    await b.incoming.subscribe().block();
    expect(b.incoming.receive(1n)[0]?.data.length).toBe(datagramBytes.ipv4);
  });

  test("permits a number of datagrams at a time, and traps on more", async () => {
    using guest = sockets();
    const [a, b] = [await open(guest), await open(guest)];
    const datagram = { data: bytes("x"), remoteAddress: b.address };
    expect(errorOf(() => a.outgoing.send([datagram]))).toMatchObject({ code: "TRAP_INVALID_VALUE" });
    const permitted = Number(a.outgoing.checkSend());
    expect(permitted).toBe(sentDatagrams);
    expect(errorOf(() => a.outgoing.send(times(permitted + 1, datagram)))).toMatchObject({
      code: "TRAP_INVALID_VALUE",
    });
    expect(a.outgoing.send(times(permitted, datagram))).toBe(BigInt(permitted));
    expect(errorOf(() => a.outgoing.send([datagram]))).toMatchObject({ code: "TRAP_INVALID_VALUE" });
    while (a.outgoing.checkSend() < BigInt(permitted)) await new Promise((resolve) => setImmediate(resolve));
    expect(a.outgoing.subscribe().ready()).toBe(true);
  });

  test("drops what a receiver does not take", async () => {
    using guest = sockets();
    const [a, b] = [await open(guest), await open(guest)];
    const datagram = { data: bytes("x"), remoteAddress: b.address };
    for (let sent = 0; sent < receivedDatagrams + 100;) {
      await a.outgoing.subscribe().block();
      if (a.outgoing.checkSend() > 0n) sent += Number(a.outgoing.send([datagram]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(b.incoming.receive(10_000n).length).toBe(receivedDatagrams);
  });

  test("tells later of what failed on its way", async () => {
    using guest = sockets();
    const a = await open(guest);
    // From loopback nothing leaves the machine.
    send(a, [{ data: bytes("x"), remoteAddress: ipv4(9, 203, 0, 113, 1) }]);
    const failure = await new Promise((resolve) => {
      const look = (): void => {
        const error = errorOf(() => a.outgoing.checkSend());
        if (error === "no error") setImmediate(look);
        else resolve(error);
      };
      look();
    });
    expect(["invalid-argument", "remote-unreachable", "access-denied"]).toContain(failure);
    expect(a.outgoing.checkSend()).toBe(BigInt(sentDatagrams));
  });
});

test("UDP options are read back as they were set, before and after binding", async () => {
  using guest = sockets();
  const socket = guest.udp();
  expect(socket.unicastHopLimit()).toBe(64);
  socket.setUnicastHopLimit(9);
  await bound(guest, socket, ipv4(0));
  socket.setUnicastHopLimit(12);
  socket.setReceiveBufferSize(8192n);
  socket.setSendBufferSize(1n << 40n);
  expect(socket.unicastHopLimit()).toBe(12);
  expect([socket.receiveBufferSize(), socket.sendBufferSize()]).toEqual([8192n, 4_194_304n]);
  for (const zero of [
    () => socket.setUnicastHopLimit(0),
    () => socket.setReceiveBufferSize(0n),
    () => socket.setSendBufferSize(0n),
  ]) {
    expect(errorOf(zero)).toBe("invalid-argument");
  }
});
