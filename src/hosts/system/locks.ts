import type { Value } from "../../core/values.ts";
import { PassingMap } from "../../core/passing.ts";

/** Somebody who holds a lock or waits for it. */
interface Claim {
  readonly hear: (granted: Value) => void;
  timer: NodeJS.Timeout | undefined;
}

/** The app's named locks: one holder each, the others wait in the order in which they came. */
export class Locks {
  /** By name: the holder first, then those who wait. A name that nobody wants is not here. */
  readonly #claims = new PassingMap<string, Claim[]>();

  /** Tells once whether the lock is had; false when it was not free within `waitMs`. Dispose to give it back, or to give up. */
  claim(name: string, waitMs: number | undefined, hear: (granted: Value) => void): Disposable {
    const claims = this.#claims.get(name) ?? [];
    const claim: Claim = { hear, timer: undefined };
    this.#claims.set(name, claims);
    claims.push(claim);
    if (claims.length === 1) grant(claim);
    else if (waitMs !== undefined) {
      claim.timer = setTimeout(() => {
        this.#leave(name, claim);
        hear(false);
      }, waitMs);
    }
    return { [Symbol.dispose]: () => this.#leave(name, claim) };
  }

  clear(): void {
    for (const claims of this.#claims.values()) for (const { timer } of claims) clearTimeout(timer);
    this.#claims.clear();
  }

  #leave(name: string, claim: Claim): void {
    clearTimeout(claim.timer);
    const claims = this.#claims.get(name);
    const place = claims?.indexOf(claim) ?? -1;
    if (claims === undefined || place < 0) return;
    claims.splice(place, 1);
    const [next] = claims;
    if (next === undefined) this.#claims.delete(name);
    else if (place === 0) grant(next);
  }
}

/** A little later: an isolate on this thread has not noted yet who listens. */
function grant({ hear, timer }: Claim): void {
  clearTimeout(timer);
  queueMicrotask(() => hear(true));
}
