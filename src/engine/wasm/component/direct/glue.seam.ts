// Seam for the glue that emit.ts writes: generated JavaScript, whose parts and exports have no types.
import { WeftError } from "../../../../core/errors.ts";
import { numbers } from "../../canonical/numbers.ts";
import type { CanonicalCall } from "../../canonical/generate.seam.ts";
import type { StraightGuest } from "../../canonical/straight.seam.ts";
import type { WasmRealm } from "../../program.ts";
import { uncatchable } from "../../uncatchable.ts";
import { forwarder } from "./forwarder.ts";
import { GuestResource } from "./guest-resource.ts";
import { HandleTable } from "./handle-table.ts";
import type { HostCall } from "./host-functions.ts";
import { memoryFor } from "./text-memory.ts";

/** Makes a core instance of a module by its name, and gives its exports. */
export type MakeCore = (module: string, imports: WebAssembly.Imports) => WebAssembly.Exports;

/** What glue made: lifted functions by name, each made when it is asked for, and the component instances inside. */
export interface MadeInstance {
  readonly exports: ReadonlyMap<string, () => CanonicalCall>;
  /** What calls that lower and lift by themselves need, by the lifted function's name. */
  readonly parts: ReadonlyMap<string, () => StraightGuest>;
  readonly tables: readonly HandleTable[];
}

/** What glue makes an instance of. */
export interface GlueParts {
  readonly core: MakeCore;
  /** By the indices of the artefact's `hostFunctions`. */
  readonly host: readonly HostCall[];
  /** The host's classes of the artefact's `resources`; undefined for guests' own, and for those that are not given. */
  readonly classes: readonly unknown[];
  readonly realm: WasmRealm;
}

/** Makes an instance; with a start function that may wait, later. */
export type Instantiate = (parts: GlueParts) => MadeInstance | Promise<MadeInstance>;

/** What the glue calls under the name `rt`. */
const runtime = {
  ...numbers,
  GuestResource,
  HandleTable,
  memoryFor,
  disposeHost,
  hostResource,
  forwarder,
  uncatchable,
};

/** Compiles glue. */
export function evaluateGlue(source: string): Instantiate {
  const make = new Function("core", "host", "classes", "rt", "WebAssembly", source) as (
    core: MakeCore,
    host: readonly HostCall[],
    classes: readonly unknown[],
    rt: typeof runtime,
    realm: WasmRealm,
  ) => MadeInstance | Promise<MadeInstance>;
  return ({ core, host, classes, realm }) => make(core, host, classes, runtime, realm);
}

/** A resource that a host hands out. @throws WeftError `INVALID_RESULT` when it is not of the class that was given for it. */
function hostResource(value: unknown, wanted: unknown): unknown {
  if (typeof wanted !== "function" || value instanceof wanted) return value;
  throw new WeftError("INVALID_RESULT", `the host gave something that is no ${wanted.name} where one was expected`);
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
