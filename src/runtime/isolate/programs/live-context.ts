import { WeftError } from "../../../core/errors.ts";
import type { InstanceContext } from "../../../hosts/context.ts";

/** Everything in a context, the optional parts included: none may be forgotten below. */
type Complete = { readonly [Name in keyof Required<InstanceContext>]: InstanceContext[Name] };

/** The context of an instance that is made before its call, or serves many: hosts read from it whose call it is now. */
export class LiveContext implements Complete {
  current: InstanceContext;

  constructor(first: InstanceContext) {
    this.current = first;
  }

  get id() {
    return this.current.id;
  }
  get pid() {
    return this.current.pid;
  }
  get call() {
    return this.current.call;
  }
  get ports() {
    return this.current.ports;
  }
  get exchange() {
    return this.current.exchange;
  }
  get limits() {
    return this.current.limits;
  }
  get usage() {
    return this.current.usage;
  }
  get stdio() {
    return this.current.stdio;
  }
  get args() {
    return this.current.args;
  }
  get env() {
    return this.current.env;
  }
  get cwd() {
    return this.current.cwd;
  }
  get mounts() {
    return this.current.mounts;
  }
  get randomSeed() {
    return this.current.randomSeed;
  }
  get network() {
    return this.current.network;
  }
}

/**
 * The context of an instance that is made before anybody calls it. It knows what the entry grants, and nobody's
 * identity: a guest that calls out while it is made cannot be made ahead.
 */
export function contextAhead(of: InstanceContext): InstanceContext {
  const refuse = (): never => {
    throw new WeftError("INTERNAL", `${of.id} is not in any call yet`);
  };
  return Object.defineProperties({ ...of, usage: undefined }, { call: { get: refuse }, pid: { get: refuse } });
}
