import { isSameType, takesTheSame } from "../../wit/same.ts";
import type { WitFunction } from "../../wit/types.ts";

/**
 * What the callee of a link is known to give: `same` types, so values need no second look; `ok`, the same but for the result,
 * which is the import's `ok` alone; `untyped`, whatever it likes.
 */
export type CalleeTypes = "same" | "ok" | "untyped";

/** How far a callee's types are those that an import wants; undefined when they are others. */
export function commonTypes(wanted: WitFunction, callee: WitFunction): Exclude<CalleeTypes, "untyped"> | undefined {
  if (!takesTheSame(wanted, callee)) return undefined;
  if (isSameType(wanted.result, callee.result)) return "same";
  return wanted.result?.kind === "result" && isSameType(wanted.result.ok, callee.result) ? "ok" : undefined;
}
