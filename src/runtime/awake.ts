import { availableParallelism } from "node:os";
import { monotonicMs } from "../core/clock.ts";

/** How long a thread stays awake after its last message, in milliseconds: as long as falling asleep and waking up takes. */
const stayMs = 0.08;
/** Messages that come closer together than this, in milliseconds, are likely to be followed by another one soon. */
const closeMs = 0.3;
/** After so many waits for nothing, a thread rests until the next time that is a multiple of this, in milliseconds. */
const maxMisses = 8;
const restMs = 100;

/** The time and the turns of the event loop. */
export interface Loop {
  now(): number;
  /** Runs work in the next turn. */
  next(work: () => void): void;
}

const threadLoop: Loop = { now: monotonicMs, next: (work) => void setImmediate(work) };

/**
 * Keeps a thread's event loop turning for a moment after a message, in place of sleeping at once: a thread that sleeps
 * takes 20 to 60 µs to wake, and costs its waker as much, which is more than most calls take. A thread whose next message
 * regularly comes too late for that sleeps as always. Whatever else happens on the thread is dealt with meanwhile.
 *
 * A thread is answered in time only by one that is awake as well, so all try again at the same times.
 */
export class Awake {
  readonly #loop: Loop;
  #heardAt = -Infinity;
  #isTurning = false;
  #isNew = false;
  #until = 0;
  #misses = 0;
  #restsUntil = -Infinity;

  constructor(loop: Loop = threadLoop) {
    this.#loop = loop;
  }

  /** A message has come. */
  heard(): void {
    const now = this.#loop.now();
    const isClose = now - this.#heardAt < closeMs;
    this.#heardAt = now;
    if (this.#isTurning) {
      this.#misses = 0;
      this.#isNew = true;
    } else if (isClose && now >= this.#restsUntil) {
      this.#isTurning = true;
      this.#isNew = true;
      this.#loop.next(this.#turn);
    }
  }

  readonly #turn = (): void => {
    const now = this.#loop.now();
    // From the end of the message's work on, which may have taken long.
    if (this.#isNew) {
      this.#until = now + stayMs;
      this.#heardAt = now;
      this.#isNew = false;
    }
    if (now < this.#until) return this.#loop.next(this.#turn);
    this.#isTurning = false;
    this.#misses += 1;
    if (this.#misses < maxMisses) return;
    this.#misses = 0;
    this.#restsUntil = (Math.floor(now / restMs) + 1) * restMs;
  };
}

/** This thread's own; undefined where another thread could not run meanwhile. */
export const threadAwake = availableParallelism() > 1 ? new Awake() : undefined;
