import { WeftError } from "../../../core/errors.ts";
import { openInspector, type EnterScope } from "./inspector.seam.ts";
import { PendingTimeouts } from "./pending.ts";

/**
 * A scope ran past its time and was cut: nothing that was on the stack inside of it, no `catch`, no `finally`, has run.
 * Whoever opened the scope lets go of what its work held.
 */
export class ScopeCut extends WeftError {
  constructor() {
    super("CALL_TIMEOUT", "it ran out of time");
  }
}

/** Work inside of a scope, and what came of it. */
interface Scope {
  readonly work: () => unknown;
  done: boolean;
  failed: boolean;
  outcome: unknown;
}

/** Shorter times are not kept: V8's timer counts in whole milliseconds. */
const leastMs = 1;

/**
 * Time-outs that may be pending at once, some 15 MB. A flood of short calls with a long limit comes to more; those
 * beyond run without a scope, and should one of them spin, its isolate is ended instead (`runtime/overrun.ts`).
 */
const maxPending = 50_000;

/**
 * Stops code that does not end by itself, a spinning guest above all, without ending the thread: V8 cuts an evaluation
 * that has a time-out. Costs 6-7 µs for a scope and nothing inside of it (`spec/limits.md` §1).
 */
export class Guard {
  #enter: EnterScope | undefined;
  #opened = false;
  readonly #repairs: (() => void)[] = [];
  readonly #pending = new PendingTimeouts();
  #current: Scope | undefined;

  /** False where the inspector is refused: then nothing is cut, and only the end of the thread stops a guest. */
  get available(): boolean {
    return this.#open() !== undefined;
  }

  /** Has something put right after a cut: state of this thread that guests' host calls share. */
  afterCut(repair: () => void): Disposable {
    this.#repairs.push(repair);
    return { [Symbol.dispose]: () => void this.#repairs.splice(this.#repairs.indexOf(repair), 1) };
  }

  /**
   * Runs work that must be over within `ms`.
   * @throws ScopeCut when it was not; otherwise what the work throws.
   */
  run<T>(work: () => T, ms: number): T {
    const enter = this.#open();
    if (enter === undefined || this.#pending.count >= maxPending) return work();
    const timeoutMs = Math.max(leastMs, ms);
    this.#pending.add(timeoutMs);
    let result: { readonly value: T } | undefined;
    const scope: Scope = { work: () => (result = { value: work() }), done: false, failed: false, outcome: undefined };
    const outer = this.#current;
    this.#current = scope;
    enter(timeoutMs);
    this.#current = outer;
    if (scope.failed) throw scope.outcome;
    if (scope.done && result !== undefined) return result.value;
    for (const repair of this.#repairs) repair();
    throw new ScopeCut();
  }

  /** Connects when it is first needed: most threads never guard anything. */
  #open(): EnterScope | undefined {
    if (!this.#opened) {
      this.#opened = true;
      this.#enter = openInspector(() => this.#run());
    }
    return this.#enter;
  }

  #run(): void {
    const scope = this.#current;
    if (scope === undefined) return;
    try {
      scope.work();
    } catch (thrown) {
      scope.outcome = thrown;
      scope.failed = true;
    }
    scope.done = true;
  }
}

let guard: Guard | undefined;

/** The guard of this thread: there is one inspector for all that runs in it. */
export function threadGuard(): Guard {
  guard ??= new Guard();
  return guard;
}
