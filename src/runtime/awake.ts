import { availableParallelism } from "node:os";
import { monotonicMs } from "../core/clock.ts";

/** How long a thread stays awake after its last message, in milliseconds: as long as falling asleep and waking up takes. */
const stayMs = 0.1;
/** Messages that come closer together than this, in milliseconds, are likely to be followed by another one soon. */
const closeMs = 0.3;
/** After so many waits for nothing, messages go by without one. */
const maxMisses = 4;
const restMessages = 256;

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
 */
export class Awake {
  readonly #loop: Loop;
  #heardAt = -Infinity;
  #isTurning = false;
  #isNew = false;
  #until = 0;
  #misses = 0;
  #resting = 0;

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
    } else if (this.#resting > 0) this.#resting -= 1;
    else if (isClose) {
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
    // One more wait for nothing, and it rests again.
    this.#misses = maxMisses - 1;
    this.#resting = restMessages;
  };
}

/** This thread's own; undefined where another thread could not run meanwhile. */
export const threadAwake = availableParallelism() > 1 ? new Awake() : undefined;
