import { lookup } from "node:dns/promises";
import { domainToASCII } from "node:url";
import { Pollable } from "../io/pollable.ts";
import { type IpAddress, parseIpAddress } from "./address.ts";
import { type SocketCode, socketCode, socketError } from "./error-code.ts";
import { nameLength } from "./limits.ts";
import type { OpenSockets } from "./open-sockets.ts";
import { Wakers } from "../io/wakers.ts";

/** The resource `resolve-address-stream`. */
export class ResolveAddressStream {
  readonly #sockets: OpenSockets;
  readonly #changes = new Wakers();
  #outcome: "pending" | IpAddress[] | SocketCode = "pending";

  /** Over addresses that are known, or on their way. */
  constructor(sockets: OpenSockets, found: readonly IpAddress[] | Promise<readonly IpAddress[]>) {
    this.#sockets = sockets;
    if (!(found instanceof Promise)) {
      this.#outcome = [...found];
      return;
    }
    found.then(
      (addresses) => this.#settle([...addresses]),
      (error: unknown) => this.#settle(socketCode(error)),
    );
  }

  /** The next address, or undefined after the last. */
  resolveNextAddress(): IpAddress | undefined {
    if (this.#outcome === "pending") throw socketError("would-block");
    if (typeof this.#outcome === "string") throw socketError(this.#outcome);
    return this.#outcome.shift();
  }

  subscribe(): Pollable {
    return new Pollable(
      this.#changes.readiness(() => this.#outcome !== "pending"),
      this.#sockets.instance,
    );
  }

  [Symbol.dispose](): void {}

  #settle(outcome: IpAddress[] | SocketCode): void {
    this.#outcome = outcome;
    this.#changes.wake();
  }
}

/** WIT: `resolve-addresses`. An address in text is its own answer, and no look-up. */
export function resolveAddresses(sockets: OpenSockets, name: string): ResolveAddressStream {
  const address = parseIpAddress(name);
  if (address !== undefined) return new ResolveAddressStream(sockets, [address]);
  const ascii = asciiName(name);
  const { rules } = sockets;
  sockets.checkName(ascii);
  sockets.checkLookups();
  return new ResolveAddressStream(
    sockets,
    sockets.lookUp(async () => {
      const found = await lookup(ascii, { all: true, order: "verbatim" });
      const texts = found.map((each) => each.address);
      rules?.resolved?.(ascii, texts);
      return texts.flatMap((text) => parseIpAddress(text) ?? []);
    }),
  );
}

/** @throws ResultError `invalid-argument` for what cannot be a name. */
function asciiName(name: string): string {
  // A URL's host may have percent signs and more, where a name may not.
  const ascii = /^[^\s/\\?#@:%[\]]+$/.test(name) ? domainToASCII(name) : "";
  if (ascii === "" || ascii.length > nameLength) throw socketError("invalid-argument");
  return ascii.toLowerCase();
}
