import { FsError } from "../io/system-errors.ts";
import type { Guest } from "./guest.ts";

/** Part of a guest's memory that is read into or written from. */
export interface Vector {
  readonly at: number;
  readonly length: number;
}

/** Where vectors lie, as the functions that take them say. */
export type VectorArguments = readonly [fd: number, vectors: number, count: number, result: number];

/** IOV_MAX of Linux: standard libraries send no more at once. */
const vectorsPerCall = 1_024;
const vectorBytes = 8;

/**
 * Reads an array of vectors, each of which lies inside the memory.
 * @throws RangeError for one that does not; FsError `invalid` for too many.
 */
export function readVectors(guest: Guest, at: number, count: number): readonly Vector[] {
  if (count > vectorsPerCall) throw new FsError("invalid");
  guest.bytes(at, count * vectorBytes);
  const view = guest.view();
  return Array.from({ length: count }, (_, index) => {
    const vector = {
      at: view.getUint32(at + index * vectorBytes, true),
      length: view.getUint32(at + index * vectorBytes + 4, true),
    };
    guest.bytes(vector.at, vector.length);
    return vector;
  });
}

/** How many bytes vectors have together. */
export function totalBytes(vectors: readonly Vector[]): number {
  return vectors.reduce((sum, { length }) => sum + length, 0);
}

/** The first bytes of vectors, as many as fit `limit`. */
export function firstBytes(vectors: readonly Vector[], limit: number): readonly Vector[] {
  let left = limit;
  return vectors.flatMap(({ at, length }) => {
    const fitting = Math.min(length, left);
    left -= fitting;
    return fitting === 0 ? [] : [{ at, length: fitting }];
  });
}
