// Seam for the bound imports of wasi:sockets, called as an engine calls them.
import type { InstanceContext } from "../../../../../src/hosts/context.ts";
import { bindHosts } from "../../../../../src/hosts/index.ts";
import type { Family, IpAddress, SocketAddress } from "../../../../../src/hosts/sockets/address.ts";
import type { ResolveAddressStream } from "../../../../../src/hosts/sockets/names.ts";
import type { TcpSocket } from "../../../../../src/hosts/sockets/tcp-socket.ts";
import type { UdpSocket } from "../../../../../src/hosts/sockets/udp-socket.ts";
import { imported } from "../../support/imports.seam.ts";
import { instance } from "../../support/instance.ts";

const names = ["network", "instance-network", "tcp-create-socket", "tcp", "udp-create-socket", "udp", "ip-name-lookup"];

/** The interfaces of one instance, and its network. */
export function sockets(given: Partial<InstanceContext> = {}) {
  const wanted = names.map((name) => ({ interface: `wasi:sockets/${name}` }));
  const { imports, ...bound } = bindHosts(instance(given), ["wasi:sockets"], wanted);
  const network: unknown = imported(imports, "wasi:sockets/instance-network", "instanceNetwork")();
  return {
    network,
    tcp: (family: Family = "ipv4") =>
      imported(imports, "wasi:sockets/tcp-create-socket", "createTcpSocket")(family) as TcpSocket,
    udp: (family: Family = "ipv4") =>
      imported(imports, "wasi:sockets/udp-create-socket", "createUdpSocket")(family) as UdpSocket,
    resolve: (name: string) =>
      imported(imports, "wasi:sockets/ip-name-lookup", "resolveAddresses")(network, name) as ResolveAddressStream,
    networkErrorCode: (error: unknown) =>
      imported(imports, "wasi:sockets/network", "networkErrorCode")(error) as string | undefined,
    [Symbol.dispose]: () => bound[Symbol.dispose](),
  };
}

/** What `sockets` gives. */
export type Sockets = ReturnType<typeof sockets>;

/** The payload of the error that an operation throws. */
export function errorOf(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error instanceof Error && "payload" in error ? error.payload : error;
  }
  return "no error";
}

export function ipv4(port: number, ...address: number[]): SocketAddress {
  return { tag: "ipv4", val: { port, address: address.length === 0 ? [127, 0, 0, 1] : address } };
}

export function ipv6(port: number, ...address: number[]): SocketAddress {
  const groups = address.length === 0 ? [0, 0, 0, 0, 0, 0, 0, 1] : address;
  return { tag: "ipv6", val: { port, flowInfo: 0, address: groups, scopeId: 0 } };
}

/** A loopback address of either family. */
export function loopback(family: Family, port = 0): SocketAddress {
  return family === "ipv4" ? ipv4(port) : ipv6(port);
}

/** Every address that a look-up gives. */
export async function addresses(stream: ResolveAddressStream): Promise<IpAddress[]> {
  await stream.subscribe().block();
  const found: IpAddress[] = [];
  for (let next = stream.resolveNextAddress(); next !== undefined; next = stream.resolveNextAddress()) found.push(next);
  return found;
}

/** Binds and waits until it is done. */
export async function bound<Socket extends TcpSocket | UdpSocket>(
  { network }: Sockets,
  socket: Socket,
  local: SocketAddress,
): Promise<Socket> {
  socket.startBind(network, local);
  await socket.subscribe().block();
  socket.finishBind();
  return socket;
}

/** A socket that listens at a loopback address. */
export async function listening(guest: Sockets, family: Family = "ipv4", backlog?: bigint): Promise<TcpSocket> {
  const socket = await bound(guest, guest.tcp(family), loopback(family));
  if (backlog !== undefined) socket.setListenBacklogSize(backlog);
  socket.startListen();
  await socket.subscribe().block();
  socket.finishListen();
  return socket;
}

/** Connects and waits until it is done. */
export async function connected({ network }: Sockets, socket: TcpSocket, remote: SocketAddress) {
  socket.startConnect(network, remote);
  await socket.subscribe().block();
  const [input, output] = socket.finishConnect();
  return { socket, input, output };
}

/** Waits for a connection and accepts it. */
export async function accepted(listener: TcpSocket) {
  await listener.subscribe().block();
  const [socket, input, output] = listener.accept();
  return { socket, input, output };
}

/** Two ends of one connection. */
export async function pair(guest: Sockets, family: Family = "ipv4") {
  const listener = await listening(guest, family);
  const client = await connected(guest, guest.tcp(family), listener.localAddress());
  return { listener, client, server: await accepted(listener) };
}
