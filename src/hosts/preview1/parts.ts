import type { Readiness } from "../io/pollable.ts";
import type { HostFd } from "../io/host-fd.ts";
import type { InstanceContext } from "../context.ts";

/** What other hosts contribute to preview 1: their `p1.ts`. Put together in `hosts/preview1.ts`. */
export interface Preview1Parts {
  /** Descriptors 0, 1, 2. */
  standardFds(instance: InstanceContext): HostFd[];
  /** Lets what was printed leave, when the instance ends. */
  flushOutput(instance: InstanceContext): void;
  /** Descriptors from 3 on, opened when the module can ask for them. */
  preopenFds(instance: InstanceContext): { readonly fds: readonly HostFd[] } & Disposable;
  /** Clocks by number; undefined for a number that none has. */
  readonly clocks: {
    now(id: number): bigint | undefined;
    resolution(id: number): bigint | undefined;
    timer(id: number, timeout: bigint, absolute: boolean): Readiness | undefined;
  };
  /** Overwrites bytes with random ones. */
  randomizer(instance: InstanceContext): (bytes: Uint8Array<ArrayBuffer>) => void;
}
