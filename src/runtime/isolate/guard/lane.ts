import { MessageChannel } from "node:worker_threads";
import { monotonicMs } from "../../../core/clock.ts";
import type { EntryId } from "../../../core/ids.ts";
import type { Value } from "../../../core/values.ts";
import type { Guard } from "./guard.ts";

/** An entry of which a call was cut off goes by the lane for so long, in milliseconds. */
const suspectMs = 10_000;
/**
 * After a cut the others have the thread for this share of the time that the guest took, and at most so long: its caller
 * still hears of it within one and a half times its limit.
 */
const restShare = 0.4;
const maxRestMs = 100;

/**
 * Where calls of entries wait that were cut off lately. Each has a turn of its own: who came before it has its answer, who
 * came meanwhile is served before the next one. After one that is cut again the lane rests, if there is anybody else.
 * However many guests spin, a neighbour waits for one of them at a time, and a good part of the thread is theirs.
 */
export class Lane implements Disposable {
  readonly #guard: Guard;
  /** The entries, and until when, on `monotonicMs`. */
  readonly #suspects = new Map<EntryId, number>();
  readonly #waiting: (() => void)[] = [];
  readonly #turns = new MessageChannel();
  readonly #repair: Disposable;
  #cuts = 0;
  #isScheduled = false;
  #isDue = false;
  #othersCame = false;
  #restsUntil = 0;

  constructor(guard: Guard) {
    this.#guard = guard;
    this.#repair = guard.afterCut(() => (this.#cuts += 1));
    this.#turns.port2.on("message", () => guard.turn(this.#takeUp));
    this.#turns.port2.unref();
  }

  /** Cuts in this thread so far: what to tell `noteCuts` after a call. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Says that a call of this entry had the thread since the count of cuts was as given. */
  noteCuts(id: EntryId, before: number): void {
    if (this.#cuts !== before) this.#suspects.set(id, monotonicMs() + suspectMs);
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
  wait(work: () => Value | Promise<Value>): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    this.#waiting.push(() => this.#run(() => resolve(work()), reject));
    this.#schedule();
    return promise;
  }

  [Symbol.dispose](): void {
    this.#repair[Symbol.dispose]();
    this.#turns.port1.close();
  }

  #isSuspect(id: EntryId): boolean {
    const until = this.#suspects.get(id);
    if (until === undefined) return false;
    if (monotonicMs() < until) return true;
    this.#suspects.delete(id);
    return false;
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

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    this.#post();
  }

  readonly #post = (): void => {
    this.#isDue = true;
    this.#turns.port1.postMessage(undefined);
  };

  /** One turn. If the guest in it is cut, this is taken up again behind it. */
  readonly #takeUp = (): void => {
    if (this.#isDue) {
      this.#isDue = false;
      // Whoever came during the last turn has been heard by now.
      const leftMs = this.#othersCame ? this.#restsUntil - monotonicMs() : 0;
      if (leftMs > 0) return void setTimeout(this.#post, leftMs);
      this.#waiting.shift()?.();
    }
    this.#isScheduled = false;
    this.#schedule();
  };
}
