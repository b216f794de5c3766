import { monotonicMs } from "../../../core/clock.ts";
import { plainRealm, type WasmRealm } from "../../../engine/wasm/program.ts";
import { ScopeCut, type Guard, type Killable } from "./guard.ts";

/** Watches over the guest code of one instance, call after call. */
export interface Watch {
  /** When the current call must be over, on `monotonicMs`; Infinity when nothing bounds it. */
  deadline: number;
  /** The process that it runs for, which others may have cut; undefined for a function. */
  killable: Killable | undefined;
  /** How long the guest has run so far, between its waits, too; undefined where nobody knows. */
  readonly busyMs?: number;
  /** Where the instance must live for its continuations to be watched, too. */
  readonly realm: WasmRealm;
  /** Runs guest code until it returns or waits. @throws ScopeCut past the deadline. */
  run<T>(work: () => T): T;
  /** The same, where every frame on the stack is in `Turns`. */
  runAtBottom<T>(work: () => T): T;
  /** The instance is given up: nothing of it runs from now on, not even after a wait. */
  end(): void;
}

/** The watch over an instance that never has a deadline: none. */
export function unwatched(): Watch {
  return {
    deadline: Infinity,
    killable: undefined,
    realm: plainRealm,
    run: (work) => work(),
    runAtBottom: (work) => work(),
    end() {},
  };
}

/** Watches over an instance whose calls never wait. */
export class SyncWatch implements Watch {
  deadline = Infinity;
  killable: Killable | undefined;
  readonly realm = plainRealm;
  readonly #guard: Guard;
  #inside = false;

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  /** Guest code runs right now. */
  get inside(): boolean {
    return this.#inside;
  }

  run<T>(work: () => T): T {
    if (this.#inside) return work();
    const left = this.#timeLeft();
    this.#inside = true;
    try {
      if (this.killable !== undefined) return this.#guard.runKillable(work, left, this.killable);
      return left === Infinity ? work() : this.#guard.run(work, left);
    } finally {
      this.#inside = false;
    }
  }

  runAtBottom<T>(work: () => T): T {
    if (this.#inside || this.killable !== undefined || this.deadline === Infinity) return this.run(work);
    const left = this.#timeLeft();
    this.#inside = true;
    const result = this.#guard.turns.protect<T>(
      () => this.#guard.runAtBottom(work, left),
      (thrown) => {
        this.#inside = false;
        throw thrown;
      },
    );
    this.#inside = false;
    return result;
  }

  /** Runs what is no guest code in the middle of some; guest code that it calls is watched anew. */
  outside<T>(work: () => T): T {
    this.#inside = false;
    try {
      return work();
    } finally {
      this.#inside = true;
    }
  }

  #timeLeft(): number {
    const left = this.deadline === Infinity ? Infinity : this.deadline - monotonicMs();
    if (left <= 0) throw new ScopeCut();
    return left;
  }

  end(): void {}
}
