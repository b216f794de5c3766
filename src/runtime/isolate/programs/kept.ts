import type { Value } from "../../../core/values.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import type { RunProgram } from "../program.ts";
import { exitOutcome } from "./command.ts";
import { LiveInstance, type GuestProgram } from "./instances.ts";

/** Instances that wait for their next call; more than this many are not worth their memory. */
const maxIdle = 16;

/** The context of an instance that serves many calls: hosts read from it whose call it is now. */
class LiveContext implements InstanceContext {
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

interface Kept {
  readonly live: LiveInstance;
  readonly context: LiveContext;
}

/**
 * Runs calls on instances that live on (`pool: { state: kept }`, or nothing in them that could change). One call at a
 * time each; one that failed is not used again. What such a guest does, it does for the call that it is in.
 */
export function keepInstances(program: GuestProgram): RunProgram {
  const idle: Kept[] = [];
  const call = (kept: Kept, args: readonly Value[]): Value | Promise<Value> => {
    const fail = (thrown: unknown): Value => {
      kept.live[Symbol.dispose]();
      return exitOutcome(thrown, program.placement.id);
    };
    const succeed = (value: Value): Value => {
      if (idle.length < maxIdle) idle.push(kept);
      else kept.live[Symbol.dispose]();
      return value;
    };
    try {
      const result = kept.live.call(args, kept.context);
      return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
    } catch (thrown) {
      return fail(thrown);
    }
  };
  return (args, instance) => {
    const kept = idle.pop();
    if (kept !== undefined) {
      kept.context.current = instance;
      return call(kept, args);
    }
    const context = new LiveContext(instance);
    return call({ live: new LiveInstance(program, context, true), context }, args);
  };
}
