import type { EntryId } from "../../core/ids.ts";
import { isSameType, takesTheSame } from "../../wit/same.ts";
import type { WitFunction } from "../../wit/types.ts";
import type { DispatcherPort } from "../ports.ts";

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

/**
 * Tells whether the callee has the types that it had when the link was checked: entries change while guests live. Undefined
 * when there is no such callee here.
 */
export function trustIn(
  { wit, callee }: { readonly wit: WitFunction; readonly callee: CalleeTypes },
  target: EntryId,
): (dispatcher: DispatcherPort) => boolean | undefined {
  if (callee === "untyped") return () => false;
  let seen: WitFunction | undefined;
  let fits: boolean | undefined;
  return (dispatcher) => {
    const info = dispatcher.describe(target);
    if (info === undefined) return undefined;
    if (fits === undefined || info.signature !== seen) {
      seen = info.signature;
      fits = seen !== undefined && commonTypes(wit, seen) === callee;
    }
    return fits;
  };
}
