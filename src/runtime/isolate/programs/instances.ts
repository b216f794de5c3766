import type { Cancellation } from "../../../core/cancellation.ts";
import type { Value } from "../../../core/values.ts";
import type { InstantiateOptions, InstanceImports, LinkedWasm, WasmInstance } from "../../../engine/wasm/program.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import type { Placement } from "../../../registry/placement.ts";
import { timeoutError } from "../executor.ts";
import { ScopeCut } from "../guard/guard.ts";
import type { Watch } from "../guard/watch.ts";
import { exitOutcome } from "./command.ts";

/** What one instance is made with, and what must be disposed with it. */
export interface Bound extends Disposable {
  readonly imports: InstanceImports;
  readonly options?: InstantiateOptions;
}

/** A guest's program in this isolate, and how its instances are bound and watched. */
export interface GuestProgram {
  readonly placement: Placement;
  readonly linked: LinkedWasm;
  bind(instance: InstanceContext): Bound;
  /** The watch over a new instance; `deadline` is that of its first call, `lives` says that more may follow. */
  watch(bound: Bound, deadline: number, lives: boolean): Watch;
}

/** One instance with the hosts bound for it, disposed together. */
export class LiveInstance implements Disposable {
  readonly #program: GuestProgram;
  readonly #bound: Bound;
  readonly #watch: Watch;
  #instance: WasmInstance | undefined;

  constructor(program: GuestProgram, context: InstanceContext, lives: boolean) {
    const deadline = context.call.deadline ?? Infinity;
    this.#program = program;
    this.#bound = program.bind(context);
    this.#watch = program.watch(this.#bound, deadline, lives);
    this.#watch.deadline = deadline;
  }

  /**
   * Makes the instance if this has not been done yet, and calls it.
   * @throws WeftError what the guest or its limits end the call with; the instance is not good for another one then.
   */
  call(args: readonly Value[], context: InstanceContext): Value | Promise<Value> {
    this.#watch.deadline = context.call.deadline ?? Infinity;
    try {
      const result = this.#watch.run(() => this.#run(args, context));
      return result instanceof Promise ? result.catch((thrown: unknown) => this.#fail(thrown)) : result;
    } catch (thrown) {
      return this.#fail(thrown);
    }
  }

  [Symbol.dispose](): void {
    this.#instance?.[Symbol.dispose]();
    this.#instance = undefined;
    this.#bound[Symbol.dispose]();
  }

  #run(args: readonly Value[], context: InstanceContext): Value | Promise<Value> {
    if (this.#instance !== undefined) return this.#instance.call(args);
    const made = this.#program.linked.instantiate(this.#bound.imports, {
      ...this.#bound.options,
      realm: this.#watch.realm,
      ...this.#countHostCalls(context),
    });
    if (made instanceof Promise) return made.then((ready) => this.#watch.run(() => this.#own(ready).call(args)));
    return this.#own(made).call(args);
  }

  /** Counting costs something on every call, so it is done only where somebody looks at the count. */
  #countHostCalls(context: InstanceContext): Pick<InstantiateOptions, "onHostCall"> {
    return context.usage === undefined ? {} : { onHostCall: () => context.usage?.countHostCall() };
  }

  #own(instance: WasmInstance): WasmInstance {
    this.#instance = instance;
    return instance;
  }

  /** What the call's caller is told: nothing wrong when the guest ended itself with status 0. */
  #fail(thrown: unknown): Value {
    const { placement } = this.#program;
    throw thrown instanceof ScopeCut ? timeoutError(placement) : thrown;
  }
}

/** Calls a new instance and ends it, whatever happens. A guest that ends itself is told apart from one that fails. */
export function callFresh(
  program: GuestProgram,
  args: readonly Value[],
  context: InstanceContext,
): Value | Promise<Value> {
  const live = new LiveInstance(program, context, false);
  let result: Value | Promise<Value>;
  try {
    result = live.call(args, context);
  } catch (thrown) {
    live[Symbol.dispose]();
    return exitOutcome(thrown, context.id);
  }
  if (result instanceof Promise)
    return settleFresh(live, result, { id: context.id, cancellation: context.call.cancellation });
  live[Symbol.dispose]();
  return result;
}

interface Caller {
  readonly id: string;
  readonly cancellation: Cancellation;
}

function settleFresh(live: LiveInstance, result: Promise<Value>, { id, cancellation }: Caller): Promise<Value> {
  // A guest that swallows its cancellation never ends; what it holds is taken from it all the same.
  const watch = cancellation.onCancel(() => live[Symbol.dispose]());
  return result
    .catch((thrown: unknown) => exitOutcome(thrown, id))
    .finally(() => {
      watch[Symbol.dispose]();
      live[Symbol.dispose]();
    });
}
