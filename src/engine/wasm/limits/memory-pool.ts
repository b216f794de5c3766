import { WeftError } from "../../../core/errors.ts";
import type { CoreLimits } from "../program.ts";
import { makeMemory } from "./memory.seam.ts";
import { pageBytes } from "./plan.ts";

/** What is asked of a memory. */
export interface MemoryClass extends CoreLimits {
  /** It has exactly `min` pages; else it may have more than the guest is told. */
  readonly exact: boolean;
}

/** How much a pool keeps for the next instance. */
export interface PoolBounds {
  /** Zeroing more than this takes longer than making a memory anew. */
  readonly memoryBytes: number;
  readonly idleBytes: number;
  readonly idleMemories: number;
  /** In the whole process. Each takes 8 GB of addresses, of which V8 has room for 16,363; and others make some, too. */
  readonly liveMemories: number;
}

const defaultBounds: PoolBounds = {
  memoryBytes: 16 * 1024 * 1024,
  idleBytes: 128 * 1024 * 1024,
  idleMemories: 256,
  liveMemories: 8_000,
};

/** A memory this much larger than what its guest used is not worth its zeroing, unless it is small. */
const wasteFactor = 4;
const smallBytes = 1024 * 1024;

/** Memories of the process, and of one of its threads: `[all, thread 0, thread 1, …]`. */
class LiveCount {
  readonly #cells: Int32Array;
  readonly #own: number;

  constructor(cells: Int32Array, thread: number) {
    this.#cells = cells;
    this.#own = thread + 1;
  }

  get total(): number {
    return Atomics.load(this.#cells, 0);
  }

  /** Gives the new total. */
  add(count: number): number {
    Atomics.add(this.#cells, this.#own, count);
    return Atomics.add(this.#cells, 0, count) + count;
  }

  /** Counts everything of this thread off, and says how much it was. */
  take(): number {
    const own = Atomics.exchange(this.#cells, this.#own, 0);
    Atomics.sub(this.#cells, 0, own);
    return own;
  }
}

/** Cells in which up to so many threads count their memories. */
export function allocateMemoryCounts(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer((threads + 1) * Int32Array.BYTES_PER_ELEMENT);
}

/** Counts off the memories of a thread that has ended. */
export function forgetMemories(cells: SharedArrayBuffer, thread: number): void {
  new LiveCount(new Int32Array(cells), thread).take();
}

/** Linear memories that wait, zeroed, for their next instance. One for each thread. */
export class MemoryPool {
  readonly #bounds: PoolBounds;
  /** By class, the one that was used longest ago first. */
  readonly #idle = new Map<string, WebAssembly.Memory[]>();
  #live = new LiveCount(new Int32Array(2), 0);
  #idleBytes = 0;
  #idleMemories = 0;

  constructor(bounds: Partial<PoolBounds> = {}) {
    this.#bounds = { ...defaultBounds, ...bounds };
  }

  /** Counts together with the other threads of the process that were given the same cells; `thread` is its number among them. */
  shareCount(cells: SharedArrayBuffer, thread: number): void {
    const shared = new LiveCount(new Int32Array(cells), thread);
    shared.add(this.#live.take());
    this.#live = shared;
  }

  /** Memories in use or waiting, in all threads that count together. */
  get live(): number {
    return this.#live.total;
  }

  /** Memories that wait here. */
  get idle(): number {
    return this.#idleMemories;
  }

  /** A memory of zeros. @throws WeftError `MEMORY_UNAVAILABLE` when the process has too many. */
  acquire(wanted: MemoryClass): WebAssembly.Memory {
    const key = keyOf(wanted);
    const waiting = this.#idle.get(key)?.pop();
    if (waiting !== undefined) {
      this.#idleBytes -= waiting.buffer.byteLength;
      this.#idleMemories -= 1;
      return waiting;
    }
    if (this.live >= this.#bounds.liveMemories) this.clear();
    if (this.#live.add(1) > this.#bounds.liveMemories) {
      this.#live.add(-1);
      throw unavailable(`${this.#bounds.liveMemories} memories are in use, which is the most a process may have`);
    }
    try {
      return makeMemory(wanted);
    } catch (thrown) {
      this.#live.add(-1);
      throw unavailable(`the system has no room for a memory of ${wanted.min} pages`, thrown);
    }
  }

  /** Takes back a memory that no code can reach any more. It is zeroed here, so do this when nobody waits. */
  release(memory: WebAssembly.Memory, wanted: MemoryClass, usedPages: number): void {
    const bytes = memory.buffer.byteLength;
    const key = keyOf(wanted);
    const same = this.#idle.get(key) ?? [];
    // One more of a class that fills the pool by itself would be zeroed, which makes it resident, and then thrown away.
    const isEnough = same.length >= this.#bounds.idleMemories || (same.length + 1) * bytes > this.#bounds.idleBytes;
    if (isEnough || !this.isWorthKeeping(memory, wanted, usedPages)) return this.drop();
    // All of it, not just what the guest was told it had: it could write to the rest.
    new Uint8Array(memory.buffer).fill(0);
    this.#idle.delete(key);
    this.#idle.set(key, same);
    same.push(memory);
    this.#idleBytes += bytes;
    this.#idleMemories += 1;
    this.#evict();
  }

  /** Whether zeroing a memory of this class, of which so much was used, is better than making another. */
  isWorthKeeping(memory: WebAssembly.Memory, { min, exact, shared }: MemoryClass, usedPages: number): boolean {
    const bytes = memory.buffer.byteLength;
    if (shared || bytes > this.#bounds.memoryBytes) return false;
    if (exact) return bytes === min * pageBytes;
    return bytes <= smallBytes || bytes <= usedPages * pageBytes * wasteFactor;
  }

  #evict(): void {
    for (const [key, memories] of this.#idle) {
      while (this.#idleBytes > this.#bounds.idleBytes || this.#idleMemories > this.#bounds.idleMemories) {
        const oldest = memories.shift();
        if (oldest === undefined) break;
        this.#idleBytes -= oldest.buffer.byteLength;
        this.#idleMemories -= 1;
        this.drop();
      }
      if (memories.length > 0) return;
      this.#idle.delete(key);
    }
  }

  /** Counts a memory off that is left to the garbage collector. */
  drop(): void {
    this.#live.add(-1);
  }

  /** Lets go of all that wait. */
  clear(): void {
    this.#live.add(-this.#idleMemories);
    this.#idle.clear();
    this.#idleBytes = 0;
    this.#idleMemories = 0;
  }
}

/** The pool of this thread. */
export const memoryPool = new MemoryPool();

function keyOf({ min, max, shared, wide, exact }: MemoryClass): string {
  return `${min} ${max} ${shared} ${wide} ${exact}`;
}

function unavailable(message: string, cause?: unknown): WeftError {
  return new WeftError("MEMORY_UNAVAILABLE", message, { cause });
}
