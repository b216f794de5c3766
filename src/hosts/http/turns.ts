/** So many begin before the turn is over, so that isolates work while the rest of a flood is read. */
const mostWaiting = 32;

/**
 * When calls begin: one alone at once, several with all that arrive in the same turn of the event loop. Calls that begin
 * together travel to their isolate in one message, and waking the other thread is what costs most.
 */
export class Turns {
  #underWay = 0;
  #waiting: (() => void)[] = [];

  /** Begins a call in its turn; `ended` is to be called once for each. */
  begin(call: () => void): void {
    this.#underWay += 1;
    if (this.#underWay === 1) return call();
    const waiting = this.#waiting.push(call);
    if (waiting === 1) setImmediate(this.#beginAll);
    else if (waiting === mostWaiting) this.#beginAll();
  }

  /** Runs a call in its turn. */
  async run<T>(call: () => T | Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.begin(resolve);
    try {
      await promise;
      return await call();
    } finally {
      this.ended();
    }
  }

  /** A call that was begun is over. */
  ended(): void {
    this.#underWay -= 1;
  }

  readonly #beginAll = (): void => {
    const calls = this.#waiting;
    this.#waiting = [];
    for (const call of calls) call();
  };
}
