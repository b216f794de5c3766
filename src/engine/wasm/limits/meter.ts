import type { ErrorCode } from "../../../core/error-codes.ts";
import { WeftError } from "../../../core/errors.ts";
import type { GuestExit } from "../../../core/exit.ts";
import type { CoreLimits, InstanceUsage } from "../program.ts";
import { counterOf, hooksOf, memoryOf, resettableOf, sizeOf, startOf, type CounterGlobal } from "./exports.seam.ts";
import { HookFiller, refusals, tellRefusals } from "./hooks.ts";
import { MeterMemories } from "./meter-memories.ts";
import { pageBytes, type ModulePlan, type WasmLimits } from "./plan.ts";
import type { InstanceImage } from "./pristine.ts";

/** Whose instance is metered, and by what. */
export interface MeterOptions {
  /** The entry's id. */
  readonly name: string;
  readonly limits: WasmLimits;
}

/** Core instances in one component instance. Real components stay below 100. */
const coreInstances = 1_000;
/** The counter of the stack has 32 bits. */
const mostStackBytes = 0x7fff_ffff;

/** Traps that may follow from memory that was refused. */
const afterRefusal: ReadonlySet<ErrorCode> = new Set([
  "TRAP_UNREACHABLE",
  "TRAP_MEMORY_OUT_OF_BOUNDS",
  "TRAP_TABLE_OUT_OF_BOUNDS",
  "TRAP_NULL_REFERENCE",
  "TRAP_GUEST_EXCEPTION",
  "TRAP_INVALID_VALUE",
]);

/**
 * Holds one instance to its limits: gives its rewritten modules what they import, sets and reads their counters, and
 * says which limit a trap stands for. An instance may have several modules; what it is limited to, they share.
 *
 * For each module `imports`, then `new WebAssembly.Instance`, then `attach`; around each call `enter` and `leave`, or
 * `explain` for what was thrown; at last `end`.
 */
export class Meter {
  readonly #name: string;
  readonly #limits: WasmLimits;
  readonly #stackBytes: number;
  readonly #memories: MeterMemories;
  readonly #fuel: CounterGlobal[] = [];
  readonly #stacks: CounterGlobal[] = [];
  /** Something is counted down in each call. */
  #counts = false;
  /** What was refused on this thread when the instance's counters of it were last set to nothing. */
  #refusals = refusals.count;
  readonly #denied: CounterGlobal[] = [];
  readonly #deniedTables: CounterGlobal[] = [];
  readonly #hookTables: WebAssembly.Table[] = [];
  /** The guest's own globals, with the memories all that calls may change; undefined when there is more. */
  #globals: CounterGlobal[] | undefined = [];
  /** Memories of the module that is being instantiated, by their index in it. */
  #taken = new Map<number, WebAssembly.Memory>();
  #hooks: HookFiller | undefined;
  #instances = 0;
  #ended: InstanceUsage | undefined;

  constructor({ name, limits }: MeterOptions) {
    this.#name = name;
    this.#limits = limits;
    this.#stackBytes = Math.min(limits.stackBytes ?? mostStackBytes, mostStackBytes);
    this.#memories = new MeterMemories(name, limits);
  }

  /**
   * What to instantiate a module with: what was given, and the memories that the module no longer makes itself.
   * @throws WeftError `MEMORY_EXCEEDED` when the instance may not have them.
   */
  imports(plan: ModulePlan, given: WebAssembly.Imports = {}): WebAssembly.Imports {
    this.#instances += 1;
    if (this.#instances > coreInstances) {
      throw new WeftError("UNSUPPORTED", `${this.#name}: it has more than ${coreInstances} core instances`);
    }
    this.#taken = new Map();
    const added: Record<string, WebAssembly.Memory> = {};
    for (const [index, planned] of plan.memories.entries()) {
      if (planned.home !== "added") continue;
      const memory = this.#memories.take(planned, planned.size);
      this.#taken.set(index, memory);
      added[`memory${index}`] = memory;
    }
    if (plan.marks) added["cards"] = this.#memories.mark();
    return this.#taken.size === 0 && !plan.marks ? given : { ...given, [plan.prefix]: added };
  }

  /** A host may write anywhere, and does not mark it. */
  markAll(): void {
    this.#memories.markAll();
  }

  /** A memory for an import that nobody gives. @throws WeftError `MEMORY_EXCEEDED` when it is too large. */
  memory(limits: CoreLimits): WebAssembly.Memory {
    return this.#memories.take(limits, "real");
  }

  /**
   * Takes charge of a module that was instantiated with `imports`, and runs its start function.
   * @throws what the start function throws.
   */
  attach(plan: ModulePlan, exports: WebAssembly.Exports): void {
    for (const [index, { home, size }] of plan.memories.entries()) {
      if (home === "own") this.#memories.add(memoryOf(plan, exports, index));
      const memory = this.#taken.get(index);
      if (memory !== undefined && size === "virtual") this.#memories.countBy(memory, sizeOf(plan, exports, index));
    }
    const keep = (counters: CounterGlobal[], counter: CounterGlobal | undefined) => {
      if (counter !== undefined) counters.push(counter);
    };
    keep(this.#denied, counterOf(plan, exports, "denied"));
    keep(this.#deniedTables, counterOf(plan, exports, "deniedTable"));
    const stack = counterOf(plan, exports, "stack");
    if (stack !== undefined) stack.value = this.#stackBytes;
    keep(this.#stacks, stack);
    this.#attachFuel(counterOf(plan, exports, "fuel"));
    this.#counts = this.#fuel.length > 0 || this.#stacks.length > 0;
    this.#attachHooks(hooksOf(plan, exports));
    const resettable = resettableOf(plan, exports);
    if (resettable === undefined) this.#globals = undefined;
    else this.#globals?.push(...resettable);
    startOf(plan, exports)?.();
  }

  #attachFuel(fuel: CounterGlobal | undefined): void {
    if (fuel === undefined) return;
    const left = this.#fuel.length === 0 ? BigInt(this.#limits.fuel ?? 0) : this.#fuelLeft();
    this.#fuel.push(fuel);
    this.#spread(left);
  }

  /** One module alone needs no hooks but the one that tells: its own counters say it all. */
  #attachHooks(table: WebAssembly.Table | undefined): void {
    if (table === undefined) return;
    tellRefusals(table);
    this.#hookTables.push(table);
    if (this.#hookTables.length < 2) return;
    this.#hooks ??= new HookFiller({
      refuel: () => this.#refuel(),
      approve: (pages) => (this.#memories.allows(Number(pages)) ? 1 : 0),
    });
    for (const each of this.#hookTables.length === 2 ? this.#hookTables : [table]) this.#hooks.fill(each);
  }

  #fuelLeft(): bigint {
    return this.#fuel.reduce((sum, { value }) => sum + BigInt(value), 0n);
  }

  /** A module has used up its share. When the others have nothing, either, all stays as it is, and it traps. */
  #refuel(): void {
    const left = this.#fuelLeft();
    if (left >= 0n) this.#spread(left);
  }

  #spread(fuel: bigint): void {
    const share = fuel / BigInt(this.#fuel.length);
    for (const [index, counter] of this.#fuel.entries()) {
      counter.value = index === 0 ? fuel - share * BigInt(this.#fuel.length - 1) : share;
    }
  }

  /** Before a call: it has all its fuel and stack. What instantiating took is another matter. */
  enter(): void {
    // What few instances need stands apart, so that V8 puts this into the call. Reading a counter takes twice a flat call.
    if (this.#counts) this.#refill();
    // What an earlier call was refused explains nothing of this one.
    if (this.#refusals !== refusals.count) this.#forgetRefusals();
  }

  #forgetRefusals(): void {
    this.#refusals = refusals.count;
    for (const denied of this.#denied) denied.value = 0;
    for (const denied of this.#deniedTables) denied.value = 0;
  }

  #refill(): void {
    if (this.#fuel.length > 0) this.#spread(BigInt(this.#limits.fuel ?? 0));
    for (const stack of this.#stacks) stack.value = this.#stackBytes;
  }

  /** After a call that came back. @throws WeftError `FUEL_EXHAUSTED` when its last steps took more than was left. */
  leave(): void {
    if (this.#counts) this.#checkFuel();
  }

  #checkFuel(): void {
    if (this.#fuel.length > 0 && this.#fuelLeft() < 0n) throw this.#outOfFuel(undefined);
  }

  /** The error of a call or of an instantiation that failed: that of the limit that was behind it, or the same. */
  explain(error: WeftError | GuestExit): WeftError | GuestExit {
    if (!(error instanceof WeftError)) return error;
    if (error.code === "TRAP_UNREACHABLE") {
      if (this.#fuel.length > 0 && this.#fuelLeft() < 0n) return this.#outOfFuel(error);
      if (this.#stacks.some(({ value }) => Number(value) < 0)) return this.#outOfStack(error);
    }
    if (!afterRefusal.has(error.code)) return error;
    if (this.#denied.some(({ value }) => value !== 0)) return this.#outOfMemory(error);
    if (this.#deniedTables.some(({ value }) => value !== 0)) {
      return this.#failure("MEMORY_EXCEEDED", "a table of the guest reached its limit, and then it failed", error);
    }
    return error;
  }

  #failure(code: ErrorCode, message: string, error: WeftError | undefined): WeftError {
    const failed = error === undefined ? "" : ` (${error.message.replace(`${this.#name}: `, "")})`;
    return new WeftError(code, `${this.#name}: ${message}${failed}`, {
      cause: error,
      ...(error?.guestStack === undefined ? {} : { guestStack: error.guestStack }),
      details: { limits: this.#limits, used: this.usage() },
    });
  }

  #outOfFuel(error: WeftError | undefined): WeftError {
    const message = `the guest used up its fuel of ${this.#limits.fuel} instructions: raise limits.max_fuel, or give it less to do`;
    return this.#failure("FUEL_EXHAUSTED", message, error);
  }

  #outOfStack(error: WeftError): WeftError {
    const message = `the guest's stack reached its limit of about ${this.#limits.stackBytes} bytes: raise limits.max_stack_bytes, or look for recursion without an end`;
    return this.#failure("STACK_OVERFLOW", message, error);
  }

  #outOfMemory(error: WeftError): WeftError {
    const { memoryBytes } = this.#limits;
    const used = this.#memories.pages * pageBytes;
    const limit = memoryBytes === undefined ? "the most that the module itself allows" : `its limit is ${memoryBytes}`;
    const advice = memoryBytes === undefined ? "" : ": raise limits.max_memory_bytes, or give it less to do";
    const message = `the guest asked for more memory than the ${used} bytes that it had, and failed without; ${limit}${advice}`;
    return this.#failure("MEMORY_EXCEEDED", message, error);
  }

  /** What all that calls may change is now, right after the instance was made; undefined when it cannot be put back. */
  image(): InstanceImage | undefined {
    const memories = this.#globals && this.#memories.images();
    const globals = this.#globals?.map(({ value }) => value);
    // A NaN would come back as another one.
    if (globals === undefined || memories === undefined || globals.some(Number.isNaN)) return undefined;
    return { memories, globals };
  }

  /** Puts everything back. False when that is not worth it. Never after a call that did not come back. */
  restore({ memories, globals }: InstanceImage): boolean {
    if (this.#globals === undefined || !this.#memories.restore(memories)) return false;
    for (const [index, global] of this.#globals.entries()) global.value = globals[index] ?? 0;
    return true;
  }

  /** What the instance used so far. */
  usage(): InstanceUsage {
    if (this.#ended !== undefined) return this.#ended;
    const peakMemoryBytes = this.#memories.pages * pageBytes;
    if (this.#fuel.length === 0) return { peakMemoryBytes };
    return { peakMemoryBytes, fuelUsed: Number(BigInt(this.#limits.fuel ?? 0) - this.#fuelLeft()) };
  }

  /**
   * Gives the memories back, to be used again when `reuse` says that no guest or host code can reach them any more:
   * never after a call that did not come back.
   */
  end(how: { readonly reuse: boolean }): void {
    if (this.#ended !== undefined) return;
    this.#ended = this.usage();
    this.#memories.end(how);
  }
}
