import type { Limits } from "../../../core/limits.ts";

/** The limits of an entry that this folder holds its guests to. */
export interface WasmLimits extends Pick<Limits, "memoryBytes" | "fuel" | "stackBytes"> {
  /**
   * Every access beyond the memory's size traps, also where a reused memory is really larger. Costs the reuse of
   * memories that have grown.
   */
  readonly exactMemory?: boolean;
}

/**
 * The most stack that there is for a guest, in bytes: an isolate's thread is made with so much (`runtime/control`), enough for
 * nested calls and little enough to unwind fast; V8 gives a guest that may be suspended a stack of its own, of fixed size.
 */
export const stackSizes = { thread: 4 * 1_048_576, suspending: 984 * 1_024 } as const;

/** Bytes of a page of linear memory. */
export const pageBytes = 65_536;

/** Elements that one table may have. Real ones stay below 50,000; V8 would allow ten million, 80 MB each. */
export const tableElements = 1_000_000;

/**
 * What rewriting added to a core module, and so what its `Meter` gives and finds. Structured-clonable; goes with the
 * module wherever it is posted.
 */
export interface ModulePlan {
  /** The module name of added imports, and what the names of added exports begin with. Guests cannot guess it. */
  readonly prefix: string;
  /** All memories by index. */
  readonly memories: readonly PlannedMemory[];
  /** Names of the counters that it exports, each behind the prefix. */
  readonly counters: readonly Counter[];
  /** It exports a table `hooks`, and is to be given its functions when the instance has more modules. */
  readonly hooks: boolean;
  /**
   * Its mutable globals, by index, each exported as `global<index>`: with its memories, they are all that calls may change.
   * Undefined when there is more: tables, dropped segments, references, others' globals.
   */
  readonly resettable: readonly number[] | undefined;
  /** It marks what it writes to in `cards`, a memory that it imports; see `cards.ts`. */
  readonly marks: boolean;
  /** Its start function is exported as `start`, and is to be called when the counters are set. */
  readonly start: boolean;
}

/** A mutable global: grows refused of memories and of tables, instructions and bytes of stack that are left. */
export type Counter = "denied" | "deniedTable" | "fuel" | "stack";

/** One memory of a rewritten module. Sizes are in pages. */
export interface PlannedMemory {
  /**
   * `given`: the module imported it all along. `added`: it was the module's own, and is imported as `memory<index>` now.
   * `own`: it still is (threads share it), exported as `memory<index>`.
   */
  readonly home: "given" | "added" | "own";
  readonly min: number;
  /** The most it can grow to: what the module declares, or its limit. */
  readonly max: number | undefined;
  readonly shared: boolean;
  /** Addresses are 64 bits wide (memory64). */
  readonly wide: boolean;
  /**
   * `real`: the size is what the memory says. `fixed`: the guest never asks for it nor grows it, it is `min`.
   * `virtual`: the guest sees a counter, exported as `size<index>`; the memory itself may be larger.
   */
  readonly size: "real" | "fixed" | "virtual";
}

/** A rewritten module. */
export interface LimitedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly plan: ModulePlan;
  /** It grows a memory that it imports, or asks for its size. */
  readonly resizesGiven: boolean;
  /** Whether it writes to memory, and could be made to mark where: `unmarkable` when it could not. */
  readonly writes: "nothing" | "markable" | "unmarkable";
}

/** Modules by the names that they were given by, each with its plan. Structured-clonable. */
export interface LimitedModules {
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  readonly plans: Readonly<Record<string, ModulePlan>>;
}

/** Pages that V8 lets a memory have: more may not even be written down. */
const mostPages = { narrow: 65_536, wide: 262_144 };

/** Pages of a limit in bytes. */
export function budgetOf({ memoryBytes }: WasmLimits): number | undefined {
  return memoryBytes === undefined ? undefined : Math.floor(memoryBytes / pageBytes);
}

/** The bytes that the largest memory of some modules begins with. */
export function largestMemory(plans: readonly ModulePlan[]): number {
  return Math.max(0, ...plans.flatMap(({ memories }) => memories.map(({ min }) => min))) * pageBytes;
}

/** The most pages that a memory may have under a budget; undefined when neither it nor its module says. */
export function memoryMaximum(
  { max, wide }: { readonly max: number | undefined; readonly wide: boolean },
  budgetPages: number | undefined,
): number | undefined {
  if (budgetPages === undefined || budgetPages >= mostPages[wide ? "wide" : "narrow"]) return max;
  return Math.min(max ?? budgetPages, budgetPages);
}
