/**
 * When calls begin: one alone at once, several with all that arrive in the same turn of the event loop. Calls that begin
 * together travel to their isolate in one message, and waking the other thread is what costs most.
 */
export class Turns {
  #underWay = 0;
  #next: Promise<void> | undefined;

  /** Runs a call in its turn. */
  async run<T>(call: () => T | Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      if (this.#underWay > 1) await this.#nextTurn();
      return await call();
    } finally {
      this.#underWay -= 1;
    }
  }

  #nextTurn(): Promise<void> {
    if (this.#next === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#next = promise;
      setImmediate(() => {
        this.#next = undefined;
        resolve();
      });
    }
    return this.#next;
  }
}
