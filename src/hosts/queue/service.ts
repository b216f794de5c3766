import { randomUUID } from "node:crypto";
import { Cancellation, canceled } from "../../core/cancellation.ts";
import { rootContext } from "../../core/context.ts";
import { toWeftError, WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import { nearestNames } from "../../core/nearest.ts";
import type { Value } from "../../core/values.ts";
import type { Service, ServiceWorld } from "../service.ts";
import { MemoryQueue, type Message } from "./memory-queue.ts";
import { messageValue, type ConsumerSpec, type QueueRequest, type QueueSpec } from "./spec.ts";

/** A message that a handler has. */
interface Delivery {
  /** What the handler said by itself. */
  verdict: "ack" | "nack" | undefined;
}

interface Consumer {
  readonly id: EntryId;
  readonly spec: ConsumerSpec;
  running: number;
}

/** The queues of an app and their consumers. */
export class QueueService implements Service<QueueRequest, QueueSpec> {
  readonly #world: ServiceWorld;
  readonly #queues = new Map<EntryId, MemoryQueue>();
  readonly #consumers = new Map<EntryId, Consumer>();
  readonly #deliveries = new Map<string, Delivery>();
  readonly #stopping = new Cancellation();
  #isClosed = false;

  constructor(world: ServiceWorld) {
    this.#world = world;
  }

  add(id: EntryId, spec: QueueSpec): void {
    if (spec.type === "consumer") {
      this.#consumers.set(id, { id, spec, running: 0 });
      return this.#feed(spec.queue);
    }
    const known = this.#queues.get(id);
    // What waits in a queue outlives a change of its entry.
    if (known !== undefined) known.spec = spec;
    else this.#queues.set(id, new MemoryQueue(id, spec, () => this.#feed(id)));
    this.#feed(id);
  }

  /** A consumer is gone at once; a queue keeps what waits until the app ends, should its entry come back. */
  remove(id: EntryId): void {
    this.#consumers.delete(id);
  }

  ask(request: QueueRequest): Value {
    switch (request.do) {
      case "publish":
        this.#require(request.id).publish(request.body, request.headers);
        return true;
      case "info": {
        const queue = this.#require(request.id);
        const consumers = this.#consumersOf(request.id);
        const inFlight = consumers.reduce((sum, { running }) => sum + running, 0);
        return { id: queue.id, messages: queue.length, in_flight: inFlight, consumers: consumers.length };
      }
      case "ack":
      case "nack": {
        const delivery = this.#deliveries.get(request.delivery);
        if (delivery === undefined) throw new WeftError("INVALID_ARGUMENT", "the message was settled before");
        delivery.verdict ??= request.do;
        return true;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#consumers.clear();
    for (const queue of this.#queues.values()) queue[Symbol.dispose]();
    this.#stopping.cancel(canceled("the app is stopping"));
  }

  #require(id: EntryId): MemoryQueue {
    const queue = this.#queues.get(id);
    if (queue !== undefined) return queue;
    const near = nearestNames(id, this.#queues.keys());
    const hint = near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
    throw new WeftError("ENTRY_NOT_FOUND", `there is no queue ${id}${hint}`, { details: { target: id } });
  }

  #consumersOf(id: EntryId): Consumer[] {
    return [...this.#consumers.values()].filter(({ spec }) => spec.queue === id);
  }

  /** Gives waiting messages to consumers that have room. */
  #feed(id: EntryId): void {
    const queue = this.#queues.get(id);
    if (queue === undefined || this.#isClosed) return;
    for (const consumer of this.#consumersOf(id)) {
      while (consumer.running < consumer.spec.concurrency) {
        const message = queue.take();
        if (message === undefined) return;
        consumer.running += 1;
        void this.#handle(queue, message, consumer).finally(() => {
          consumer.running -= 1;
          this.#feed(id);
        });
      }
    }
  }

  /** Calls the handler and does with the message what comes of it. Never rejects. */
  async #handle(queue: MemoryQueue, message: Message, { id, spec }: Consumer): Promise<void> {
    const delivery: Delivery = { verdict: spec.autoAck ? "ack" : undefined };
    const key = randomUUID();
    this.#deliveries.set(key, delivery);
    let failure: string | undefined;
    try {
      const result = await this.#world.call({
        id: spec.func,
        args: [message.body],
        checked: false,
        context: rootContext({
          actor: spec.actor,
          scope: spec.scope,
          values: { [messageValue]: { delivery: key, id: message.id, headers: message.headers } },
          cancellation: this.#stopping,
        }),
      });
      if (result === false) failure = "the handler returned false";
    } catch (error) {
      failure = toWeftError(error).message;
    }
    this.#deliveries.delete(key);
    if (this.#isClosed) return;
    const isRefused = delivery.verdict === undefined ? failure !== undefined : delivery.verdict === "nack";
    if (failure !== undefined) {
      this.#world.log.warn("a message was not handled", { consumer: id, message: message.id, error: failure });
    }
    if (isRefused) this.#refused(queue, { ...message, attempts: message.attempts + 1 }, failure);
  }

  #refused(queue: MemoryQueue, message: Message, failure = "the handler refused it"): void {
    const { deadLetter } = queue.spec;
    const target = deadLetter === undefined ? undefined : this.#queues.get(deadLetter.queue);
    if (deadLetter === undefined || target === undefined || message.attempts < deadLetter.maxAttempts) {
      return queue.retry(message);
    }
    const why = { "x-death-queue": queue.id, "x-death-reason": failure, "x-death-attempts": message.attempts };
    try {
      target.publish(message.body, { ...message.headers, ...why });
    } catch (error) {
      // No room for the dead: tried again, and then perhaps there is.
      this.#world.log.warn("a dead letter found no room", { queue: target.id, error: toWeftError(error).message });
      queue.retry(message);
    }
  }
}
