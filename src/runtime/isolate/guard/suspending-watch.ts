import { monotonicMs } from "../../../core/clock.ts";
import type { WasmRealm } from "../../../engine/wasm/program.ts";
import { uncatchable } from "../../../engine/wasm/uncatchable.ts";
import { ScopeCut, type Guard, type Killable } from "./guard.ts";
import { separateContext, type Separate } from "./separate.seam.ts";
import { SyncWatch, type Watch } from "./watch.ts";

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

type Outcome = { readonly value: unknown } | { readonly thrown: unknown };

/** A call into a guest, which may be over before anybody waits for it. */
class Started {
  #settled: Outcome | undefined;
  #waiting: PromiseWithResolvers<unknown> | undefined;

  settle(outcome: Outcome): void {
    this.#settled = outcome;
    if (this.#waiting === undefined) return;
    if ("thrown" in outcome) this.#waiting.reject(outcome.thrown);
    else this.#waiting.resolve(outcome.value);
  }

  /** The result, or a promise of it. @throws what was thrown already. */
  outcome(): unknown {
    if (this.#settled === undefined) return (this.#waiting = Promise.withResolvers()).promise;
    if ("thrown" in this.#settled) throw this.#settled.thrown;
    return this.#settled.value;
  }
}

/** A host's answer, or a promise of it. */
type Asked = Pick<Settling, "value"> & { readonly finish: Settling["finish"] | undefined };

/**
 * Watches over an instance that may suspend. It lives in a context of its own, whose continuations run only when they
 * are drained, here, inside the guard; and only one at a time, because a cut throws away all that wait. Hosts run
 * outside of the guest's scope, so that a cut never leaves one of them half done: in the middle of it where that can be
 * stepped out of, else when it is over.
 */
export class SuspendingWatch implements Watch {
  deadline = Infinity;
  killable: Killable | undefined;
  busyMs = 0;
  readonly realm: WasmRealm;
  readonly #guard: Guard;
  readonly #sync: SyncWatch;
  readonly #separate: Separate;
  /** Those who wait for the guest: seldom more than one. */
  #callers: ((reason: unknown) => void)[] = [];
  #calling = false;
  #hasEnded = false;
  #out: CallOut[] = [];
  #callsLeft = callsPerTurn;

  constructor(guard: Guard) {
    this.#sync = new SyncWatch(guard);
    this.#guard = guard;
    this.#separate = separateContext((separate) => guard.afterCut(() => clean(separate, guard)));
    this.realm = this.#makeRealm();
  }

  run<T>(work: () => T): T {
    return this.#watch((whole) => this.#sync.run(whole), work);
  }

  runAtBottom<T>(work: () => T): T {
    return this.#watch((whole) => this.#sync.runAtBottom(whole), work);
  }

  #watch<T>(watched: (work: () => T) => T, work: () => T): T {
    if (this.#sync.inside) return work();
    this.#sync.deadline = this.deadline;
    this.#sync.killable = this.killable;
    const waiting = this.#callers.slice();
    const guard = this.#guard;
    const { occupant } = guard;
    const began = monotonicMs();
    const result = guard.turns.protect(
      () => {
        guard.occupant ??= this;
        return watched(() => this.#work(work));
      },
      (thrown) => {
        guard.occupant = occupant;
        this.#abandon(thrown, waiting);
        throw thrown;
      },
    );
    guard.occupant = occupant;
    this.busyMs += monotonicMs() - began;
    this.#callOut();
    return result;
  }

  /** V8 suspends a guest at each call of a host, also at those that were answered at once: it goes on here. */
  #work<T>(work: () => T): T {
    const given = work();
    if (this.#separate.goesOn) this.#separate.drain();
    return given;
  }

  end(): void {
    this.#hasEnded = true;
    this.#out = [];
  }

  #makeRealm(): WasmRealm {
    const { WebAssembly: separate } = this.#separate;
    const ask = (run: () => unknown): unknown => this.#ask(run);
    return {
      Instance: separate.Instance,
      Suspending: class extends separate.Suspending {
        constructor(host: (...args: never[]) => unknown) {
          super((...args: never[]) => ask(() => host(...args)));
        }
      },
      promising: (guest) => {
        const start = separate.promising(guest);
        return (...args) => this.#start(() => start(...args));
      },
      settle: (value, finish) => new Settling(value, finish),
    };
  }

  /**
   * Starts a call into the guest. Gives its result, or a promise of it if it waits.
   * @throws what the guest throws before it waits.
   */
  #start(start: () => Promise<unknown>): unknown {
    const call = new Started();
    const reject = (reason: unknown): void => {
      this.#forget(reject);
      call.settle({ thrown: reason });
    };
    const resolve = (value: unknown): void => {
      this.#forget(reject);
      call.settle({ value });
    };
    if (this.#callers.length === 0) this.#callsLeft = callsPerTurn;
    this.#callers.push(reject);
    this.#go(() => {
      let running: Promise<unknown>;
      try {
        running = start();
      } catch (thrown) {
        return reject(thrown);
      }
      // What is on the stack of another guest is not drained now, and would be lost with that one.
      if (this.#guard.occupant !== this) return void running.then(resolve, reject);
      this.#separate.whenDone(running, resolve, reject);
      this.#separate.drain();
    });
    return call.outcome();
  }

  #forget(caller: (reason: unknown) => void): void {
    const at = this.#callers.indexOf(caller);
    if (at >= 0 && at === this.#callers.length - 1) this.#callers.pop();
    else if (at >= 0) this.#callers.splice(at, 1);
  }

  /** Lets the guest go on with an answer. */
  #goOn(settle: () => void): void {
    if (this.#hasEnded) return;
    // It would go on in the scope of another guest, whose host called this one.
    if (this.#guard.occupant !== undefined) return void setImmediate(() => this.#goOn(settle));
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
    this.#callers = [];
  }

  /** Has a host called for the guest: in place, or once the guest is suspended. */
  #ask(run: () => unknown): unknown {
    const isInPlace = this.#guard.occupant === this && this.#sync.inside && this.#guard.mayStepOut;
    if (isInPlace && this.#callsLeft > 0) return this.#askInPlace(run);
    const answer = this.#separate.withResolvers();
    this.#out.push({ run, answer });
    return answer.promise;
  }

  #askInPlace(run: () => unknown): unknown {
    this.#callsLeft -= 1;
    try {
      const { value, finish } = answered(this.#guard.stepOut(() => this.#sync.outside(run)));
      if (monotonicMs() >= this.deadline) throw new ScopeCut();
      if (value instanceof Promise || this.#hasEnded) {
        const answer = this.#separate.withResolvers();
        if (value instanceof Promise) this.#await(value, finish, answer);
        return answer.promise;
      }
      const given = finish === undefined ? value : finish(value);
      this.#separate.goesOn = true;
      return given;
    } catch (thrown) {
      throw uncatchable(thrown);
    }
  }

  /** Has hosts called, one after the other: those that answer at once may be called for ever, so others get a turn. */
  #callOut(): void {
    if (this.#calling) return;
    this.#calling = true;
    while (this.#callsLeft > 0) {
      const call = this.#out.shift();
      if (call === undefined) break;
      this.#callsLeft -= 1;
      this.#askHost(call);
    }
    this.#calling = false;
    if (this.#out.length > 0) setImmediate(() => this.#nextTurn());
  }

  #nextTurn(): void {
    this.#callsLeft = callsPerTurn;
    this.#callOut();
  }

  #askHost({ run, answer }: CallOut): void {
    let asked: Asked;
    try {
      asked = answered(run());
    } catch (thrown) {
      return this.#goOn(() => answer.reject(uncatchable(thrown)));
    }
    const { value, finish } = asked;
    if (value instanceof Promise) return this.#await(value, finish, answer);
    this.#goOn(() => answer.resolve(finish === undefined ? value : finish(value)));
  }

  #await(value: Promise<unknown>, finish: Asked["finish"], answer: PromiseWithResolvers<unknown>): void {
    const goOn = (settle: () => void): void => {
      this.#callsLeft = callsPerTurn;
      this.#goOn(settle);
    };
    value.then(
      (given) => goOn(() => answer.resolve(finish === undefined ? given : finish(given))),
      (thrown: unknown) => goOn(() => answer.reject(uncatchable(thrown))),
    );
  }
}

function answered(asked: unknown): Asked {
  return asked instanceof Settling ? asked : { value: asked, finish: undefined };
}

/** What is enough for a guest that goes on to be cut. */
const cleanMs = 1;

/** A guest that was cut just before it went on is still to go on: now, where it harms nobody. */
function clean(separate: Separate, guard: Guard): void {
  if (!separate.goesOn) return;
  try {
    guard.run(() => separate.drain(), cleanMs);
  } catch {
    // It was cut again, and is gone now.
  }
}
