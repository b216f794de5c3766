import type { Value } from "../../../core/values.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import type { Placement } from "../../../registry/placement.ts";
import type { RunProgram } from "../program.ts";
import { exitOutcome } from "./command.ts";
import type { BoundInstance } from "./instances.ts";

/** Instances that wait for their next call; more than this many are not worth their memory. */
const maxIdle = 16;

/**
 * Runs calls on instances that live on (`pool: { state: kept }`). One call at a time each; one that failed is not used
 * again. The hosts of a kept instance belong to the call that made it, so it suits guests that import nothing of a caller.
 */
export function keepInstances(
  placement: Placement,
  open: (instance: InstanceContext) => BoundInstance | Promise<BoundInstance>,
): RunProgram {
  const idle: BoundInstance[] = [];
  const release = (opened: BoundInstance): void => {
    if (idle.length < maxIdle) idle.push(opened);
    else opened[Symbol.dispose]();
  };
  const call = (opened: BoundInstance, args: readonly Value[]): Value | Promise<Value> => {
    const fail = (thrown: unknown): Value => {
      opened[Symbol.dispose]();
      return exitOutcome(thrown, placement.id);
    };
    const succeed = (value: Value): Value => {
      release(opened);
      return value;
    };
    try {
      const result = opened.instance.call(args);
      return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
    } catch (thrown) {
      return fail(thrown);
    }
  };
  return (args, instance) => {
    const opened = idle.pop() ?? open(instance);
    return opened instanceof Promise ? opened.then((ready) => call(ready, args)) : call(opened, args);
  };
}
