import type { LuaValue } from "../state/lua.ts";
import type { LuaReference } from "../values/reference.ts";

/** Somebody who waits at a channel. A select waits at several: the first to take it makes the others void. */
interface Waiter {
  /** False when it was served elsewhere, or gave up. */
  readonly isWaiting: () => boolean;
}

interface Receiver extends Waiter {
  take(value: LuaReference | undefined): void;
  /** No value will come any more, of a channel that was not closed for all that. */
  over(): void;
}

interface Sender extends Waiter {
  readonly value: LuaReference;
  /** Tells the sender that its value was taken, or that the channel closed first. */
  sent(isTaken: boolean): void;
}

/** A value that waits for its receiver. */
interface Buffered {
  readonly value: LuaReference;
  /** Told when a receiver has it. */
  readonly taken?: (() => void) | undefined;
}

/** What a receive finds: a value, the end of a closed channel or of one that gave all it will, or nothing yet. */
export type Received = { readonly value: LuaReference } | "closed" | "over" | undefined;

/** A queue between fibers of one task. Values are Lua's own, untouched. */
export class Channel {
  readonly #capacity: number;
  readonly #buffer: Buffered[] = [];
  #receivers: Receiver[] = [];
  #senders: Sender[] = [];
  #isClosed = false;
  #isFinished = false;

  constructor(capacity = 0) {
    this.#capacity = capacity;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether all was received that will ever come. */
  get isOver(): boolean {
    return this.#isFinished && this.#buffer.length === 0 && this.#senders.length === 0;
  }

  /** What waits in the queue, for who counts memory. */
  luaValues(): Iterable<LuaValue> {
    return [...this.#buffer, ...this.#senders].map(({ value }) => value.value);
  }

  /** Takes a value if one can be had without waiting. */
  receive(): Received {
    const buffered = this.#buffer.shift();
    const sender = this.#nextSender();
    if (buffered !== undefined) {
      if (sender !== undefined) {
        this.#buffer.push({ value: sender.value });
        sender.sent(true);
      }
      buffered.taken?.();
      return { value: buffered.value };
    }
    if (sender !== undefined) {
      sender.sent(true);
      return { value: sender.value };
    }
    if (this.#isClosed) return "closed";
    return this.#isFinished ? "over" : undefined;
  }

  /** Gives a value away if that needs no waiting. The channel must be open. */
  send(value: LuaReference): boolean {
    const receiver = this.#nextReceiver();
    if (receiver !== undefined) {
      receiver.take(value);
      return true;
    }
    if (this.#buffer.length >= this.#capacity) return false;
    this.#buffer.push({ value });
    return true;
  }

  /** Gives a value away from outside, where nobody can wait: the buffer grows if it must. `taken` tells who received it. */
  deliver(value: LuaReference, taken?: () => void): void {
    if (this.#isClosed) return;
    const receiver = this.#nextReceiver();
    if (receiver === undefined) {
      this.#buffer.push({ value, taken });
      return;
    }
    receiver.take(value);
    taken?.();
  }

  /**
   * The last value was delivered. A receive finds the end then, as of a closed channel, but a select that has other cases
   * goes on waiting for those: a loop over several futures gets each of them once.
   */
  finish(): void {
    this.#isFinished = true;
    if (!this.isOver) return;
    for (const receiver of this.#receivers.filter((waiter) => waiter.isWaiting())) receiver.over();
  }

  addReceiver(receiver: Receiver): void {
    this.#receivers = [...this.#receivers.filter((waiter) => waiter.isWaiting()), receiver];
  }

  addSender(sender: Sender): void {
    this.#senders = [...this.#senders.filter((waiter) => waiter.isWaiting()), sender];
  }

  /** No more values; what is buffered can still be received. Closing twice changes nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (let receiver = this.#nextReceiver(); receiver !== undefined; receiver = this.#nextReceiver()) {
      receiver.take(undefined);
    }
    for (let sender = this.#nextSender(); sender !== undefined; sender = this.#nextSender()) sender.sent(false);
  }

  #nextReceiver(): Receiver | undefined {
    return firstWaiting(this.#receivers);
  }

  #nextSender(): Sender | undefined {
    return firstWaiting(this.#senders);
  }
}

function firstWaiting<T extends Waiter>(waiters: T[]): T | undefined {
  for (let waiter = waiters.shift(); waiter !== undefined; waiter = waiters.shift()) {
    if (waiter.isWaiting()) return waiter;
  }
  return undefined;
}
