// Seam for node:vm: a context whose microtasks wait until they are asked for, so that nothing in it runs unwatched.
import { createContext, runInContext, Script } from "node:vm";

/** The parts of a context of its own. */
export interface Separate {
  readonly WebAssembly: typeof WebAssembly;
  /** A promise that belongs to the context: what goes on when it settles, goes on in `drain`. */
  withResolvers(): PromiseWithResolvers<unknown>;
  /** Has one of two functions called when a promise of the context settles, while it is drained. */
  whenDone(promise: Promise<unknown>, resolve: (value: unknown) => void, reject: (reason: unknown) => void): void;
  /** Something was answered in place, and waits to go on. */
  goesOn: boolean;
  /** Runs what waits to go on. Does nothing inside of itself. */
  drain(): void;
}

let separate: Separate | undefined;

/** The one context of this thread in which suspending guests live; `made` is called when it is new. */
export function separateContext(made?: (separate: Separate) => void): Separate {
  if (separate === undefined) {
    separate = make();
    made?.(separate);
  }
  return separate;
}

// Functions of the context's own are called in its turn.
const source = `({
  WebAssembly,
  withResolvers: () => Promise.withResolvers(),
  whenDone: (promise, resolve, reject) => void promise.then((value) => resolve(value), (reason) => reject(reason)),
})`;

function make(): Separate {
  const context = createContext({}, { microtaskMode: "afterEvaluate" });
  const nothing = new Script("0");
  const parts = runInContext(source, context) as Omit<Separate, "drain" | "goesOn">;
  return {
    ...parts,
    goesOn: false,
    drain() {
      this.goesOn = false;
      nothing.runInContext(context);
    },
  };
}
