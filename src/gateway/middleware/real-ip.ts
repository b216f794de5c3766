import { BlockList, isIP } from "node:net";
import { WeftError } from "../../core/errors.ts";
import type { GatewayContext } from "../answer.ts";
import { plainAddress } from "../client.ts";
import type { Middleware } from "./middleware.ts";

/** Networks that no client on the internet comes from: where proxies stand. */
const privateNetworks = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

/** No others: a proxy that does not write a header passes on what the client wrote. */
const defaultHeaders = ["x-real-ip", "x-forwarded-for"];

/**
 * Who the client is behind proxies. Headers are believed only from trusted addresses: a client could write them, too. In
 * `x-forwarded-for` each proxy adds whom it saw at the end, so that the last address that is no proxy's is the client.
 */
export const realIpMiddleware: Middleware = {
  name: "real_ip",
  summary: "Takes the client's address from what trusted proxies say.",
  options: {
    "real_ip.trusted": "Networks of proxies, between commas, such as `10.0.0.0/8`; default: those that are private.",
    "real_ip.trusted.subnets": "Another name of `real_ip.trusted`.",
    "real_ip.trust_all":
      "Whether whoever connects is believed: only where nobody but proxies can connect; default false.",
    "real_ip.header": "The header to read; default `x-real-ip`, then `x-forwarded-for`.",
  },
  create(options) {
    const networks = options.list("trusted.subnets") ?? options.list("trusted") ?? privateNetworks;
    const trusted = blockList(options.flag("trust_all") ? ["0.0.0.0/0", "::/0"] : networks);
    const header = options.text("header");
    return async (c, next) => {
      const seen = plainAddress(c.env.incoming.socket.remoteAddress ?? "");
      const told = isIn(trusted, seen) ? tellAddress(c, header, trusted) : undefined;
      if (told !== undefined) c.set("clientAddress", told);
      return await next();
    };
  },
};

function tellAddress(c: GatewayContext, header: string | undefined, trusted: BlockList): string | undefined {
  const names = header === undefined ? defaultHeaders : [header];
  const text = names.map((name) => c.req.header(name)).find((each) => each !== undefined);
  const addresses = (text ?? "").split(",").map((part) => part.trim());
  if (addresses.some((address) => isIP(address) === 0)) return undefined;
  return addresses.findLast((address) => !isIn(trusted, address)) ?? addresses[0];
}

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/", 2);
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    const prefix = bits === undefined ? most : Number(bits);
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most) {
      throw new WeftError("INVALID_ARGUMENT", `real_ip.trusted: "${network}" is no network`);
    }
    list.addSubnet(address, prefix, family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}
