import type { Value } from "../../core/values.ts";
import type { Range } from "./formula.ts";
import type { Field } from "./subject.ts";

/** Which of a list of policies are left: a bit for each, 32 in a word. */
export type Mask = Int32Array;

/** A mask of the indexes for which something holds. */
export function maskOf(count: number, holds: (index: number) => boolean): Mask {
  const mask = new Int32Array(Math.max(1, Math.ceil(count / 32)));
  for (let index = 0; index < count; index += 1) {
    if (holds(index)) mask[index >> 5] = (mask[index >> 5] ?? 0) | (1 << (index & 31));
  }
  return mask;
}

/**
 * What many policies ask of one field, turned round: from a value of the field to the policies that may still apply. One
 * look-up stands for the tests of all of them.
 */
export class Dimension {
  readonly field: Field;
  readonly #exact: ReadonlyMap<Value | undefined, Mask>;
  readonly #absent: Mask;
  readonly #otherwise: Mask;
  /** In order, so that the longest prefix of a text is found by halving. */
  readonly #prefixes: readonly string[];
  readonly #prefixMasks: readonly Mask[];
  /** Of each prefix the longest other one that it begins with, or -1. */
  readonly #shorter: readonly number[];

  /** `asked` are the ranges of each policy; one that asks nothing of the field has none. */
  constructor(field: Field, asked: readonly (readonly Range[])[]) {
    const masked = (verdict: (range: Range) => boolean): Mask =>
      maskOf(asked.length, (index) => asked[index]?.every(verdict) === true);
    const ranges = asked.flat();
    const points = new Set(ranges.flatMap((range) => range.points));
    this.field = field;
    this.#exact = new Map([...points].map((point) => [point, masked((range) => at(range, point))]));
    this.#absent = masked(({ absent }) => absent);
    this.#otherwise = masked(({ otherwise }) => otherwise);
    this.#prefixes = [...new Set(ranges.flatMap(({ prefixes }) => prefixes))].toSorted(byCodeUnits);
    this.#prefixMasks = this.#prefixes.map((prefix) => masked((range) => beyond(range, prefix)));
    this.#shorter = this.#prefixes.map((prefix, index) =>
      this.#prefixes.findLastIndex((other, before) => before < index && prefix.startsWith(other)),
    );
  }

  /** The policies that what they ask of the field does not rule out. */
  maskOf(value: Value | undefined): Mask {
    if (value === undefined) return this.#absent;
    const found = this.#exact.get(value);
    if (found !== undefined) return found;
    if (this.#prefixes.length === 0 || typeof value !== "string") return this.#otherwise;
    return this.#prefixMasks[this.#longest(value)] ?? this.#otherwise;
  }

  /** The index of the longest prefix that the text has, or -1. All that it has are prefixes of the last one not after it. */
  #longest(text: string): number {
    let [from, to] = [0, this.#prefixes.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#prefixes[middle] ?? "") <= text) from = middle + 1;
      else to = middle;
    }
    let index = from - 1;
    while (index >= 0 && !text.startsWith(this.#prefixes[index] ?? "")) index = this.#shorter[index] ?? -1;
    return index;
  }
}

function at(range: Range, point: string | boolean): boolean {
  return range.points.includes(point) || (typeof point === "string" && hasPrefix(range, point))
    ? range.hit
    : range.otherwise;
}

/** Of texts that go on after a prefix, and are no point. */
function beyond(range: Range, prefix: string): boolean {
  return hasPrefix(range, prefix) ? range.hit : range.otherwise;
}

function hasPrefix({ prefixes }: Range, text: string): boolean {
  return prefixes.some((prefix) => text.startsWith(prefix));
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
