// Seam for WebAssembly's own API: imports arrive as unknown values, exports leave without types.
import { givenImport, missingImport } from "../missing-import.ts";
import type {
  CoreImport,
  CoreLimits,
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
}

/** How a module is instantiated. */
export interface ModuleOptions extends LinkOptions, Pick<InstantiateOptions, "onHostCall"> {
  readonly realm: WasmRealm;
  /** Names of given functions that may wait. */
  readonly suspending?: ReadonlySet<string> | undefined;
}

/** Instantiates a module with what it was given; for the rest, functions are stubs and all else is made to fit. */
export function instantiateModule(program: CoreProgram, given: InstanceImports, options: ModuleOptions): CoreExports {
  const imports = Object.create(null) as Record<string, Record<string, unknown>>;
  let importedMemory: WebAssembly.Memory | undefined;
  for (const item of program.imports) {
    const plain = givenImport(given, item.module, item.name) ?? substitute(item, program, options);
    const found = item.extern.kind === "function" ? counted(plain as HostFunction, options.onHostCall) : plain;
    const value = options.suspending?.has(item.name) ? new options.realm.Suspending(found as HostFunction) : found;
    (imports[item.module] ??= Object.create(null) as Record<string, unknown>)[item.name] = value;
    if (item.extern.kind === "memory") importedMemory ??= value as WebAssembly.Memory;
  }
  const { exports } = new options.realm.Instance(program.module, imports as WebAssembly.Imports);
  return {
    function(name) {
      const value = exports[name];
      return typeof value === "function" ? value : undefined;
    },
    memory: (name) => (name === undefined ? importedMemory : (exports[name] as WebAssembly.Memory | undefined)),
  };
}

type HostFunction = (...args: never[]) => unknown;
function counted(host: HostFunction, onHostCall: (() => void) | undefined): HostFunction {
  if (onHostCall === undefined) return host;
  return (...args) => {
    onHostCall();
    return host(...args);
  };
}

type WideTable = new (descriptor: object) => unknown;

function substitute({ module, name, extern }: CoreImport, program: CoreProgram, options: LinkOptions): unknown {
  switch (extern.kind) {
    case "function":
      return () => {
        throw options.denied?.(module, name) ?? missingImport(program.name, module, name);
      };
    case "memory":
      return new (WebAssembly.Memory as unknown as WideTable)(descriptor(extern.limits));
    case "table":
      return new (WebAssembly.Table as unknown as WideTable)({ ...descriptor(extern.limits), element: extern.element });
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

function descriptor({ min, max, shared, wide }: CoreLimits): object {
  const size = (pages: number) => (wide ? BigInt(pages) : pages);
  return {
    initial: size(min),
    ...(max === undefined ? {} : { maximum: size(max) }),
    ...(shared ? { shared } : {}),
    ...(wide ? { address: "i64" } : {}),
  };
}
