import assert from "node:assert/strict";
import { monotonicMs } from "../../../core/clock.ts";
import { WeftError } from "../../../core/errors.ts";
import type { KillCell } from "../../kill-cells.ts";
import { openInspector, type EnterScope } from "./inspector.seam.ts";
import { PendingTimeouts } from "./pending.ts";
import { Turns } from "./turn.ts";

/**
 * A scope ran past its time and was cut: nothing that was on the stack inside of it, no `catch`, no `finally`, has run.
 * Whoever opened the scope lets go of what its work held.
 */
export class ScopeCut extends WeftError {
  constructor() {
    super("CALL_TIMEOUT", "it ran out of time");
  }
}

/** Shorter times are not kept: V8's timer counts in whole milliseconds. */
const leastMs = 1;

/**
 * Time-outs that may be pending at once, some 3 MB. Where nobody watches, a flood of short calls with a long limit comes
 * to more; those beyond have none. If they are not cut from outside, their isolate is ended (`runtime/overrun.ts`).
 */
const maxPending = 10_000;

/** The control plane looks every 10 ms: it sees a call that has this much time before its time is over. */
const leastWatchedMs = 20;

/** An order that crossed the end of its scope arrives within this time. */
const crossedMs = 50;

/** A process or a call that may be cut from outside, and where that is agreed upon. */
export interface Killable {
  readonly cell: KillCell;
  readonly process: number;
}

/**
 * Stops code that does not end by itself, a spinning guest above all, without ending the thread: V8 cuts an evaluation
 * that has a time-out. Costs 6-7 µs for a scope and nothing inside of it (`spec/limits.md` §1); more, up to 200, when
 * the inspector's code has left the processor's caches. At the bottom of a turn it costs nothing: see `Turns`.
 */
export class Guard {
  readonly turns = new Turns();
  /** Whose guest is on the stack and may go on by itself; what it was before, once a scope is cut. */
  occupant: object | undefined;
  #enter: EnterScope | undefined;
  #opened = false;
  readonly #repairs: (() => void)[] = [];
  readonly #pending = new PendingTimeouts();
  #cell: KillCell | undefined;
  #current: (() => void) | undefined;
  /** How many scopes with a time-out this thread is inside of. */
  #timed = 0;
  /** What can be cut from outside right now, or could if it had not stepped out. */
  #inside: Killable | undefined;

  /** False where the inspector is refused: then nothing is cut, and only the end of the thread stops a guest. */
  get available(): boolean {
    return this.#open() !== undefined;
  }

  /**
   * Whether what runs right now may be cut half-way: no host that calls other guests is called there. An order cuts the
   * innermost scope, which must be the one it was meant for, and a cut leaves behind whatever the call had taken.
   */
  isInside(): boolean {
    return this.#timed > 0 || this.#isInCell();
  }

  #isInCell(): boolean {
    return this.#inside?.cell.holds(this.#inside.process) === true;
  }

  /** Has something put right after a cut: state of this thread that guests' host calls share. */
  afterCut(repair: () => void): Disposable {
    this.#repairs.push(repair);
    return { [Symbol.dispose]: () => void this.#repairs.splice(this.#repairs.indexOf(repair), 1) };
  }

  /** From now on the control plane looks at this cell, and cuts calls that are past their deadline. */
  watchedBy(cell: KillCell): void {
    this.#cell = cell;
  }

  /**
   * Runs work that must be over within `ms`.
   * @throws ScopeCut when it was not; otherwise what the work throws.
   */
  run<T>(work: () => T, ms: number): T {
    if (this.#open() === undefined) return work();
    this.#mustBeOutside();
    if (ms >= leastWatchedMs && this.#mayNumber && this.#cell?.isWatched() === true) {
      const call = this.#cell.numberCall(ms);
      if (call !== undefined) return this.#runNumbered(work, { cell: this.#cell, process: call });
    }
    if (this.#pending.count >= maxPending) return this.#runBeyond(work, ms);
    const outcome = new Outcome(work);
    this.#scope(() => outcome.run(), ms);
    return outcome.take(() => this.#repair());
  }

  #mustBeOutside(): void {
    assert(!this.#isInCell(), "a guest's scope begins inside of a guest that is cut from outside");
  }

  /** Nothing has a time-out, and no number is in the cell, or is to be put back there. */
  get #mayNumber(): boolean {
    return this.#timed === 0 && this.#inside === undefined;
  }

  /** Whether work may step out: not of a scope with a time-out, which comes when it comes. */
  get mayStepOut(): boolean {
    return this.#timed === 0;
  }

  /** Runs what must not be cut half-way, a host above all, in the middle of work that may. Only while `mayStepOut`. */
  stepOut<T>(work: () => T): T {
    const inside = this.#inside;
    if (inside === undefined) return work();
    const { cell, process } = inside;
    // Once the cut is on its way it is waited for here.
    while (!cell.leave(process));
    try {
      return work();
    } finally {
      cell.enter(process);
    }
  }

  /**
   * The same for work under which every frame is in `turns`. When it is cut, this never comes back: the frames hear of
   * it in the next turn.
   */
  runAtBottom<T>(work: () => T, ms: number): T {
    const cell = this.#cell;
    if (cell === undefined || ms < leastWatchedMs || !this.turns.mayEnter || !cell.isWatched()) {
      return this.run(work, ms);
    }
    const call = cell.numberCall(ms);
    if (call === undefined) return this.run(work, ms);
    this.turns.enter();
    this.#inside = { cell, process: call };
    cell.enter(call);
    try {
      return work();
    } finally {
      // Once the cut is on its way it is waited for here, and ends this turn.
      while (!cell.leave(call));
      this.#inside = undefined;
      this.turns.leave();
    }
  }

  /** Runs one turn of the thread, which a message began: see `Turns`. */
  turn(work: () => void): void {
    this.turns.run(work, () => {
      this.#cell?.clear();
      this.#inside = undefined;
      this.occupant = undefined;
      this.#repair();
      return new ScopeCut();
    });
  }

  /** Without a time-out, though the control plane may be busy. */
  #runBeyond<T>(work: () => T, ms: number): T {
    const call = this.#mayNumber ? this.#cell?.numberCall(ms) : undefined;
    if (this.#cell === undefined || call === undefined) return work();
    return this.runKillable(work, Infinity, { cell: this.#cell, process: call });
  }

  /**
   * Runs work that ends by itself or by an order from outside, and by no time-out: then an order always finds its scope,
   * since that is left only when none is on its way.
   */
  #runNumbered<T>(work: () => T, inside: Killable): T {
    const { cell, process } = inside;
    const outcome = new Outcome(work);
    const isDone = this.#scope(() => {
      this.#inside = inside;
      cell.enter(process);
      const taken = outcome.attempt();
      while (!cell.leave(process));
      outcome.keep(taken);
    }, Infinity);
    if (!isDone) cell.clear();
    return outcome.take(() => this.#repair());
  }

  /**
   * Runs work of a process that others may have cut at any moment, within `ms` (Infinity is no bound). With a bound, the
   * inner of two scopes is cut; the outer one is there for an order that comes just as the inner one's time is over, which
   * would otherwise hit what runs next (`spec/limits.md` §1.2).
   * @throws ScopeCut when it was cut; otherwise what the work throws.
   */
  runKillable<T>(work: () => T, ms: number, killable: Killable): T {
    if (this.#open() === undefined) return work();
    this.#mustBeOutside();
    if (ms === Infinity && this.#mayNumber) return this.#runNumbered(work, killable);
    const { cell, process } = killable;
    const outcome = new Outcome(work);
    this.#scope(() => {
      const end = monotonicMs() + ms;
      this.#inside = killable;
      cell.enter(process);
      const isDone = this.#scope(() => {
        const taken = outcome.attempt();
        while (!cell.leave(process));
        outcome.keep(taken);
      }, ms);
      if (isDone || cell.leave(process) || monotonicMs() < end - 2) return;
      for (const until = monotonicMs() + crossedMs; monotonicMs() < until;);
    }, Infinity);
    cell.clear();
    return outcome.take(() => this.#repair());
  }

  /** Runs work in a scope of its own. True when it came to its end. */
  #scope(work: () => void, ms: number): boolean {
    let isDone = false;
    const outer = this.#current;
    const [timed, inside] = [this.#timed, this.#inside];
    const { occupant } = this;
    const { depth } = this.turns;
    this.#current = () => {
      work();
      isDone = true;
    };
    if (ms === Infinity) this.#open()?.();
    else {
      const timeoutMs = Math.max(leastMs, ms);
      this.#pending.add(timeoutMs);
      this.#timed = timed + 1;
      this.#open()?.(timeoutMs);
    }
    this.#current = outer;
    this.#timed = timed;
    this.#inside = inside;
    this.occupant = occupant;
    this.turns.dropTo(depth);
    return isDone;
  }

  #repair(): void {
    for (const repair of this.#repairs) repair();
  }

  /** Connects when it is first needed: most threads never guard anything. */
  #open(): EnterScope | undefined {
    if (!this.#opened) {
      this.#opened = true;
      this.#enter = openInspector(() => this.#current?.());
    }
    return this.#enter;
  }
}

/** What came of work in a scope, which may never have come to its end. */
class Outcome<T> {
  readonly #work: () => T;
  #taken: Taken<T> | undefined;

  constructor(work: () => T) {
    this.#work = work;
  }

  attempt(): Taken<T> {
    try {
      return { value: this.#work() };
    } catch (thrown) {
      return { thrown };
    }
  }

  keep(taken: Taken<T>): void {
    this.#taken = taken;
  }

  run(): void {
    this.#taken = this.attempt();
  }

  /** The result. @throws ScopeCut after `onCut`, or what the work threw. */
  take(onCut: () => void): T {
    if (this.#taken === undefined) {
      onCut();
      throw new ScopeCut();
    }
    if ("thrown" in this.#taken) throw this.#taken.thrown;
    return this.#taken.value;
  }
}

type Taken<T> = { readonly value: T } | { readonly thrown: unknown };

let guard: Guard | undefined;

/** The guard of this thread: there is one inspector for all that runs in it. */
export function threadGuard(): Guard {
  guard ??= new Guard();
  return guard;
}
