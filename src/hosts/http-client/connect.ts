import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { InstanceContext } from "../context.ts";
import { HttpError } from "./error-code.ts";
import type { Target } from "./target.ts";

/** May a guest connect to an address? What the entry's network rules say; without any, yes. */
export type AddressRule = (address: string, port: number) => boolean;

/** The rule of an instance. */
export function addressRule(instance: InstanceContext): AddressRule {
  const { network } = instance;
  return network === undefined ? () => true : (address, port) => network.mayConnect(address, port);
}

/** @throws HttpError when a target that is written as an address is prohibited. */
export function checkAddress({ host, port }: Target, mayConnect: AddressRule): void {
  if (isIP(host) !== 0 && !mayConnect(host, port)) throw prohibited(host);
}

/**
 * Looks names up for one request, and gives only addresses that are not prohibited: the connection is made to what was
 * checked, so a name that changes its mind in between changes nothing.
 */
export function checkedLookup(port: number, mayConnect: AddressRule): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, "", 0);
        return;
      }
      const allowed = found.filter(({ address }) => mayConnect(address, port));
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
