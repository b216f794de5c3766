import { WeftError } from "../../../core/errors.ts";
import type { CoreLimits } from "../program.ts";
import type { CounterGlobal } from "./exports.seam.ts";
import { memoryPool, type MemoryClass } from "./memory-pool.ts";
import { rangesOf, type MemoryImage } from "./pristine.ts";
import { budgetOf, memoryMaximum, pageBytes, type WasmLimits } from "./plan.ts";

/** A memory of one instance. */
interface OwnMemory {
  readonly memory: WebAssembly.Memory;
  /** How it was asked for; undefined when the module made it itself. */
  readonly lease: MemoryClass | undefined;
  /** Its size as the guest sees it, when that may be another than it has. In pages. */
  size: CounterGlobal | number | undefined;
}

/** All memories of one instance, which share its limit. */
export class MeterMemories {
  readonly #name: string;
  readonly #budgetPages: number | undefined;
  #own: OwnMemory[] = [];
  #peakPages = 0;

  constructor(name: string, limits: WasmLimits) {
    this.#name = name;
    this.#budgetPages = budgetOf(limits);
  }

  /** Pages of all memories together, as the guest sees them. */
  get pages(): number {
    return this.#own.reduce((sum, own) => sum + pagesOf(own), this.#peakPages);
  }

  /** True when there may be so many pages more. */
  allows(pages: number): boolean {
    return this.#budgetPages === undefined || this.pages + pages <= this.#budgetPages;
  }

  /**
   * A memory from the pool.
   * @throws WeftError `MEMORY_EXCEEDED` when the instance may not have it, `MEMORY_UNAVAILABLE` when nobody may.
   */
  take(wanted: CoreLimits, size: "real" | "fixed" | "virtual"): WebAssembly.Memory {
    if (!this.allows(wanted.min)) throw this.#tooMuch(wanted.min);
    const lease = { ...wanted, max: memoryMaximum(wanted, this.#budgetPages), exact: size === "real" };
    const memory = memoryPool.acquire(lease);
    this.#own.push({ memory, lease, size: size === "real" ? undefined : wanted.min });
    return memory;
  }

  /** Says which global counts the size of a memory that was taken. */
  countBy(memory: WebAssembly.Memory, size: CounterGlobal): void {
    const own = this.#own.find((item) => item.memory === memory);
    if (own !== undefined) own.size = size;
  }

  /** A memory that a module made itself. @throws WeftError `MEMORY_EXCEEDED` when that is too much. */
  add(memory: WebAssembly.Memory): void {
    const pages = memory.buffer.byteLength / pageBytes;
    if (!this.allows(pages)) throw this.#tooMuch(pages);
    this.#own.push({ memory, lease: undefined, size: undefined });
  }

  /** What the memories hold; undefined when some of it cannot be put back. */
  images(): readonly MemoryImage[] | undefined {
    const images: MemoryImage[] = [];
    for (const { memory, lease, size } of this.#own) {
      const bytes = memory.buffer.byteLength;
      const isOurs = lease !== undefined && memoryPool.isWorthKeeping(memory, lease, bytes / pageBytes);
      const ranges = isOurs ? rangesOf(memory) : undefined;
      if (ranges === undefined) return undefined;
      images.push({ ranges, bytes, size: typeof size === "object" ? size.value : undefined });
    }
    return images;
  }

  /** Makes the memories hold what is said, and nothing else. False when they have become too large for that. */
  restore(images: readonly MemoryImage[]): boolean {
    if (images.length !== this.#own.length) return false;
    const isWorth = ({ memory, lease }: OwnMemory, index: number): boolean => {
      if (lease === undefined || !memoryPool.isWorthKeeping(memory, lease, lease.min)) return false;
      // Memory that has really grown cannot be made smaller again.
      return !lease.exact || memory.buffer.byteLength === images[index]?.bytes;
    };
    if (!this.#own.every(isWorth)) return false;
    for (const [index, { memory, size }] of this.#own.entries()) {
      putBack(new Uint8Array(memory.buffer), images[index]?.ranges ?? []);
      const first = images[index]?.size;
      if (typeof size === "object" && first !== undefined) size.value = first;
    }
    return true;
  }

  /** Gives all memories back; they are used again when no code can reach them any more. */
  end({ reuse }: { readonly reuse: boolean }): void {
    const own = this.#own;
    this.#peakPages = this.pages;
    this.#own = [];
    for (const item of own) {
      if (item.lease === undefined) continue;
      if (reuse) memoryPool.release(item.memory, item.lease, pagesOf(item));
      else memoryPool.drop();
    }
  }

  #tooMuch(pages: number): WeftError {
    const [bytes, limit] = [(this.pages + pages) * pageBytes, (this.#budgetPages ?? 0) * pageBytes];
    const message = `${this.#name}: its memories would begin with ${bytes} bytes, but its limit is ${limit}: raise limits.max_memory_bytes`;
    return new WeftError("MEMORY_EXCEEDED", message, { details: { bytes, limit } });
  }
}

/** Makes a memory hold some ranges and otherwise zeros; all of it, not just what the guest was told it had. */
function putBack(memory: Uint8Array, ranges: MemoryImage["ranges"]): void {
  let done = 0;
  for (const { at, bytes } of ranges) {
    memory.fill(0, done, at);
    memory.set(bytes, at);
    done = at + bytes.length;
  }
  memory.fill(0, done);
}

function pagesOf({ memory, size }: OwnMemory): number {
  if (size === undefined) return memory.buffer.byteLength / pageBytes;
  return Number(typeof size === "number" ? size : size.value);
}
