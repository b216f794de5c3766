import { deserialize, serialize } from "node:v8";
import type { Step } from "./change.ts";

// Entries hold bytes and whole numbers beyond JSON; what V8 wrote, V8 reads back, untyped.

/** Steps as bytes. */
export function writeSteps(steps: readonly Step[]): Uint8Array {
  return serialize(steps);
}

/** Steps from what `writeSteps` made. */
export function readSteps(bytes: Uint8Array): readonly Step[] {
  return deserialize(bytes) as readonly Step[];
}
