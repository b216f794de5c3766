import { BlockList, isIP } from "node:net";

/** Addresses of this machine, of its networks, and those that lead there by another name. */
const addresses = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  addresses.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  addresses.addSubnet(network, bits, "ipv6");
}

/** Whether an address is loopback, private or link-local, or may stand for one; IPv4 in IPv6 form counts as what it is. */
export function isPrivateAddress(address: string): boolean {
  const [bare = ""] = address.split("%");
  const version = isIP(bare);
  return version !== 0 && addresses.check(bare, version === 6 ? "ipv6" : "ipv4");
}
