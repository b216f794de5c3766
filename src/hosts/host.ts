import type { InstanceContext } from "./context.ts";

/**
 * A capability that guests may import. `index.ts` is the table of all hosts; each has up to three faces:
 * WASI 0.2 interfaces for components (`p2`), preview-1 parts (`p1.ts`, put together by `preview1`), and Lua modules (`lua.ts`).
 */
export interface Host {
  readonly name: string;
  /** One sentence for `weft list --hosts`, docs and denial messages. */
  readonly summary: string;
  /** Names that an entry may write under `imports` to be granted this host, the shortest first. */
  readonly grants: readonly string[];
  /** True when core modules may name it too. */
  readonly coreModules: boolean;
  readonly p2?: ComponentFace;
  /** Interfaces that entries may already be granted although nothing implements them yet; calling them traps. */
  readonly unimplemented?: readonly string[];
}

/** The face for components. Values follow jco's conventions for host functions (camelCase, `{tag, val}`, throw for `err`). */
export interface ComponentFace {
  /** Implemented interfaces without version, such as `wasi:clocks/wall-clock`. */
  readonly interfaces: Readonly<Record<string, HostInterface>>;
  /** Makes the imports of one instance: by interface name, then by camelCase function or resource class name. */
  bind(instance: InstanceContext): BoundInterfaces;
}

export interface HostInterface {
  /** The version implemented; an import of the same major version up to this one is satisfied. */
  readonly version: string;
  /**
   * The functions that may wait, by their WIT names (`poll`, `[method]pollable.block`): they return promises, and a
   * component that imports one is linked to suspend.
   */
  readonly suspending: readonly string[];
  /**
   * Functions that may wait only on what another, suspending function gave: they suspend in components that import one
   * of those, and stay synchronous in all others (so that a plain program prints without suspending).
   */
  readonly suspendingAlong?: readonly string[];
}

/** What `bind` gives; disposed when the instance ends, which closes every handle it still holds. */
export interface BoundInterfaces extends Disposable {
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /**
   * After a call whose handles are all gone: nothing of it is left here, and the next call cannot tell this from new
   * ones. Left out where that is not known.
   */
  isClean?(): boolean;
}
