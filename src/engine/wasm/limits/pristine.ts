import type { CounterGlobal } from "./exports.seam.ts";
import type { Meter } from "./meter.ts";

/** A part of a memory that is not zero. */
interface Range {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** What a memory of a new instance holds, and the size that its guest sees, where a counter says so. */
export interface MemoryImage {
  readonly ranges: readonly Range[];
  /** Its real size. */
  readonly bytes: number;
  readonly size: CounterGlobal["value"] | undefined;
}

/** All that calls of a resettable program may change, as it is in a new instance. */
export interface InstanceImage {
  readonly memories: readonly MemoryImage[];
  readonly globals: readonly CounterGlobal["value"][];
}

/** More is not kept for each program and thread. */
const mostBytes = 16 * 1024 * 1024;
const stepWords = 1024;

/** What new instances of a program begin with, taken from the first one: they are all alike. One for each linked program. */
export class Pristine {
  #image: InstanceImage | undefined;
  #isTaken = false;

  /** Looks at an instance that was just made, and at no other after it. */
  take(meter: Meter): void {
    if (this.#isTaken) return;
    this.#isTaken = true;
    this.#image = meter.image();
  }

  /** Puts an instance back to what it was when it was made. False when that cannot be done, or is not worth it. */
  restore(meter: Meter): boolean {
    return this.#image !== undefined && meter.restore(this.#image);
  }
}

/** What of a memory is not zero; undefined when that is too much. */
export function rangesOf(memory: WebAssembly.Memory): readonly Range[] | undefined {
  const words = new Int32Array(memory.buffer);
  const ranges: Range[] = [];
  let sum = 0;
  let from = -1;
  for (let at = 0; at <= words.length; at += stepWords) {
    const hasContents = at < words.length && !isZero(words, at);
    if (hasContents && from < 0) from = at;
    if (hasContents || from < 0) continue;
    const bytes = new Uint8Array(memory.buffer).slice(from * 4, at * 4);
    ranges.push({ at: from * 4, bytes });
    sum += bytes.length;
    from = -1;
  }
  return sum > mostBytes ? undefined : ranges;
}

function isZero(words: Int32Array, at: number): boolean {
  for (let index = at; index < at + stepWords; index += 1) if (words[index] !== 0) return false;
  return true;
}
