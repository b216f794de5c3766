// Seam for generated code: a loop for each contender. V8 keeps what it learns of a loop by its source, so a loop that all
// share would call each of them by a slower way than a program that has one.
type Loop = (times: number) => void;

/** A loop of its own around a call. */
export function ownLoop<A>(call: (args: A) => unknown, args: A): Loop {
  const make = new Function("call", "args", "return (times) => { for (let i = 0; i < times; i++) call(args); }");
  return (make as (call: (args: A) => unknown, args: A) => Loop)(call, args);
}
