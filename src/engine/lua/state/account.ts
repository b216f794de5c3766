import { getHeapStatistics } from "node:v8";

/** What one run of a program may use. */
export interface AccountLimits {
  /** Bytes of strings, tables and functions that it may hold at a time. */
  readonly memoryBytes?: number | undefined;
  /** Loops and calls. */
  readonly fuel?: number | undefined;
  /** Depth of a thread's stack. */
  readonly stackBytes?: number | undefined;
}

/** What a run has used so far. */
export interface LuaUsage {
  /** Loops, calls, and the steps of library functions. */
  readonly fuel: number;
  /** The most bytes that were counted at a time; all that it allocated when there was never a reason to count. */
  readonly peakBytes: number;
}

/** Where the bytes of a task begin: its threads and the values that the engine holds for it. */
export interface Roots {
  readonly threads: Iterable<object>;
  readonly values: Iterable<{ readonly type: number; readonly value: unknown }>;
}

/** Loops and calls between two looks at the clock: well under a millisecond. */
export const sliceFuel = 20_000;

/** One task alone cannot fill an isolate's heap, whose limit the isolate dies of. */
const shareOfHeap = 1 / 8;
const mostBytes = 256 * 1024 * 1024;
const defaultMemoryBytes = Math.min(mostBytes, getHeapStatistics().heap_size_limit * shareOfHeap);

/** The slots of a thread's stack: recursion of some 20,000 calls. */
const mostSlots = 200_000;
/** About what a slot and its share of a frame take. */
const slotBytes = 64;
const fewestSlots = 1_000;

/** Suspended coroutines of one task; the memory limit stops most tasks earlier. */
const mostThreads = 50_000;

/** After a count at least this share of a limit may be used until the next one, lest counting goes on for ever. */
const leastShare = 1 / 8;

/** What one task may use, and what it has used. While the task runs, the interpreter counts. */
export class Account {
  readonly memoryBytes: number;
  readonly fuelLimit: number;
  readonly stackSlots: number;
  readonly roots: () => Roots;
  /** Fuel handed out so far, and what is left of it. */
  granted: number;
  fuel: number;
  /** Bytes until the next count of memory, and threads. */
  left: number;
  threadsLeft = mostThreads;
  /** The limit that was crossed. Nothing of the task runs any more. */
  exceeded: "FUEL_EXHAUSTED" | "MEMORY_EXCEEDED" | undefined;
  isKilled = false;
  #peak = 0;
  #isCounted = false;

  constructor(limits: AccountLimits, roots: () => Roots) {
    this.memoryBytes = limits.memoryBytes ?? defaultMemoryBytes;
    this.fuelLimit = limits.fuel ?? Infinity;
    const slots = limits.stackBytes === undefined ? mostSlots : Math.floor(limits.stackBytes / slotBytes);
    this.stackSlots = Math.max(fewestSlots, Math.min(mostSlots, slots));
    this.roots = roots;
    this.granted = this.fuel = Math.min(sliceFuel, this.fuelLimit);
    this.left = this.memoryBytes;
  }

  /** Hands out the next fuel; the limit is crossed when there is none. */
  refill(): void {
    const used = this.granted - this.fuel;
    this.fuel = Math.min(sliceFuel, Math.max(0, this.fuelLimit - used));
    this.granted = used + this.fuel;
    if (this.fuel === 0) this.exceeded ??= "FUEL_EXHAUSTED";
  }

  /** Takes note of a count of the bytes and threads that the task holds, before it gets `pending` bytes more. */
  counted({ bytes, threads }: { readonly bytes: number; readonly threads: number }, pending: number): void {
    const held = bytes + pending;
    this.#isCounted = true;
    this.#peak = Math.max(this.#peak, held);
    if (held > this.memoryBytes) this.exceeded ??= "MEMORY_EXCEEDED";
    this.left = Math.max(this.memoryBytes - held, this.memoryBytes * leastShare);
    this.threadsLeft = Math.max(mostThreads - threads, mostThreads * leastShare);
    if (threads > mostThreads) this.threadsLeft = 0;
  }

  /** What was used, as far as known; while the task runs, up to its last slice. */
  usage(): LuaUsage {
    const peakBytes = this.#isCounted ? this.#peak : Math.max(0, this.memoryBytes - this.left);
    return { fuel: this.granted - this.fuel, peakBytes };
  }
}
