import type { WitFunction } from "../../../wit/types.ts";
import { cleanUp, liftResult, lowerArguments, maybeLater } from "./call-parts.ts";
import type { CallCustoms } from "./handle.ts";
import { needsOf } from "./layout.ts";
import { LiftWriter } from "./lift-source.ts";
import { LowerWriter } from "./lower-source.ts";

/** How a guest's function is called. */
export interface CallOptions {
  /** It gives a promise, and so does the call. */
  readonly suspending: boolean;
  /** It is told when its result has been read, or takes back what was allocated for its arguments. */
  readonly cleansUp: boolean;
}

/**
 * The source of `(m, guest, rt) => (args) => result`: lowers canonical arguments, calls the core function `guest`, lifts
 * its result and gives back what the call needed.
 */
export function callSource(
  signature: WitFunction,
  { suspending, cleansUp }: CallOptions,
  customs: CallCustoms = {},
): string {
  const lower = new LowerWriter(customs.lower);
  const lift = new LiftWriter(customs.lift);
  const lowered = lowerArguments(signature, lower, (index) => `args[${index}]`);
  const lifted = liftResult(signature, lift, "null");
  // Numbers alone never touch the memory, whose upkeep would cost more than the call.
  const { memory } = needsOf(signature);
  const begin = `${customs.before ?? ""} ${memory ? "m.begin();" : ""}`;
  const done = `${customs.after ?? ""} return value;`;
  const end = cleansUp ? cleanUp(suspending, done) : done;
  const finish = `${memory ? "m.refresh();" : ""} ${lifted.statements} const value = ${lifted.gives}; ${end}`;
  const call = `guest(${lowered.gives.join(", ")})`;
  return [
    '"use strict";',
    ...lower.declarations,
    ...lift.declarations,
    `function finish(r) { ${finish} }`,
    `return (args) => { ${begin} ${lowered.statements} ${suspending ? maybeLater(call) : `return finish(${call});`} };`,
  ].join("\n");
}
