import { randomUUID } from "node:crypto";
import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { MemoryQueueSpec } from "./spec.ts";

/** One message on its way. */
export interface Message {
  readonly id: string;
  readonly body: Value;
  readonly headers: Readonly<Record<string, Value>>;
  /** How often a handler failed with it. */
  readonly attempts: number;
}

/** A message that failed is tried again after this long, twice as long each time, up to a second. */
const retryMs = 10;
const maxRetryMs = 1_000;

/** Messages in memory, the oldest first. */
export class MemoryQueue implements Disposable {
  readonly id: EntryId;
  spec: MemoryQueueSpec;
  readonly #waiting: Message[] = [];
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #arrived: () => void;
  #inHand = 0;

  constructor(id: EntryId, spec: MemoryQueueSpec, arrived: () => void) {
    this.id = id;
    this.spec = spec;
    this.#arrived = arrived;
  }

  /** Messages that wait, those included that are to be tried again. */
  get length(): number {
    return this.#waiting.length + this.#retries.size;
  }

  /** Nothing waits, and whoever took a message is done with it. */
  get isIdle(): boolean {
    return this.length === 0 && this.#inHand === 0;
  }

  /** @throws WeftError `QUEUE_FULL`. */
  publish(body: Value, headers: Message["headers"]): void {
    const { maxLength } = this.spec;
    if (this.length >= maxLength) {
      throw new WeftError("QUEUE_FULL", `${this.id} holds ${maxLength} messages, which is its max_length`);
    }
    this.#add({ id: randomUUID(), body, headers, attempts: 0 });
  }

  /** Gives the oldest message to somebody who says when it is `settled`. */
  take(): Message | undefined {
    const message = this.#waiting.shift();
    if (message !== undefined) this.#inHand += 1;
    return message;
  }

  /** Whoever took a message is done with it. */
  settled(): void {
    this.#inHand -= 1;
  }

  /** Puts a message that failed at the end, a while later: one that always fails shall not keep everybody busy. */
  retry(message: Message): void {
    const timer = setTimeout(
      () => {
        this.#retries.delete(timer);
        this.#add(message);
      },
      Math.min(retryMs * 2 ** (message.attempts - 1), maxRetryMs),
    );
    this.#retries.add(timer);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#retries) clearTimeout(timer);
    this.#retries.clear();
    this.#waiting.length = 0;
  }

  #add(message: Message): void {
    this.#waiting.push(message);
    this.#arrived();
  }
}
