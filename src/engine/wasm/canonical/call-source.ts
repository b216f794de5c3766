import type { WitFunction } from "../../../wit/types.ts";
import type { CallCustoms } from "./handle.ts";
import { layoutOf, needsOf, sequence, shapeOf } from "./layout.ts";
import { LiftWriter } from "./lift-source.ts";
import { LowerWriter } from "./lower-source.ts";

/**
 * The source of `(m, guest, rt) => (args) => result`: lowers canonical arguments, calls the core function `guest`, lifts
 * its result and gives back what the call needed. With `suspending`, `guest` returns a promise, and so does the call.
 */
export function callSource(signature: WitFunction, suspending: boolean, customs: CallCustoms = {}): string {
  const lower = new LowerWriter(customs.lower);
  const lift = new LiftWriter(customs.lift);
  const before: string[] = [];
  const core = lowerArguments(signature, lower, before);
  const after: string[] = [];
  const value = liftResult(signature, lift, after);
  const call = `guest(${core.join(", ")})`;
  // Numbers alone never touch the memory, whose upkeep would cost more than the call.
  const { memory } = needsOf(signature);
  const begin = `${customs.before ?? ""} ${memory ? "m.begin();" : ""}`;
  const refresh = memory ? "m.refresh();" : "";
  const done = `${customs.after ?? ""} return value;`;
  // A guest that may wait cleans up as it was called, where a watch over it sees it.
  const end = suspending
    ? `const end = m.end(r); if (end !== undefined) return end.then(() => { ${done} });`
    : "m.end(r);";
  return [
    '"use strict";',
    ...lower.declarations,
    ...lift.declarations,
    `function finish(r) { ${refresh} ${after.join(" ")} const value = ${value}; ${end} ${done} }`,
    `return (args) => { ${begin} ${before.join(" ")} return ${suspending ? `${call}.then(finish)` : `finish(${call})`}; };`,
  ].join("\n");
}

function lowerArguments(signature: WitFunction, lower: LowerWriter, into: string[]): string[] {
  const types = signature.params.map((param) => param.type);
  const names = types.map((_, index) => `a${index}`);
  into.push(...names.map((name, index) => `const ${name} = args[${index}];`));
  if (!shapeOf(signature).spilled) {
    return types.flatMap((type, index) => lower.flat(type, names[index] ?? "null", into));
  }
  const { size, align } = sequence(types);
  into.push(
    `const at = m.allocate(${align}, ${size});`,
    lower.storeAll(types, (index) => names[index] ?? "null"),
  );
  return ["at"];
}

function liftResult(signature: WitFunction, lift: LiftWriter, into: string[]): string {
  const { result } = signature;
  if (result === undefined) return "null";
  if (!shapeOf(signature).returnsPointer) return lift.flat(result, ["r"], into);
  const { size, align } = layoutOf(result);
  into.push(`const at = m.range(r, ${size}, ${align});`);
  return lift.load(result, "at");
}
