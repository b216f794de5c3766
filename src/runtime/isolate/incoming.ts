import { Cancellation } from "../../core/cancellation.ts";
import { decodeError, encodeError, type WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { CancelMessage, ResultMessage, RunMessage } from "../protocol.ts";

/** Runs calls that arrive on one line, and answers on it. */
export class IncomingCalls {
  readonly #running = new Map<number, Cancellation>();
  readonly #run: (message: RunMessage, cancellation: Cancellation) => Value | Promise<Value>;
  readonly #answer: (message: ResultMessage) => void;

  constructor(
    run: (message: RunMessage, cancellation: Cancellation) => Value | Promise<Value>,
    answer: (message: ResultMessage) => void,
  ) {
    this.#run = run;
    this.#answer = answer;
  }

  run(message: RunMessage): void {
    const cancellation = new Cancellation();
    this.#running.set(message.call, cancellation);
    try {
      const result = this.#run(message, cancellation);
      if (result instanceof Promise) {
        result.then(
          (value) => this.#succeed(message.call, value),
          (error: unknown) => this.#fail(message.call, error),
        );
      } else this.#succeed(message.call, result);
    } catch (error) {
      this.#fail(message.call, error);
    }
  }

  cancel(message: CancelMessage): void {
    this.#running.get(message.call)?.cancel(decodeError(message.error));
  }

  /** Nobody waits for the answers any more. */
  cancelAll(reason: WeftError): void {
    for (const cancellation of this.#running.values()) cancellation.cancel(reason);
  }

  #succeed(call: number, value: Value): void {
    this.#running.delete(call);
    this.#answer({ type: "result", call, value });
  }

  #fail(call: number, error: unknown): void {
    this.#running.delete(call);
    this.#answer({ type: "failure", call, error: encodeError(error) });
  }
}
