import type { Value } from "../../../core/values.ts";
import type { InstantiateOptions, InstanceImports, LinkedWasm, WasmInstance } from "../../../engine/wasm/program.ts";
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
  const own = (instance: WasmInstance): BoundInstance => ({
    instance,
    [Symbol.dispose]() {
      instance[Symbol.dispose]();
      bound[Symbol.dispose]();
    },
  });
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
  id: string,
): Value | Promise<Value> {
  return opened instanceof Promise ? opened.then((ready) => callOnce(ready, args, id)) : callOnce(opened, args, id);
}

function callOnce(opened: BoundInstance, args: readonly Value[], id: string): Value | Promise<Value> {
  let result: Value | Promise<Value>;
  try {
    result = opened.instance.call(args);
  } catch (thrown) {
    opened[Symbol.dispose]();
    return exitOutcome(thrown, id);
  }
  if (result instanceof Promise) {
    return result.catch((thrown: unknown) => exitOutcome(thrown, id)).finally(() => opened[Symbol.dispose]());
  }
  opened[Symbol.dispose]();
  return result;
}
