import type { Readiness } from "../io/pollable.ts";
import { PassingSet } from "../../core/passing.ts";

/** Those who wait for something to change. */
export class Wakers {
  readonly #waiting = new PassingSet<() => void>();

  wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** A readiness that is looked at again whenever `wake` is called. */
  readiness(isReady: () => boolean): Readiness {
    return {
      isReady,
      onReady: (wake) => {
        this.#waiting.add(wake);
        return { [Symbol.dispose]: () => void this.#waiting.delete(wake) };
      },
    };
  }

  /** Resolves at the next change. */
  next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const once = (): void => {
      this.#waiting.delete(once);
      resolve();
    };
    this.#waiting.add(once);
    return promise;
  }
}
