import type { WitFunction } from "../../../wit/types.ts";
import { layoutOf, sequence, shapeOf } from "./layout.ts";
import type { LiftWriter } from "./lift-source.ts";
import type { LowerWriter } from "./lower-source.ts";

/** One half of a call: statements, and expressions of what they lead to. */
export interface Written<T> {
  readonly statements: string;
  readonly gives: T;
}

/** Lowers the arguments of a call to core values; `argument` writes where one of them is found. */
export function lowerArguments(
  signature: WitFunction,
  lower: LowerWriter,
  argument: (index: number) => string,
): Written<readonly string[]> {
  const types = signature.params.map((param) => param.type);
  const into = types.map((_, index) => `const a${index} = ${argument(index)};`);
  if (!shapeOf(signature).spilled) {
    const gives = types.flatMap((type, index) => lower.flat(type, `a${index}`, into));
    return { statements: into.join(" "), gives };
  }
  const { size, align } = sequence(types);
  const stored = lower.storeAll(types, (index) => `a${index}`);
  into.push(`const at = m.allocate(${align}, ${size});`, stored);
  return { statements: into.join(" "), gives: ["at"] };
}

/** Lifts the result of a call from its core result `r`; `none` is the value of a function without one. */
export function liftResult(signature: WitFunction, lift: LiftWriter, none: string): Written<string> {
  const { result } = signature;
  if (result === undefined) return { statements: "", gives: none };
  const into: string[] = [];
  if (!shapeOf(signature).returnsPointer) {
    const gives = lift.flat(result, ["r"], into);
    return { statements: into.join(" "), gives };
  }
  const { size, align } = layoutOf(result);
  return { statements: `const at = m.range(r, ${size}, ${align});`, gives: lift.load(result, "at") };
}

/** Returns what `finish` makes of the result of a guest that may wait, now or later. */
export function maybeLater(call: string): string {
  return `const r = ${call}; return r instanceof Promise ? r.then(finish) : finish(r);`;
}

/** Gives back what a call needed, and then does what is `done`. A guest that may wait cleans up as it was called, where a watch over it sees it. */
export function cleanUp(suspending: boolean, done: string): string {
  if (!suspending) return `m.end(r); ${done}`;
  return `const end = m.end(r); if (end !== undefined) return end.then(() => { ${done} }); ${done}`;
}
