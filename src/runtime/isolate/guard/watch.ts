import { monotonicMs } from "../../../core/clock.ts";
import { plainRealm, type WasmRealm } from "../../../engine/wasm/program.ts";
import { uncatchable } from "../../../engine/wasm/uncatchable.ts";
import { ScopeCut, type Guard, type Killable } from "./guard.ts";
import { separateContext } from "./separate.seam.ts";
import type { Turns } from "./turn.ts";

/** Watches over the guest code of one instance, call after call. */
export interface Watch {
  /** When the current call must be over, on `monotonicMs`; Infinity when nothing bounds it. */
  deadline: number;
  /** The process that it runs for, which others may have cut; undefined for a function. */
  killable: Killable | undefined;
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

  #timeLeft(): number {
    const left = this.deadline === Infinity ? Infinity : this.deadline - monotonicMs();
    if (left <= 0) throw new ScopeCut();
    return left;
  }

  end(): void {}
}

/** Calls of a guest to hosts that answer at once, after which the rest of the thread gets a turn. */
const callsPerTurn = 256;

/** What a suspending import answers with: the host's answer, and how it goes into the guest. */
class Settling {
  readonly value: unknown;
  readonly finish: (value: unknown) => unknown;

  constructor(value: unknown, finish: (value: unknown) => unknown) {
    this.value = value;
    this.finish = finish;
  }
}

/** A call out of a suspended guest. */
interface CallOut {
  readonly run: () => unknown;
  readonly answer: PromiseWithResolvers<unknown>;
}

/**
 * Watches over an instance that may suspend. It lives in a context of its own, whose continuations run only when they
 * are drained, here, inside the guard; and only one at a time, because a cut throws away all that wait. Hosts run
 * outside of the guest's scope, so that a cut never leaves one of them half done.
 */
export class SuspendingWatch implements Watch {
  deadline = Infinity;
  killable: Killable | undefined;
  readonly realm: WasmRealm;
  readonly #sync: SyncWatch;
  readonly #turns: Turns;
  readonly #separate = separateContext();
  readonly #callers = new Set<(reason: unknown) => void>();
  #calling = false;
  #hasEnded = false;
  #out: CallOut[] = [];

  constructor(guard: Guard) {
    this.#sync = new SyncWatch(guard);
    this.#turns = guard.turns;
    this.realm = this.#makeRealm();
  }

  run<T>(work: () => T): T {
    return this.#watch(() => this.#sync.run(work), work);
  }

  runAtBottom<T>(work: () => T): T {
    return this.#watch(() => this.#sync.runAtBottom(work), work);
  }

  #watch<T>(watched: () => T, work: () => T): T {
    if (this.#sync.inside) return work();
    this.#sync.deadline = this.deadline;
    this.#sync.killable = this.killable;
    const waiting = [...this.#callers];
    const result = this.#turns.protect(watched, (thrown) => {
      this.#abandon(thrown, waiting);
      throw thrown;
    });
    this.#callOut();
    return result;
  }

  end(): void {
    this.#hasEnded = true;
    this.#out = [];
  }

  #makeRealm(): WasmRealm {
    const { WebAssembly: separate } = this.#separate;
    const defer = (run: () => unknown): unknown => {
      const answer = this.#separate.withResolvers();
      this.#out.push({ run, answer });
      return answer.promise;
    };
    return {
      Instance: separate.Instance,
      Suspending: class extends separate.Suspending {
        constructor(host: (...args: never[]) => unknown) {
          super((...args: never[]) => defer(() => host(...args)));
        }
      },
      promising: (guest) => {
        const start = separate.promising(guest);
        return (...args) => this.#start(() => start(...args));
      },
      settle: (value, finish) => new Settling(value, finish),
    };
  }

  /** Starts a call into the guest. */
  #start(start: () => Promise<unknown>): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#callers.add(reject);
    this.#go(() => void start().then(resolve, reject));
    return promise.finally(() => this.#callers.delete(reject));
  }

  /** Lets the guest go on with an answer. */
  #goOn(settle: () => void): void {
    if (this.#hasEnded) return;
    this.#go(() => {
      settle();
      this.#separate.drain();
    });
  }

  #go(work: () => void): void {
    try {
      this.run(work);
    } catch {
      // Those who wait for the guest have been told.
    }
  }

  /** Cut, or broken: whoever waits for this guest waits in vain. Those that came in this very run were cut off with it. */
  #abandon(thrown: unknown, waiting: readonly ((reason: unknown) => void)[]): void {
    this.#out = [];
    for (const reject of waiting) reject(thrown);
    this.#callers.clear();
  }

  /** Has hosts called, one after the other: those that answer at once may be called for ever, so others get a turn. */
  #callOut(): void {
    if (this.#calling) return;
    this.#calling = true;
    let turns = callsPerTurn;
    for (let call = this.#out.shift(); call !== undefined; call = this.#out.shift()) {
      this.#askHost(call);
      turns -= 1;
      if (turns > 0 || this.#out.length === 0) continue;
      setImmediate(() => this.#callOut());
      break;
    }
    this.#calling = false;
  }

  #askHost({ run, answer }: CallOut): void {
    let asked: unknown;
    try {
      asked = run();
    } catch (thrown) {
      return this.#goOn(() => answer.reject(uncatchable(thrown)));
    }
    const { value, finish } = asked instanceof Settling ? asked : { value: asked, finish: undefined };
    const give = (given: unknown): void =>
      this.#goOn(() => answer.resolve(finish === undefined ? given : finish(given)));
    const fail = (thrown: unknown): void => this.#goOn(() => answer.reject(uncatchable(thrown)));
    if (value instanceof Promise) value.then(give, fail);
    else give(value);
  }
}
