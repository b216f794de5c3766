// Seam for generated code, which hands over numbers for a view of their kind: TypeScript cannot tell which of them are bigints.
import type { NumberArray } from "../../../wit/values/number-arrays.ts";

/** Copies numbers. Those for a view of bigints are in such a view themselves. */
export function copyNumbers(view: NumberArray, values: ArrayLike<number>): void {
  (view as Float64Array).set(values);
}
