import type { Value } from "../../../core/values.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import type { RunProgram } from "../program.ts";
import { exitOutcome } from "./command.ts";
import { LiveInstance, type GuestInput, type GuestProgram } from "./instances.ts";
import { LiveContext } from "./live-context.ts";

/** Instances that wait for their next call; more than this many are not worth their memory. */
const maxIdle = 32;

interface Kept {
  readonly live: LiveInstance;
  readonly context: LiveContext;
}

/**
 * Runs calls on instances that live on (`pool: { state: kept }`, or nothing in them that could change). One call at a
 * time each; one that failed is not used again. What such a guest does, it does for the call that it is in.
 */
export function keepInstances(program: GuestProgram): RunProgram {
  const { id, limits } = program.placement;
  const idle: Kept[] = [];
  let isRetired = false;
  const retire = (): void => {
    isRetired = true;
    for (const { live } of idle.splice(0)) live[Symbol.dispose]();
  };
  const call = (kept: Kept, input: GuestInput): Value | Promise<Value> => {
    const fail = (thrown: unknown): Value => {
      kept.live[Symbol.dispose]();
      return exitOutcome(thrown, id);
    };
    const succeed = (value: Value): Value => {
      if (!isRetired && idle.length < maxIdle) idle.push(kept);
      else kept.live[Symbol.dispose]();
      return value;
    };
    return program.turns.protect<Value | Promise<Value>>(() => {
      const result = kept.live.call(input);
      return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
    }, fail);
  };
  const begin = (input: GuestInput, instance: InstanceContext): Value | Promise<Value> => {
    const kept = idle.pop();
    if (kept !== undefined) {
      kept.context.current = instance;
      return call(kept, input);
    }
    const context = new LiveContext(instance);
    const isCounted = limits.hostCalls !== undefined || instance.usage !== undefined;
    return call({ live: new LiveInstance(program, context, { lives: true, isCounted }), context }, input);
  };
  const run: RunProgram = (args, instance) => begin({ args, straight: undefined }, instance);
  const atBottom: RunProgram = (args, instance) => begin({ args, straight: undefined, atBottom: true }, instance);
  return Object.assign(run, { atBottom, retire });
}
