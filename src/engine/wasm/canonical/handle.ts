import type { WitType } from "../../../wit/types.ts";

/** A type of handles. */
export type HandleType = Extract<WitType, { kind: "own" | "borrow" }>;

/** Writes the expression that turns a handle's index into a value, or a value into an index. */
export type WriteHandle = (type: HandleType, expression: string) => string;

/** What generated calls do beyond values: how handles are converted, and statements around the call. */
export interface CallCustoms {
  readonly lift?: WriteHandle;
  readonly lower?: WriteHandle;
  /** Runs before anything else. */
  readonly before?: string;
  /** Runs when all is done; of an import, before its result is lowered. */
  readonly after?: string;
}
