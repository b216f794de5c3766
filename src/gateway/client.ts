import type { GatewayContext } from "./answer.ts";

/** Where a request came from. */
export interface ClientAddress {
  readonly address: string;
  readonly port: number;
}

/** The client of a request: what a proxy that is trusted says, else the other end of the connection. */
export function clientAddress(c: GatewayContext): ClientAddress {
  const { remoteAddress, remotePort = 0 } = c.env.incoming.socket;
  const forwarded = c.var.clientAddress;
  return forwarded === undefined
    ? { address: plainAddress(remoteAddress ?? ""), port: remotePort }
    : { address: forwarded, port: 0 };
}

/** An IPv4 address that came over an IPv6 socket, as itself. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** `address:port`, as programs see it. */
export function addressText({ address, port }: ClientAddress): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
