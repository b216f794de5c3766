import type { ComponentFace, HostInterface } from "../host.ts";
import type { Family } from "./address.ts";
import { IncomingDatagramStream, OutgoingDatagramStream } from "./datagram-streams.ts";
import { ConnectionError } from "./error-code.ts";
import { resolveAddresses, ResolveAddressStream } from "./names.ts";
import { OpenSockets } from "./open-sockets.ts";
import { TcpSocket } from "./tcp-socket.ts";
import { UdpSocket } from "./udp-socket.ts";

/** Nothing here waits by itself: guests wait for pollables and by streams. */
const version: HostInterface = { version: "0.2.8", suspending: [] };

/** The resource `network`. There is one for each instance: what the entry's rules allow, whoever holds the handle. */
class Network {
  [Symbol.dispose](): void {}
}

/** `wasi:sockets`. */
export const socketsFace: ComponentFace = {
  interfaces: {
    "wasi:sockets/network": version,
    "wasi:sockets/instance-network": version,
    "wasi:sockets/tcp-create-socket": version,
    "wasi:sockets/tcp": version,
    "wasi:sockets/udp-create-socket": version,
    "wasi:sockets/udp": version,
    "wasi:sockets/ip-name-lookup": version,
  },
  bind(instance) {
    const sockets = new OpenSockets(instance);
    return {
      imports: {
        "wasi:sockets/network": {
          Network,
          networkErrorCode: (error: unknown) => (error instanceof ConnectionError ? error.code : undefined),
        },
        "wasi:sockets/instance-network": { instanceNetwork: () => new Network() },
        "wasi:sockets/tcp-create-socket": { createTcpSocket: (family: Family) => new TcpSocket(family, sockets) },
        "wasi:sockets/tcp": { TcpSocket },
        "wasi:sockets/udp-create-socket": { createUdpSocket: (family: Family) => new UdpSocket(family, sockets) },
        "wasi:sockets/udp": { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
        "wasi:sockets/ip-name-lookup": {
          ResolveAddressStream,
          resolveAddresses: (_network: unknown, name: string) => resolveAddresses(sockets, name),
        },
      },
      [Symbol.dispose]: () => sockets[Symbol.dispose](),
    };
  },
};
