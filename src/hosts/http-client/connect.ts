import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { CallContext } from "../../core/context.ts";
import type { NetworkRules } from "../context.ts";
import { isPrivateAddress } from "../io/private-address.ts";
import type { Ports } from "../ports.ts";
import { HttpError } from "./error-code.ts";
import type { Target } from "./target.ts";

/** What a request may reach: by the entry's rules, and by the scope of whoever makes it. */
export interface Reach {
  readonly rules: NetworkRules | undefined;
  readonly security: Ports["security"];
  readonly call: CallContext;
}

function mayConnect({ rules, security, call }: Reach, address: string, port: number): boolean {
  if (rules?.mayConnect(address, port) === false) return false;
  return !isPrivateAddress(address) || security.permits("http_client.private_ip", address, call);
}

/**
 * Checks what can be known of a target before it is looked up.
 * @throws HttpError when it is prohibited.
 */
export function checkTarget(target: Target, reach: Reach): void {
  const { host, port } = target;
  if (!reach.security.permits("http_client.request", urlOf(target), reach.call)) throw denied(host);
  if (isIP(host) === 0) {
    if (reach.rules?.mayResolve?.(host) === false) throw prohibited(host);
  } else if (!mayConnect(reach, host, port)) throw prohibited(host);
}

/** The target's address as policies know it: in lower case, without a standard port, dots of its path resolved. */
function urlOf({ isSecure, authority, path }: Target): string {
  const text = `${isSecure ? "https" : "http"}://${authority}${path}`;
  return URL.parse(text)?.href ?? text;
}

/**
 * Looks names up for one request, and gives only addresses that are not prohibited: the connection is made to what was
 * checked, so a name that changes its mind in between changes nothing.
 */
export function checkedLookup(port: number, reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, "", 0);
        return;
      }
      reach.rules?.resolved?.(
        hostname,
        found.map(({ address }) => address),
      );
      const allowed = found.filter(({ address }) => mayConnect(reach, address, port));
      const [first] = allowed;
      if (first === undefined) callback(prohibited(hostname), "", 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function denied(host: string): HttpError {
  return new HttpError({ tag: "HTTP-request-denied" }, `the guest's caller may not send requests to ${host}`);
}

function prohibited(host: string): HttpError {
  return new HttpError({ tag: "destination-IP-prohibited" }, `guests may not connect to ${host}`);
}
