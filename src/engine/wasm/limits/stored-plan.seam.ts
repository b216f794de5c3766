// Seam for plans as text. They are read only from files whose digest says that we wrote them.
import { Buffer } from "node:buffer";
import type { LimitedModule } from "./plan.ts";

type StoredPlan = Pick<LimitedModule, "plan" | "resizesGiven" | "writes">;

/** A plan as the bytes of a file. */
export function writePlan(stored: StoredPlan): Uint8Array {
  return Buffer.from(JSON.stringify(stored));
}

/** What `writePlan` wrote. */
export function readPlan(bytes: Uint8Array): StoredPlan {
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as StoredPlan;
}
