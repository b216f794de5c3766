// Seam for the glue that emit.ts writes: generated JavaScript, whose parts and exports have no types.
import { numbers } from "../../canonical/numbers.ts";
import type { CanonicalCall } from "../../canonical/generate.seam.ts";
import type { WasmRealm } from "../../program.ts";
import { GuestResource } from "./guest-resource.ts";
import { HandleTable } from "./handle-table.ts";
import type { HostCall } from "./host-functions.ts";
import { memoryFor } from "./text-memory.ts";

/** Makes a core instance of a module by its name, and gives its exports. */
export type MakeCore = (module: string, imports: WebAssembly.Imports) => WebAssembly.Exports;

/** Makes an instance. Gives its lifted functions by name, each made when it is asked for. */
export type Instantiate = (
  core: MakeCore,
  host: readonly HostCall[],
  realm: WasmRealm,
) => ReadonlyMap<string, () => CanonicalCall>;

/** What the glue calls under the name `rt`. */
const runtime = { ...numbers, GuestResource, HandleTable, memoryFor, disposeHost };

/** Compiles glue. */
export function evaluateGlue(source: string): Instantiate {
  const make = new Function("core", "host", "rt", "WebAssembly", source) as (
    core: MakeCore,
    host: readonly HostCall[],
    rt: typeof runtime,
    realm: WasmRealm,
  ) => ReadonlyMap<string, () => CanonicalCall>;
  return (core, host, realm) => make(core, host, runtime, realm);
}

/** Ends a resource of the host that the guest has dropped. */
function disposeHost(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  (value as Partial<Disposable>)[Symbol.dispose]?.();
}

type Callable = (...args: readonly unknown[]) => unknown;

/** Calls a method of a host's object or class. */
export function callMethod(self: unknown, name: string, args: readonly unknown[]): unknown {
  const method = (self as Record<string, unknown> | null | undefined)?.[name];
  if (typeof method !== "function") throw new TypeError(`the host's object has no method ${name}`);
  return Reflect.apply(method as Callable, self, args);
}

/** Calls a host's function, or makes an object of a host's class. */
export function callHost(target: object, args: readonly unknown[], how: "call" | "construct"): unknown {
  return how === "call"
    ? Reflect.apply(target as Callable, undefined, args)
    : Reflect.construct(target as Callable, args);
}
