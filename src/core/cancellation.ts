import { Ending, nothingToEnd } from "./ending.ts";
import { WeftError } from "./errors.ts";
import { PassingSet } from "./passing.ts";

/**
 * Tells the work below a call that the call is over. Cheaper than an AbortController: a call that nobody
 * listens to costs one object, and `signal` is made only for libraries that ask for it.
 */
export class Cancellation {
  #reason: WeftError | undefined;
  /** Most have one listener. */
  #first: ((reason: WeftError) => void) | undefined;
  #others: PassingSet<(reason: WeftError) => void> | undefined;
  #controller: AbortController | undefined;

  /** Why the call is over, or undefined while it goes on. */
  get reason(): WeftError | undefined {
    return this.#reason;
  }

  /** For libraries: aborts with the reason. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      this.onCancel((reason) => controller.abort(reason));
    }
    return this.#controller.signal;
  }

  /** Ends the call once; later reasons are ignored. Listeners run at once, in the order they came. */
  cancel(reason: WeftError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#first?.(reason);
    if (this.#others !== undefined) for (const listener of this.#others) listener(reason);
    this.#first = undefined;
    this.#others = undefined;
  }

  /** Runs `listener` when the call is cancelled, at once if it already is. Dispose to stop listening. */
  onCancel(listener: (reason: WeftError) => void): Disposable {
    if (this.#reason !== undefined) {
      listener(this.#reason);
      return nothingToEnd;
    }
    if (this.#first === undefined && (this.#others?.size ?? 0) === 0) {
      this.#first = listener;
      return new Ending(() => {
        if (this.#first === listener) this.#first = undefined;
      });
    }
    this.#others ??= new PassingSet();
    this.#others.add(listener);
    return new Ending(() => this.#others?.delete(listener));
  }

  /** Throws the reason if the call is over. */
  throwIfCanceled(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }
}

/** A cancellation that also ends when `parent` does. Dispose it when its work is over, or the parent keeps it alive. */
export function childCancellation(parent: Cancellation): { cancellation: Cancellation } & Disposable {
  const cancellation = new Cancellation();
  const link = parent.onCancel((reason) => cancellation.cancel(reason));
  return { cancellation, [Symbol.dispose]: () => link[Symbol.dispose]() };
}

/** The reason given when a caller gives a call up. */
export function canceled(message = "the call was canceled"): WeftError {
  return new WeftError("CALL_CANCELED", message);
}
