import type { Cancellation } from "../../../core/cancellation.ts";
import type { Value } from "../../../core/values.ts";
import type { InstantiateOptions, InstanceImports, LinkedWasm, WasmInstance } from "../../../engine/wasm/program.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import { exitOutcome } from "./command.ts";

/** What one instance is made with, and what must be disposed with it. */
export interface Bound extends Disposable {
  readonly imports: InstanceImports;
  readonly options?: InstantiateOptions;
}

/** One instance with the hosts bound for it. */
export interface BoundInstance extends Disposable {
  readonly instance: WasmInstance;
}

/** Makes an instance with its hosts; both are disposed together, and neither is left behind when making it fails. */
export function openInstance(linked: LinkedWasm, bound: Bound): BoundInstance | Promise<BoundInstance> {
  const own = (instance: WasmInstance): BoundInstance => {
    const stack = new DisposableStack();
    stack.use(bound);
    stack.use(instance);
    return { instance, [Symbol.dispose]: () => stack.dispose() };
  };
  const fail = (error: unknown): never => {
    bound[Symbol.dispose]();
    throw error;
  };
  try {
    const made = linked.instantiate(bound.imports, bound.options);
    return made instanceof Promise ? made.then(own, fail) : own(made);
  } catch (error) {
    return fail(error);
  }
}

/** Calls a new instance and ends it, whatever happens. A guest that ends itself is told apart from one that fails. */
export function callFresh(
  opened: BoundInstance | Promise<BoundInstance>,
  args: readonly Value[],
  { id, call }: InstanceContext,
): Value | Promise<Value> {
  const run = (ready: BoundInstance): Value | Promise<Value> =>
    callOnce(ready, args, { id, cancellation: call.cancellation });
  return opened instanceof Promise ? opened.then(run) : run(opened);
}

interface Caller {
  readonly id: string;
  readonly cancellation: Cancellation;
}

function callOnce(opened: BoundInstance, args: readonly Value[], { id, cancellation }: Caller): Value | Promise<Value> {
  let result: Value | Promise<Value>;
  try {
    result = opened.instance.call(args);
  } catch (thrown) {
    opened[Symbol.dispose]();
    return exitOutcome(thrown, id);
  }
  if (!(result instanceof Promise)) {
    opened[Symbol.dispose]();
    return result;
  }
  // A guest that swallows its cancellation never ends; what it holds is taken from it all the same.
  const watch = cancellation.onCancel(() => opened[Symbol.dispose]());
  return result
    .catch((thrown: unknown) => exitOutcome(thrown, id))
    .finally(() => {
      watch[Symbol.dispose]();
      opened[Symbol.dispose]();
    });
}
