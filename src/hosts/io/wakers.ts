import { Ending } from "../../core/ending.ts";
import { PassingSet } from "../../core/passing.ts";
import type { Readiness } from "./pollable.ts";

/** Those who wait for something to change. Most things never have any. */
export class Wakers {
  #waiting: PassingSet<() => void> | undefined;

  wake(): void {
    if (this.#waiting !== undefined) for (const wake of this.#waiting) wake();
  }

  /** Has `wake` called at every change, until disposed. */
  add(wake: () => void): Disposable {
    const waiting = (this.#waiting ??= new PassingSet());
    waiting.add(wake);
    return new Ending(() => void waiting.delete(wake));
  }

  /** A readiness that is looked at again whenever `wake` is called. */
  readiness(isReady: () => boolean): Readiness {
    return { isReady, onReady: (wake) => this.add(wake) };
  }

  /** Resolves at the next change. */
  next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waits = this.add(() => {
      waits[Symbol.dispose]();
      resolve();
    });
    return promise;
  }
}
