import { MessageChannel } from "node:worker_threads";
import { monotonicMs } from "../../../core/clock.ts";
import type { EntryId } from "../../../core/ids.ts";
import type { Value } from "../../../core/values.ts";
import type { Guard } from "./guard.ts";

/** An entry of which a call was cut off goes by the lane for so long, in milliseconds; its quick calls cost thrice as much then. */
const suspectMs = 2_000;
/**
 * One that held the thread for long twice running does so until a call of it is quick. Once may have been the machine's
 * doing, or its first call's.
 */
const untilQuick = Infinity;
const heldOnce = -Infinity;
/** What held the thread for so long, in milliseconds, is slow. */
const slowMs = 10;
/**
 * After a cut the others have the thread for this share of the time that the guest took, and at most so long: its caller
 * still hears of it within one and a half times its limit.
 */
const restShare = 0.4;
const maxRestMs = 100;

/**
 * Where calls of entries wait that were cut off lately, or hold the thread for long. Each has a turn of its own, and the
 * entries take turns: who came before it has its answer, who came meanwhile is served before the next one. After one that
 * is cut again spinners rest, if there is anybody else. However many guests spin, a neighbour waits for one of them at a
 * time, and a good part of the thread is theirs.
 */
export class Lane implements Disposable {
  readonly #guard: Guard;
  /** The entries, and until when, on `monotonicMs`. */
  readonly #suspects = new Map<EntryId, number>();
  /** What waits of each entry; first comes the one that has not been served for longest. */
  readonly #waiting = new Map<EntryId, (() => void)[]>();
  readonly #turns = new MessageChannel();
  readonly #repair: Disposable;
  #cuts = 0;
  #isScheduled = false;
  #isDue = false;
  #othersCame = false;
  #restsUntil = 0;
  #rest: NodeJS.Timeout | undefined;

  constructor(guard: Guard) {
    this.#guard = guard;
    this.#repair = guard.afterCut(() => (this.#cuts += 1));
    this.#turns.port2.on("message", () => guard.turn(this.#takeUp));
    this.#turns.port2.unref();
  }

  /** Cuts in this thread so far. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Says that a call of this entry had the thread for so long, since the count of cuts was as given. */
  note(id: EntryId, cuts: number, ms: number): void {
    if (this.#cuts !== cuts) this.#suspects.set(id, monotonicMs() + suspectMs);
    else if (ms >= slowMs) this.#noteSlow(id);
    else if (this.#suspects.size > 0 && !this.#wasCut(id)) this.#suspects.delete(id);
  }

  #noteSlow(id: EntryId): void {
    const until = this.#suspects.get(id);
    if (until === undefined) this.#suspects.set(id, heldOnce);
    else if (until === heldOnce) this.#suspects.set(id, untilQuick);
  }

  /** What was known of an entry that is replaced holds no more. */
  forget(id: EntryId): void {
    this.#suspects.delete(id);
  }

  /** Whether a call of this entry, which has come just now, is to wait for its turn. */
  takes(id: EntryId): boolean {
    if (this.#suspects.size > 0 && this.#isSuspect(id)) return true;
    this.#othersCame = true;
    return false;
  }

  /** Has a call wait for its turn. */
  wait(id: EntryId, work: () => Value | Promise<Value>): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const queue = this.#waiting.get(id) ?? [];
    queue.push(() => this.#run(() => resolve(work()), reject));
    this.#waiting.set(id, queue);
    if (this.#wasCut(id)) this.#schedule();
    else this.#comesAlong();
    return promise;
  }

  [Symbol.dispose](): void {
    this.#repair[Symbol.dispose]();
    this.#turns.port1.close();
  }

  #isSuspect(id: EntryId): boolean {
    const until = this.#suspects.get(id);
    if (until === undefined || until === heldOnce) return false;
    if (monotonicMs() < until) return true;
    this.#suspects.delete(id);
    return false;
  }

  #wasCut(id: EntryId): boolean {
    const until = this.#suspects.get(id);
    return until !== undefined && Number.isFinite(until);
  }

  #run(work: () => void, reject: (thrown: unknown) => void): void {
    const started = monotonicMs();
    const before = this.#cuts;
    this.#othersCame = false;
    const rest = (): void => {
      if (this.#cuts === before) return;
      const now = monotonicMs();
      this.#restsUntil = now + Math.min((now - started) * restShare, maxRestMs);
    };
    this.#guard.turns.protect(
      () => {
        work();
        rest();
      },
      (thrown) => {
        rest();
        reject(thrown);
      },
    );
  }

  /** One that is only slow is one of the others: it need not wait for the end of a rest. */
  #comesAlong(): void {
    this.#othersCame = true;
    if (this.#rest === undefined) return this.#schedule();
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#postLater();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    this.#postLater();
  }

  readonly #post = (): void => {
    this.#rest = undefined;
    this.#isDue = true;
    this.#turns.port1.postMessage(undefined);
  };

  /** A port goes on with what it is sent meanwhile, before any other port has its turn: so not from inside of its own. */
  #postLater(): void {
    setImmediate(this.#post);
  }

  /** The next call; undefined when all who wait are to rest. */
  #take(isResting: boolean): (() => void) | undefined {
    for (const [id, queue] of this.#waiting) {
      if (isResting && this.#wasCut(id)) continue;
      const run = queue.shift();
      this.#waiting.delete(id);
      if (queue.length > 0) this.#waiting.set(id, queue);
      return run;
    }
    return undefined;
  }

  /** One turn. If the guest in it is cut, this is taken up again behind it. */
  readonly #takeUp = (): void => {
    if (this.#isDue) {
      this.#isDue = false;
      // Whoever came during the last turn has been heard by now.
      const leftMs = this.#othersCame ? this.#restsUntil - monotonicMs() : 0;
      const run = this.#take(leftMs > 0);
      if (run === undefined) {
        this.#rest = setTimeout(this.#post, leftMs);
        return;
      }
      run();
    }
    this.#isScheduled = false;
    this.#schedule();
  };
}
