import { WeftError } from "../../../core/errors.ts";
import type { CoreLimits } from "../program.ts";
import { cardPages, Cards, markIn, type Stretch } from "./cards.ts";
import type { CounterGlobal } from "./exports.seam.ts";
import { memoryPool, type MemoryClass } from "./memory-pool.ts";
import { rangesOf, type MemoryImage } from "./pristine.ts";
import { budgetOf, memoryMaximum, pageBytes, type WasmLimits } from "./plan.ts";

/** What cards are kept in. */
const cardsClass: MemoryClass = { min: cardPages, max: cardPages, shared: false, wide: false, exact: true };

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
  #cards: Cards | undefined;
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
    if (this.#cards !== undefined) markIn(memory, this.#cards);
    return memory;
  }

  /** Where writes to all its memories are marked, from now on. @throws WeftError `MEMORY_UNAVAILABLE` when nobody may have more. */
  mark(): WebAssembly.Memory {
    this.#cards ??= new Cards(memoryPool.acquire(cardsClass));
    for (const { memory } of this.#own) markIn(memory, this.#cards);
    return this.#cards.memory;
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

  /** A host may write anywhere, which it does not mark. */
  markAll(): void {
    this.#cards?.markAll();
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
    const most = this.#own.reduce((bytes, { memory }) => Math.max(bytes, memory.buffer.byteLength), 0);
    const stretches = this.#cards?.take(most) ?? [{ from: 0, to: most }];
    for (const [index, { memory, size }] of this.#own.entries()) {
      putBack(new Uint8Array(memory.buffer), images[index]?.ranges ?? [], stretches);
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
      if (this.#cards !== undefined) markIn(item.memory, undefined);
      if (item.lease === undefined) continue;
      if (reuse) memoryPool.release(item.memory, item.lease, pagesOf(item));
      else memoryPool.drop();
    }
    // Zeroing the cards would make pages of them that were never marked.
    if (this.#cards !== undefined) memoryPool.drop();
    this.#cards = undefined;
  }

  #tooMuch(pages: number): WeftError {
    const [bytes, limit] = [(this.pages + pages) * pageBytes, (this.#budgetPages ?? 0) * pageBytes];
    const message = `${this.#name}: its memories would begin with ${bytes} bytes, but its limit is ${limit}: raise limits.max_memory_bytes`;
    return new WeftError("MEMORY_EXCEEDED", message, { details: { bytes, limit } });
  }
}

/** Makes stretches of a memory hold what of some ranges lies there, and otherwise zeros. */
function putBack(memory: Uint8Array, ranges: MemoryImage["ranges"], stretches: readonly Stretch[]): void {
  let next = 0;
  for (const { from, to } of stretches) {
    const end = Math.min(to, memory.length);
    let done = from;
    for (let range = ranges[next]; range !== undefined && range.at < end; range = ranges[next]) {
      const { at, bytes } = range;
      const [first, last] = [Math.max(at, done), Math.min(at + bytes.length, end)];
      if (first < last) {
        if (done < first) memory.fill(0, done, first);
        memory.set(first === at && last === at + bytes.length ? bytes : bytes.subarray(first - at, last - at), first);
        done = last;
      }
      // The next stretch may want more of it.
      if (at + bytes.length > end) break;
      next += 1;
    }
    if (done < end) memory.fill(0, done, end);
  }
}

function pagesOf({ memory, size }: OwnMemory): number {
  if (size === undefined) return memory.buffer.byteLength / pageBytes;
  return Number(typeof size === "number" ? size : size.value);
}
