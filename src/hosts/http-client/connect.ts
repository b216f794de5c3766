import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { NetworkRules } from "../context.ts";
import { HttpError } from "./error-code.ts";
import type { Target } from "./target.ts";

/**
 * Checks what can be known of a target before it is looked up.
 * @throws HttpError when it is prohibited.
 */
export function checkTarget({ host, port }: Target, rules: NetworkRules | undefined): void {
  if (rules === undefined) return;
  if (isIP(host) === 0) {
    if (rules.mayResolve?.(host) === false) throw prohibited(host);
  } else if (!rules.mayConnect(host, port)) throw prohibited(host);
}

/**
 * Looks names up for one request, and gives only addresses that are not prohibited: the connection is made to what was
 * checked, so a name that changes its mind in between changes nothing.
 */
export function checkedLookup(port: number, rules: NetworkRules | undefined): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, "", 0);
        return;
      }
      rules?.resolved?.(
        hostname,
        found.map(({ address }) => address),
      );
      const allowed = found.filter(({ address }) => rules === undefined || rules.mayConnect(address, port));
      const [first] = allowed;
      if (first === undefined) callback(prohibited(hostname), "", 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function prohibited(host: string): HttpError {
  return new HttpError({ tag: "destination-IP-prohibited" }, `guests may not connect to ${host}`);
}
