// Seam for resources of hosts that are arguments: engines take them as they are, and no other value is such an object.
import type { Value } from "../../../core/values.ts";

/** A resource of a host as an argument of a guest in this isolate. */
export function resourceArgument(resource: Disposable): Value {
  return resource as unknown as Value;
}
