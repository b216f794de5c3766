/** What a frame does when what it called has thrown: throws on, or comes to a result after all. */
export type Unwind = (thrown: unknown) => unknown;

/**
 * What is on the stack of this thread, down to Node's own delivery of a message, as far as it can be put right without
 * it. A guest may then be cut off together with the whole stack under it, which costs nothing beforehand, where a scope
 * costs 10 to 200 µs: the next turn unwinds what the stack would have unwound.
 *
 * Only turns that begin with a message can end so: in a timer, an immediate or a microtask Node or V8 would lose more
 * than the guest (`spec/limits.md` §1.2).
 */
export class Turns {
  #frames: Unwind[] = [];
  #isOpen = false;
  #isInside = false;
  #resume: (() => void) | undefined;

  /** A guest may be entered bare now: a turn is open, and no other guest is on its stack. */
  get mayEnter(): boolean {
    return this.#isOpen && !this.#isInside;
  }

  /** How many frames there are: what is cut in a scope of its own leaves its frames behind, to be dropped afterwards. */
  get depth(): number {
    return this.#frames.length;
  }

  dropTo(depth: number): void {
    // One after the other: setting a length is a call into V8.
    while (this.#frames.length > depth) this.#frames.pop();
  }

  /**
   * Runs one turn: `work` may be cut off at any time, and is then run once more in the turn after it, so it must know
   * how far it came. `cut` gives what the frames of a turn that was cut off see as thrown.
   */
  run(work: () => void, cut: () => unknown): void {
    if (this.#isInside) this.#unwind(cut());
    this.#frames = [];
    this.#isOpen = true;
    try {
      const interrupted = this.#resume;
      this.#resume = work;
      if (interrupted !== undefined && interrupted !== work) interrupted();
      work();
      this.#resume = undefined;
    } finally {
      this.#isOpen = false;
    }
  }

  /** Between these two, the stack may be cut away. */
  enter(): void {
    this.#isInside = true;
  }

  leave(): void {
    this.#isInside = false;
  }

  /** Runs work, and `fail` on what it throws; also when the stack was cut away under it, in the turn after that. */
  protect<T>(work: () => T, fail: (thrown: unknown) => T): T {
    const depth = this.#frames.push(fail) - 1;
    let result: T;
    try {
      result = work();
    } catch (thrown) {
      this.dropTo(depth);
      return fail(thrown);
    }
    this.dropTo(depth);
    return result;
  }

  #unwind(thrown: unknown): void {
    this.#isInside = false;
    let current = thrown;
    for (let frame = this.#frames.pop(); frame !== undefined; frame = this.#frames.pop()) {
      try {
        frame(current);
        return;
      } catch (next) {
        current = next;
      }
    }
  }
}
