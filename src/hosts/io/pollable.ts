import type { Cancellation } from "../../core/cancellation.ts";
import { WeftError } from "../../core/errors.ts";

/** Something a guest can wait for. */
export interface Readiness {
  isReady(): boolean;
  /** Calls `wake` whenever it may have become ready, until disposed. */
  onReady(wake: () => void): Disposable;
}

/** Whose wait it is: looked at when a wait begins, because an instance that is kept serves many calls. */
export interface Waiter {
  readonly call: { readonly cancellation: Cancellation };
}

const nothing: Disposable = { [Symbol.dispose]() {} };

/** What never keeps anybody waiting. */
export const alwaysReady: Readiness = { isReady: () => true, onReady: () => nothing };

/**
 * Waits until one of several things is ready; ends at once with the call's reason when the call is over.
 * @throws WeftError the reason, synchronously if the call is over already.
 */
export function waitForAny(things: readonly Readiness[], waiter: Waiter): Promise<void> {
  const { cancellation } = waiter.call;
  cancellation.throwIfCanceled();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const links = new DisposableStack();
  const wake = (): void => {
    if (things.some((thing) => thing.isReady())) resolve();
  };
  links.use(cancellation.onCancel(reject));
  for (const thing of things) links.use(thing.onReady(wake));
  return promise.finally(() => links.dispose());
}

/** The resource `pollable` of wasi:io. */
export class Pollable {
  readonly #thing: Readiness;
  readonly #waiter: Waiter;

  constructor(thing: Readiness, waiter: Waiter) {
    this.#thing = thing;
    this.#waiter = waiter;
  }

  ready(): boolean {
    return this.#thing.isReady();
  }

  /** Waits until it is ready; without a promise when it is already. */
  block(): void | Promise<void> {
    return this.#thing.isReady() ? undefined : waitForAny([this.#thing], this.#waiter);
  }

  /** WIT: `poll`. Indices of those that are ready, waiting until there is one. */
  static poll(pollables: readonly Pollable[], waiter: Waiter): Uint32Array | Promise<Uint32Array> {
    if (pollables.length === 0) throw new WeftError("TRAP_INVALID_VALUE", "wasi:io/poll poll was given an empty list");
    const ready = readyIndices(pollables);
    if (ready.length > 0) return ready;
    const things = pollables.map((pollable) => pollable.#thing);
    return waitForAny(things, waiter).then(() => readyIndices(pollables));
  }
}

function readyIndices(pollables: readonly Pollable[]): Uint32Array {
  const indices: number[] = [];
  for (const [index, pollable] of pollables.entries()) if (pollable.ready()) indices.push(index);
  return Uint32Array.from(indices);
}
