import type { EntryId } from "../core/ids.ts";
import type { Value } from "../core/values.ts";
import { isSameFunction } from "../wit/same.ts";
import type { WitFunction } from "../wit/types.ts";
import { compileResult } from "../wit/values/arguments.ts";
import type { DispatcherPort } from "./ports.ts";

/** A callee as a caller knew it when its values were read. Entries change while calls wait. */
export interface KnownCallee {
  readonly dispatcher: DispatcherPort;
  readonly id: EntryId;
  readonly signature: WitFunction;
}

/** Whether the callee still has that signature. */
export function isAsKnown({ dispatcher, id, signature }: KnownCallee): boolean {
  const now = dispatcher.describe(id)?.signature;
  return now === signature || (now !== undefined && isSameFunction(now, signature));
}

/**
 * What a callee returned, as the caller expects it. @throws WeftError `INVALID_RESULT` when the callee was replaced
 * meanwhile, and what came is of another type.
 */
export function resultAsKnown(callee: KnownCallee, value: Value): Value {
  return isAsKnown(callee) ? value : compileResult(callee.signature, { id: callee.id })(value);
}
