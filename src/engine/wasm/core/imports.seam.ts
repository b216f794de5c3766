// Seam for WebAssembly's own API: imports arrive as unknown values, exports leave without types.
import { WeftError } from "../../../core/errors.ts";
import type { Meter } from "../limits/meter.ts";
import { tableElements } from "../limits/plan.ts";
import { bindImport, CanonicalImport } from "./canonical-import.ts";
import { givenImport, missingImport } from "../missing-import.ts";
import { throwingTraps } from "../uncatchable.ts";
import type {
  CoreExtern,
  CoreImport,
  CoreProgram,
  InstanceImports,
  InstantiateOptions,
  LinkOptions,
  WasmRealm,
} from "../program.ts";

/** The functions and memory of an instance, by name. */
export interface CoreExports {
  function(name: string): ((...args: never[]) => unknown) | undefined;
  memory(name: string | undefined): WebAssembly.Memory | undefined;
  /** Puts the module in its meter's charge and runs its start function; to be called once, before any export. */
  start(): void;
}

/** How a module is instantiated. */
export interface ModuleOptions extends LinkOptions, Pick<InstantiateOptions, "onHostCall" | "resetting"> {
  readonly realm: WasmRealm;
  readonly meter: Meter;
  /** Names of given functions that may wait. */
  readonly suspending?: ReadonlySet<string> | undefined;
}

/** Instantiates a module with what it was given; for the rest, functions are stubs and all else is made to fit. */
export function instantiateModule(program: CoreProgram, given: InstanceImports, options: ModuleOptions): CoreExports {
  const imports = Object.create(null) as Record<string, Record<string, unknown>>;
  let importedMemory: WebAssembly.Memory | undefined;
  for (const item of program.imports) {
    const suspending = options.suspending?.has(item.name) === true;
    const own = givenImport(given, item.module, item.name) ?? substitute(item, program, options);
    const plain =
      own instanceof CanonicalImport
        ? bindImport(own, { program, realm: options.realm, suspending, exports: () => view })
        : own;
    const hears =
      own instanceof CanonicalImport ? listener(item, options) : marker(listener(item, options), program, options);
    const found = typeof plain === "function" ? throwingTraps(plain as HostFunction, hears) : plain;
    const value = suspending ? new options.realm.Suspending(found as HostFunction) : found;
    (imports[item.module] ??= Object.create(null) as Record<string, unknown>)[item.name] = value;
    if (item.extern.kind === "memory") importedMemory ??= value as WebAssembly.Memory;
  }
  const { meter, realm } = options;
  const { exports } = instantiate(program, meter.imports(program.plan, imports as WebAssembly.Imports), realm);
  const view: CoreExports = {
    function(name) {
      const value = exports[name];
      return typeof value === "function" ? value : undefined;
    },
    memory: (name) => (name === undefined ? importedMemory : (exports[name] as WebAssembly.Memory | undefined)),
    start: () => meter.attach(program.plan, exports),
  };
  return view;
}

/** What is made for imports that nobody gives may still be of a sort that V8 does not take for them. */
function instantiate(program: CoreProgram, imports: WebAssembly.Imports, realm: WasmRealm): WebAssembly.Instance {
  try {
    return new realm.Instance(program.module, imports);
  } catch (thrown) {
    // By name, since it may be of another realm.
    if (!Error.isError(thrown) || thrown.name !== "LinkError") throw thrown;
    const message = `${program.name}: nothing that fits can be given for what it imports: ${thrown.message}`;
    throw new WeftError("UNSUPPORTED", message, { cause: thrown });
  }
}

/** Who hears of calls of an import. */
function listener({ module, name }: CoreImport, { onHostCall, resetting }: ModuleOptions): (() => void) | undefined {
  return resetting === undefined || resetting.keepsNothing(module, name) ? onHostCall : resetting.onKeeping;
}

/** Hosts that are no functions of WIT have the memory itself, and do not mark what they write. */
function marker(
  hears: (() => void) | undefined,
  { plan }: CoreProgram,
  { meter }: ModuleOptions,
): (() => void) | undefined {
  if (!plan.marks) return hears;
  return () => {
    hears?.();
    meter.markAll();
  };
}

type HostFunction = (...args: never[]) => unknown;

type WideTable = new (descriptor: object) => unknown;

function substitute({ module, name, extern }: CoreImport, program: CoreProgram, options: ModuleOptions): unknown {
  switch (extern.kind) {
    case "function":
      return () => {
        throw options.denied?.(module, name) ?? missingImport(program.name, module, name);
      };
    case "memory":
      return options.meter.memory(extern.limits);
    case "table":
      return new (WebAssembly.Table as unknown as WideTable)({ ...descriptor(extern), element: extern.element });
    case "global": {
      const zero = extern.value === "i64" ? 0n : extern.value === "externref" || extern.value === "anyfunc" ? null : 0;
      return new WebAssembly.Global({ value: extern.value, mutable: extern.mutable }, zero);
    }
    case "tag": {
      const { Tag } = WebAssembly as unknown as { Tag: WideTable };
      return new Tag({ parameters: extern.type.params });
    }
  }
}

/** A table that is made for a guest may grow as far as one that it makes itself. */
function descriptor({ limits: { min, max, wide } }: Extract<CoreExtern, { kind: "table" }>): object {
  const size = (elements: number) => (wide ? BigInt(elements) : elements);
  const maximum = Math.max(min, Math.min(max ?? tableElements, tableElements));
  return { initial: size(min), maximum: size(maximum), ...(wide ? { address: "i64" } : {}) };
}
