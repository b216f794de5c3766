import { decodeError, isWireError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { InstanceContext } from "../context.ts";
import type { Letter, ProcessEvent } from "../ports.ts";
import { processError, toJsonText } from "./texts.ts";

/** An `incoming` of weft:runtime/process, as hosts write variants. */
export interface Incoming {
  readonly tag: "message" | "exit" | "link-down" | "cancel";
  readonly val: unknown;
}

/** Letters and events of one process, in the order they came, for a guest that takes them one by one. */
export class IncomingQueue implements Disposable {
  readonly #instance: InstanceContext;
  readonly #connections = new DisposableStack();
  readonly #queue: { readonly item: Incoming; readonly taken: () => void }[] = [];
  #waiting: ((item: Incoming) => void) | undefined;

  /** From now on, everything that comes is the guest's. */
  constructor(instance: InstanceContext) {
    this.#instance = instance;
    const { processes } = instance.ports;
    const { pid } = instance;
    this.#connections.use(processes.inbox(pid, (letter, taken) => this.#add(messageOf(letter), taken)));
    this.#connections.use(processes.events(pid, (event) => this.#add(eventOf(event), () => undefined)));
  }

  /** The next item; undefined when none came in time. @throws WeftError when the guest's own run is over. */
  async next(timeoutMs: number | undefined): Promise<Incoming | undefined> {
    const first = this.#queue.shift();
    if (first !== undefined) {
      first.taken();
      return first.item;
    }
    if (timeoutMs === 0) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<Incoming | undefined>();
    this.#waiting = resolve;
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => resolve(undefined), timeoutMs);
    const watch = this.#instance.call.cancellation.onCancel(reject);
    try {
      return await promise;
    } finally {
      this.#waiting = undefined;
      clearTimeout(timer);
      watch[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#connections.dispose();
  }

  #add(item: Incoming, taken: () => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) {
      this.#queue.push({ item, taken });
      return;
    }
    taken();
    waiting(item);
  }
}

function messageOf({ topic, from, payloads }: Letter): Incoming {
  return { tag: "message", val: { topic, sender: from, payloads: payloads.map(toJsonText) } };
}

function eventOf({ kind, from, at, reason, result }: ProcessEvent): Incoming {
  if (kind === "pid.cancel") return { tag: "cancel", val: reason };
  const ending = { pid: from, at: BigInt(at), outcome: outcomeOf(result) };
  return { tag: kind === "pid.exit" ? "exit" : "link-down", val: ending };
}

function outcomeOf(result: ProcessEvent["result"]): { readonly tag: "ok" | "err"; readonly val: unknown } {
  const { value = null, error }: { readonly value?: Value; readonly error?: unknown } = result ?? {};
  if (error === undefined) return { tag: "ok", val: toJsonText(value) };
  if (isWireError(error)) return { tag: "err", val: processError(decodeError(error)) };
  return { tag: "err", val: { code: "INTERNAL", kind: "Internal", message: "the process failed" } };
}
