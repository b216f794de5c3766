import { isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/** The enum `ip-address-family`. */
export type Family = "ipv4" | "ipv6";

/** The variant `ip-address`: four bytes, or eight 16-bit numbers. */
export interface IpAddress {
  readonly tag: Family;
  readonly val: readonly number[];
}

/** The variant `ip-socket-address`. */
export type SocketAddress =
  | { readonly tag: "ipv4"; readonly val: { readonly port: number; readonly address: readonly number[] } }
  | { readonly tag: "ipv6"; readonly val: Ipv6SocketAddress };

interface Ipv6SocketAddress {
  readonly port: number;
  readonly flowInfo: number;
  readonly address: readonly number[];
  readonly scopeId: number;
}

/** An address as Node has it. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

const groupsOfIpv6 = 8;

/** The address in Node's text. Equal addresses give equal texts. */
export function toEndpoint({ tag, val }: SocketAddress): Endpoint {
  if (tag === "ipv4") return { address: val.address.join("."), port: val.port };
  return { address: ipv6Text(val.address) + zoneOf(val.scopeId), port: val.port };
}

/** What Node says about an end of a socket, for the guest. */
export function fromEndpoint({ address, port }: Endpoint): SocketAddress {
  if (isIPv4(address)) return { tag: "ipv4", val: { port, address: ipv4Bytes(address) } };
  const [text = "", zone] = address.split("%");
  const scopeId = zone === undefined ? 0 : scopeOf(zone);
  return { tag: "ipv6", val: { port, flowInfo: 0, address: ipv6Groups(text), scopeId } };
}

/** Reads an IP address; undefined for anything else, a name for example. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { tag: "ipv4", val: ipv4Bytes(text) };
  const [bare = ""] = text.split("%");
  return isIPv6(text) ? { tag: "ipv6", val: ipv6Groups(bare) } : undefined;
}

/** Whether it is the address that stands for all of a machine's. */
export function isUnspecified({ val }: SocketAddress): boolean {
  return val.address.every((part) => part === 0);
}

/** Whether a socket of a family may have it as an end: not one for many receivers, and not IPv4 in IPv6's clothes. */
export function isUnicastOf(family: Family, { tag, val: { address } }: SocketAddress): boolean {
  const [first = 0] = address;
  if (tag !== family) return false;
  if (tag === "ipv4") return (first < 224 || first > 239) && address.some((byte) => byte !== 255);
  return first >> 8 !== 0xff && !isMapped(address);
}

/** Whether it can be the far end of a connection or datagram. */
export function isRemoteOf(family: Family, remote: SocketAddress): boolean {
  return remote.val.port !== 0 && !isUnspecified(remote) && remote.tag === family && !isMappedAddress(remote);
}

function isMappedAddress({ tag, val }: SocketAddress): boolean {
  return tag === "ipv6" && isMapped(val.address);
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

function ipv4Bytes(text: string): number[] {
  return text.split(".").map(Number);
}

function ipv6Text(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(":");
  // Node's own URL parser knows the canonical form.
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function ipv6Groups(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  const zeros = Array.from({ length: groupsOfIpv6 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(part);
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** Node names the interface of a link-local address, where WASI numbers it. */
function zoneOf(scopeId: number): string {
  const name = zones().find((zone) => zone.scopeId === scopeId)?.name;
  return scopeId === 0 || name === undefined ? "" : `%${name}`;
}

function scopeOf(name: string): number {
  return zones().find((zone) => zone.name === name)?.scopeId ?? 0;
}

function zones(): { name: string; scopeId: number }[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap((each) => (each.family === "IPv6" && each.scopeid > 0 ? [{ name, scopeId: each.scopeid }] : [])),
  );
}
