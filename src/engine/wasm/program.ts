import { throwTrap } from "./uncatchable.ts";
import type { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { WitFunction, WitInterface } from "../../wit/types.ts";
import type { StraightCall } from "../../wit/values/straight.ts";
import type { LimitedModules, ModulePlan, WasmLimits } from "./limits/plan.ts";

/** Types of a core function. */
export interface CoreFunctionType {
  readonly params: readonly WebAssembly.ValueKind[];
  readonly results: readonly WebAssembly.ValueKind[];
}

/** Size of a memory (in pages) or table; `max` is undefined when it may grow as it likes. */
export interface CoreLimits {
  readonly min: number;
  readonly max: number | undefined;
  readonly shared: boolean;
  /** Addresses are 64 bits wide (memory64). */
  readonly wide: boolean;
}

/** What an import is, and what it takes to make one that fits. */
export type CoreExtern =
  | { readonly kind: "function"; readonly type: CoreFunctionType }
  | { readonly kind: "table"; readonly element: WebAssembly.ValueKind; readonly limits: CoreLimits }
  | { readonly kind: "memory"; readonly limits: CoreLimits }
  | { readonly kind: "global"; readonly value: WebAssembly.ValueKind; readonly mutable: boolean }
  | { readonly kind: "tag"; readonly type: CoreFunctionType };

/** One import of a core module. */
export interface CoreImport {
  readonly module: string;
  readonly name: string;
  readonly extern: CoreExtern;
}

/** A core module that is ready to be linked in any isolate. Structured-clonable. */
export interface CoreProgram {
  readonly type: "core";
  /** The entry's id: names the module in backtraces and messages. */
  readonly name: string;
  readonly module: WebAssembly.Module;
  /** What rewriting added to the module, so that it keeps within its limits. */
  readonly plan: ModulePlan;
  /** The same, made so that it marks what it writes to: its instances are put back for less, and run a little slower. */
  readonly marking?: { readonly module: WebAssembly.Module; readonly plan: ModulePlan } | undefined;
  readonly limits: WasmLimits;
  /** The export to call, by its exact name. */
  readonly method: string;
  readonly coreType: CoreFunctionType;
  /** The WIT signature to lower and lift by; without one, arguments and results are plain numbers by `coreType`. */
  readonly signature: WitFunction | undefined;
  /** Where the canonical ABI finds what it needs; absent parts are not exported. */
  readonly abi: CoreAbi;
  /** The convention of plain plugins, where the signature is called by it instead of the canonical ABI. */
  readonly packed?: PackedAbi | undefined;
  /** The export that runs once after instantiation, when it is not the method itself. */
  readonly opening: Opening | undefined;
  readonly usesPreview1: boolean;
  /** Functions that the module imports and Weft's hosts do not know: they trap when called. */
  readonly foreignImports: readonly { readonly module: string; readonly name: string }[];
  /** Everything the module imports; what nobody provides is made or stubbed at instantiation. */
  readonly imports: readonly CoreImport[];
  /** One instance is as good as another, used or not: it has nothing that a call could change. */
  readonly stateless: boolean;
  /** Export names of functions by their index, for backtraces of modules without a name section. */
  readonly functionNames: Readonly<Record<number, string>>;
}

/** What sets a module up: a reactor has `_initialize`; `_start` is a command's, and may exit with 0. */
export type Opening = "_initialize" | "_start";

/** Names of the exports that lowering and lifting use. */
export interface CoreAbi {
  readonly memory: string | undefined;
  readonly realloc: { readonly name: string; readonly style: "realloc" | "alloc" } | undefined;
  readonly free: string | undefined;
  readonly postReturn: string | undefined;
}

/** How a function of plain plugins takes and gives text: see `core/packed.ts`. */
export interface PackedAbi {
  /** The export that gives room for the argument. */
  readonly allocate: string;
  /** How wide the allocator's size is, and the function's address and length. */
  readonly size: "i32" | "i64";
  readonly params: readonly WebAssembly.ValueKind[];
}

/** A component that is ready to be linked. Structured-clonable. */
export interface ComponentProgram {
  readonly type: "component";
  readonly name: string;
  /** The lifted export to call, by its exact name: `top-level` or `acme:math/calc@1.2.0#add`. */
  readonly method: string;
  readonly signature: WitFunction;
  readonly imports: readonly WitInterface[];
  /** Functions imported directly into the component's world, outside of any interface. */
  readonly importedFunctions: readonly WitFunction[];
  /** Everything that could be called in place of `method`, by its lifted name. */
  readonly exports: readonly WitFunction[];
  readonly artefact: ComponentArtefact;
  /** Whether the blocking writes to its output streams suspend it; else they must not wait. */
  readonly writesSuspend: boolean;
  /** What its instances are held to. */
  readonly limits: WasmLimits;
}

/** What an engine made of a component. `engine` says which one can link it. */
export type ComponentArtefact = JcoArtefact | DirectArtefact;

interface GlueArtefact {
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  /** What rewriting added to the modules, so that they keep within their limits. By the same names. */
  readonly plans: Readonly<Record<string, ModulePlan>>;
  /** True when the component imports something that may wait, so its exports are promising (JSPI). */
  readonly suspending: boolean;
}

export interface JcoArtefact extends GlueArtefact {
  readonly engine: "jco";
  /** JavaScript glue: the body of a function that returns jco's `instantiate(getCoreModule, imports, instantiateCore)`. */
  readonly source: string;
}

export interface DirectArtefact extends GlueArtefact {
  readonly engine: "direct";
  /** JavaScript glue: the body of `(core, host, classes, rt, WebAssembly) => instance`. */
  readonly source: string;
  /** The same modules, made so that they mark what they write to, as in `CoreProgram`. */
  readonly marking?: LimitedModules | undefined;
  /** What `host` holds, in this order. */
  readonly hostFunctions: readonly HostFunction[];
  /** The component has start functions of its own, beside those of its modules. */
  readonly starts: boolean;
  /** What `classes` holds: the host's names of resources, empty for guests' own. */
  readonly hostClasses: readonly { readonly interface: string; readonly name: string }[];
}

/** A function that a component imports. */
export interface HostFunction {
  /** The interface with its version; empty for a function of the world. */
  readonly interface: string;
  readonly signature: WitFunction;
  readonly suspending: boolean;
}

export type WasmProgram = CoreProgram | ComponentProgram;

/** One instantiated guest with its memory. Serves one call at a time; after a trap it is never used again. */
export interface WasmInstance extends Disposable {
  /**
   * Calls the program's method. Arguments and result are in the canonical form of WIT values; without a signature,
   * numbers. The result is a promise only when the guest may suspend.
   * @throws WeftError a trap, or GuestExit when the guest ends itself.
   */
  call(args: readonly Value[]): Value | Promise<Value>;
  /**
   * The same for a caller whose values may go straight into the guest's memory: what the guest returned is in `call`
   * then. Where it is missing, `call.materialize()` gives the arguments for `call`.
   */
  callStraight?(call: StraightCall): Value | Promise<Value>;
  /** False when `reset` would be in vain, as far as that is known without trying. */
  readonly canReset?: boolean;
  /**
   * Makes it as good as new after a call that came back; not what hosts know of it, if it called any. False when that
   * cannot be done, or costs more than a new one: then it must be disposed of.
   */
  reset?(): boolean;
  /** Has it call these from now on, in place of what it was made with. */
  take?(imports: InstanceImports): void;
  /** What it used so far, or until it was disposed. */
  usage(): InstanceUsage;
}

/** What an instance used. */
export interface InstanceUsage {
  /** The most linear memory that it had. */
  readonly peakMemoryBytes: number;
  /** Instructions of its last call, where fuel is limited. */
  readonly fuelUsed?: number;
}

/** Imports for one instance: by interface (or module) name, then by function or resource name. */
export type InstanceImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** How an instance's imports behave, and where it lives. */
export interface InstantiateOptions {
  /**
   * Names of imported functions that may wait; with any, exports are called with JSPI and give promises. For core
   * modules; a component's program knows it already.
   */
  readonly suspending?: ReadonlySet<string>;
  /** Where the instance lives; the plain `WebAssembly` when it is left out. */
  readonly realm?: WasmRealm;
  /** It may be asked to reset. Takes the place of `onHostCall`. */
  readonly resetting?: Resetting;
  /** Is given what the instance holds before any guest code runs, in case its maker is cut off in the middle. */
  readonly onMeter?: (meter: { end(how: { readonly reuse: boolean }): void }) => void;
  /** Hears of each call into a host before it is made, and may refuse it by throwing. */
  readonly onHostCall?: () => void;
  /** For core modules: is given the instance's memory before any of its code but a start section runs. */
  readonly onMemory?: (memory: WebAssembly.Memory) => void;
}

/** What must be known of an instance that is to be reset. */
export interface Resetting {
  /** Whether hosts are the same after a call of this import: an interface without its version, or a core module. */
  readonly keepsNothing: (module: string, name: string) => boolean;
  /** Hears of each call into any other. */
  readonly onKeeping: () => void;
  /** The instance is to mark what it writes to, if its program can. */
  readonly marks?: boolean;
}

/** What linking may know about imports that an instance does not get. */
export interface LinkOptions {
  /** The error of a call to an import that some host could provide, `IMPORT_DENIED`; undefined when none could. */
  readonly denied?: (module: string, name: string) => WeftError | undefined;
}

/** A program linked in this isolate: makes instances. */
export interface LinkedWasm {
  /** Making an instance runs code of the guest: a start function, a reactor's `_initialize`. */
  readonly startsItself: boolean;
  /** Instances can be reset, unless a call did something rare. */
  readonly resets?: boolean;
  /**
   * There when instances can mark what they write to, which makes resetting them cheap and their calls a little dearer.
   * `bytes` is the memory that would be put back as a whole.
   */
  readonly marking?: { readonly bytes: number } | undefined;
  instantiate(imports: InstanceImports, options?: InstantiateOptions): WasmInstance | Promise<WasmInstance>;
}

/**
 * What makes core instances and lets them wait: the global `WebAssembly`, or a stand-in that has a say in when a
 * suspended guest goes on.
 */
export interface WasmRealm {
  readonly Instance: typeof WebAssembly.Instance;
  readonly Suspending: typeof WebAssembly.Suspending;
  /** Makes a guest's function callable that may wait: it gives its result, or a promise of it. */
  promising(guest: (...args: never[]) => unknown): (...args: unknown[]) => unknown;
  /** What a suspending import returns, whose `finish` calls back into the guest when the host's `value` is there. */
  settle(value: unknown, finish: (value: unknown) => unknown): unknown;
}

/** The realm of instances that nothing watches over. */
export const plainRealm: WasmRealm = {
  Instance: WebAssembly.Instance,
  Suspending: WebAssembly.Suspending,
  promising: (guest) => WebAssembly.promising(guest),
  settle: (value, finish) => (value instanceof Promise ? value.then(finish).catch(throwTrap) : finish(value)),
};
