import { randomUUID } from "node:crypto";
import { Cancellation, canceled } from "../../core/cancellation.ts";
import { rootContext } from "../../core/context.ts";
import { toWeftError, WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import type { Value } from "../../core/values.ts";
import type { Service, ServiceWorld } from "../service.ts";
import { MemoryQueue, type Message } from "./memory-queue.ts";
import { messageValue, type ConsumerSpec, type QueueRequest, type QueueSpec } from "./spec.ts";
import { PassingMap } from "../../core/passing.ts";

/** A message that a handler has. */
interface Delivery {
  /** What the handler said by itself. */
  verdict: "ack" | "nack" | undefined;
}

interface Consumer {
  readonly id: EntryId;
  readonly spec: ConsumerSpec;
  readonly stopping: Cancellation;
  readonly handling: Set<Promise<void>>;
  isOn: boolean;
}

/** The queues of an app and their consumers. */
export class QueueService implements Service<QueueRequest, QueueSpec> {
  readonly #world: ServiceWorld;
  readonly #queues = new Map<EntryId, MemoryQueue>();
  readonly #consumers = new Map<EntryId, Consumer>();
  readonly #leaving = new Map<EntryId, Consumer>();
  /** Queues whose entries are gone. */
  readonly #orphans = new Set<EntryId>();
  readonly #deliveries = new PassingMap<string, Delivery>();
  #isClosed = false;

  constructor(world: ServiceWorld) {
    this.#world = world;
  }

  add(id: EntryId, spec: QueueSpec): void {
    if (spec.type === "consumer") {
      const { isOn, stopping, handling } = this.#consumers.get(id) ?? {
        isOn: spec.byService !== true,
        stopping: new Cancellation(),
        handling: new Set<Promise<void>>(),
      };
      this.#consumers.set(id, { id, spec, isOn, stopping, handling });
      return this.#feed(spec.queue);
    }
    this.#orphans.delete(id);
    const known = this.#queues.get(id);
    // What waits in a queue outlives a change of its entry.
    if (known !== undefined) known.spec = spec;
    else this.#queues.set(id, new MemoryQueue(id, spec, () => this.#feed(id)));
    this.#feed(id);
  }

  /** A consumer is gone at once; a queue keeps what waits in it, should its entry come back. */
  remove(id: EntryId): void {
    if (this.#queues.has(id)) this.#orphans.add(id);
    this.#dropOrphan(id);
    const consumer = this.#consumers.get(id);
    this.#consumers.delete(id);
    if (consumer === undefined) return;
    consumer.isOn = false;
    // Its service, which stops after this, waits for what is being handled.
    if (consumer.handling.size > 0) this.#leaving.set(id, consumer);
  }

  ask(request: QueueRequest): Value | Promise<Value> {
    switch (request.do) {
      case "publish":
        this.#require(request.id).publish(request.body, request.headers);
        return true;
      case "info": {
        const queue = this.#require(request.id);
        const consumers = this.#consumersOf(request.id);
        const inFlight = consumers.reduce((sum, { handling }) => sum + handling.size, 0);
        const open = consumers.filter(({ isOn }) => isOn).length;
        return { id: queue.id, messages: queue.length, in_flight: inFlight, consumers: open };
      }
      case "start":
        return this.#start(request.consumer);
      case "stop":
        return this.#stop(request.consumer, request.timeoutMs);
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
    for (const queue of this.#queues.values()) queue[Symbol.dispose]();
    for (const { stopping } of [...this.#consumers.values(), ...this.#leaving.values()])
      stopping.cancel(canceled("the app is stopping"));
    this.#consumers.clear();
  }

  #require(id: EntryId): MemoryQueue {
    const queue = this.#queues.get(id);
    if (queue !== undefined) return queue;
    const hint = nearestSuffix(id, this.#queues.keys());
    throw new WeftError("ENTRY_NOT_FOUND", `there is no queue ${id}${hint}`, { details: { target: id } });
  }

  #dropOrphan(id: EntryId): void {
    if (!this.#orphans.has(id) || this.#queues.get(id)?.isIdle !== true) return;
    this.#orphans.delete(id);
    this.#queues.delete(id);
  }

  #consumersOf(id: EntryId): Consumer[] {
    return [...this.#consumers.values()].filter(({ spec }) => spec.queue === id);
  }

  #start(id: EntryId): true {
    const consumer = this.#consumers.get(id);
    if (consumer !== undefined) {
      const { spec, handling } = consumer;
      this.#consumers.set(id, { id, spec, isOn: true, stopping: new Cancellation(), handling });
      this.#feed(spec.queue);
    }
    return true;
  }

  async #stop(id: EntryId, timeoutMs: number): Promise<true> {
    const consumer = this.#consumers.get(id) ?? this.#leaving.get(id);
    this.#leaving.delete(id);
    if (consumer === undefined) return true;
    consumer.isOn = false;
    const late = () => consumer.stopping.cancel(canceled("the consumer is stopping"));
    const timer = setTimeout(late, timeoutMs);
    await Promise.all(consumer.handling);
    clearTimeout(timer);
    return true;
  }

  /** Gives waiting messages to consumers that have room. */
  #feed(id: EntryId): void {
    const queue = this.#queues.get(id);
    if (queue === undefined || this.#isClosed) return;
    for (const consumer of this.#consumersOf(id)) {
      const { handling, spec } = consumer;
      while (consumer.isOn && handling.size < spec.concurrency) {
        const message = queue.take();
        if (message === undefined) return;
        const handled = this.#handle(queue, message, consumer).finally(() => {
          handling.delete(handled);
          queue.settled();
          this.#dropOrphan(id);
          this.#feed(id);
        });
        handling.add(handled);
      }
    }
  }

  /** Calls the handler and does with the message what comes of it. Never rejects. */
  async #handle(queue: MemoryQueue, message: Message, { id, spec, stopping }: Consumer): Promise<void> {
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
          cancellation: stopping,
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
