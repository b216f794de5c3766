import type { InstanceContext, NetworkRules } from "../context.ts";
import type { Endpoint } from "./address.ts";
import { isPrivateAddress } from "../io/private-address.ts";
import { socketError } from "./error-code.ts";
import { lookupsPerInstance, socketsPerInstance } from "./limits.ts";

/** Something that an instance holds open; closing it twice does nothing more. */
export interface OpenSocket {
  close(): void;
}

/** Every socket that an instance holds, and what it may reach; disposing closes them all. */
export class OpenSockets implements Disposable {
  readonly instance: InstanceContext;
  readonly #open = new Set<OpenSocket>();
  #lookups = 0;

  constructor(instance: InstanceContext) {
    this.instance = instance;
  }

  get rules(): NetworkRules | undefined {
    return this.instance.network;
  }

  /** @throws ResultError `new-socket-limit` */
  checkRoom(): void {
    if (this.#open.size >= socketsPerInstance) throw socketError("new-socket-limit");
  }

  add(socket: OpenSocket): void {
    this.checkRoom();
    this.#open.add(socket);
  }

  remove(socket: OpenSocket): void {
    this.#open.delete(socket);
  }

  /** @throws ResultError `access-denied` */
  checkRemote(remote: Endpoint): void {
    if (!this.mayReach(remote)) throw socketError("access-denied");
  }

  /** Whether the entry's rules and the caller's scope let it talk to an address. */
  mayReach({ address, port }: Endpoint): boolean {
    if (this.rules?.mayConnect(address, port) === false) return false;
    const { ports, call } = this.instance;
    if (!ports.security.judges(call)) return true;
    if (!ports.security.permits("socket.connect", endpointText(address, port), call)) return false;
    return !isPrivateAddress(address) || ports.security.permits("socket.private_ip", address, call);
  }

  /** @throws ResultError `access-denied` */
  checkLocal({ address, port }: Endpoint): void {
    const { rules } = this;
    if (rules !== undefined && rules.mayListen?.(address, port) !== true) throw socketError("access-denied");
    const { ports, call } = this.instance;
    const isPermitted = ports.security.permits("socket.listen", endpointText(address, port), call);
    if (!isPermitted) throw socketError("access-denied");
  }

  /** @throws ResultError `access-denied` */
  checkName(name: string): void {
    const { ports, call } = this.instance;
    const isRuledOut = this.rules !== undefined && this.rules.mayResolve?.(name) !== true;
    if (isRuledOut || !ports.security.permits("socket.resolve", name, call)) throw socketError("access-denied");
  }

  /** Runs a name lookup, unless too many are under way. */
  async lookUp<Result>(lookup: () => Promise<Result>): Promise<Result> {
    this.#lookups += 1;
    try {
      return await lookup();
    } finally {
      this.#lookups -= 1;
    }
  }

  /** @throws ResultError `temporary-resolver-failure` */
  checkLookups(): void {
    if (this.#lookups >= lookupsPerInstance) throw socketError("temporary-resolver-failure");
  }

  [Symbol.dispose](): void {
    for (const socket of this.#open) socket.close();
    this.#open.clear();
  }
}

function endpointText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
