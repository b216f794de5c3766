import type { IncomingMessage } from "node:http";

/** Where a request came from. */
export interface ClientAddress {
  readonly address: string;
  readonly port: number;
}

/** The client of a request: what a proxy that is trusted says, else the other end of the connection. */
export function clientAddress({ socket }: IncomingMessage, forwarded: string | undefined): ClientAddress {
  if (forwarded !== undefined) return { address: forwarded, port: 0 };
  const { remoteAddress, remotePort = 0 } = socket;
  return { address: plainAddress(remoteAddress ?? ""), port: remotePort };
}

/** An IPv4 address that came over an IPv6 socket, as itself. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** `address:port`, as programs see it. */
export function addressText({ address, port }: ClientAddress): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
