// Seam for generated code: a loop for each contender. V8 keeps what it learns of a loop by its source, so a loop that all
// share would call each of them by a slower way than a program that has one; the same text again is the same loop.
type Loop = (times: number) => void;

let made = 0;

/** A loop of its own around a call. */
export function ownLoop<A>(call: (args: A) => unknown, args: A): Loop {
  made += 1;
  const source = `return (times) => { for (let i = 0; i < times; i++) call(args); } // ${made}`;
  const make = new Function("call", "args", source);
  return (make as (call: (args: A) => unknown, args: A) => Loop)(call, args);
}
