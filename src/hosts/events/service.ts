import type { Value } from "../../core/values.ts";
import type { Service } from "../service.ts";
import { compilePattern, type NamePattern } from "./pattern.ts";

/** Something that happened. */
export interface BusEvent {
  readonly system: string;
  readonly kind: string;
  readonly path: string;
  readonly data: Value;
}

/** Patterns of the events that a subscriber hears. */
interface Interest {
  readonly do: "subscribe";
  readonly system: string;
  readonly kind: string;
}

/** What isolates ask of the bus. */
export type EventRequest = ({ readonly do: "send" } & BusEvent) | Interest;

interface Subscriber {
  readonly system: NamePattern;
  readonly kind: NamePattern;
  readonly hear: (event: Value) => void;
}

/** The app's event bus. Events go to whoever listens when they are sent, in the order in which they are sent. */
export class EventService implements Service<EventRequest, never> {
  readonly #subscribers = new Set<Subscriber>();

  add(): void {}
  remove(): void {}

  ask(request: EventRequest): Value {
    if (request.do === "subscribe") throw new Error("a subscription is begun with subscribe");
    const { system, kind, path, data } = request;
    for (const subscriber of this.#subscribers) {
      if (subscriber.system(system) && subscriber.kind(kind)) subscriber.hear({ system, kind, path, data });
    }
    return true;
  }

  subscribe(request: EventRequest, hear: (event: Value) => void): Disposable {
    if (request.do === "send") throw new Error("an event is sent with ask");
    const subscriber = { system: compilePattern(request.system), kind: compilePattern(request.kind), hear };
    this.#subscribers.add(subscriber);
    return { [Symbol.dispose]: () => void this.#subscribers.delete(subscriber) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscribers.clear();
  }
}
