import { Cancellation } from "../../core/cancellation.ts";
import { wantsReport, type ReportSink } from "../../core/context.ts";
import { decodeError, encodeError, type WeftError } from "../../core/errors.ts";
import type { CallReport } from "../../core/report.ts";
import type { Value } from "../../core/values.ts";
import type { CancelMessage, ResultMessage, RunMessage } from "../protocol.ts";
import { threadGuard } from "./guard/guard.ts";
import { PassingMap } from "../../core/passing.ts";

/** Runs one call that came from another thread. */
export type RunIncoming = (
  message: RunMessage,
  own: { readonly cancellation: Cancellation; readonly report: ReportSink | undefined },
) => Value | Promise<Value>;

/** Runs calls that arrive on one line, and answers on it. */
export class IncomingCalls {
  readonly #running = new PassingMap<number, Cancellation>();
  readonly #reports = new PassingMap<number, CallReport>();
  readonly #run: RunIncoming;
  readonly #answer: (message: ResultMessage) => void;

  constructor(run: RunIncoming, answer: (message: ResultMessage) => void) {
    this.#run = run;
    this.#answer = answer;
  }

  run(message: RunMessage): void {
    const cancellation = new Cancellation();
    this.#running.set(message.call, cancellation);
    const report: ReportSink | undefined = wantsReport(message.context)
      ? (made) => this.#reports.set(message.call, made)
      : undefined;
    threadGuard().turns.protect(
      () => {
        const result = this.#run(message, { cancellation, report });
        if (result instanceof Promise) {
          result.then(
            (value) => this.#succeed(message.call, value),
            (error: unknown) => this.#fail(message.call, error),
          );
        } else this.#succeed(message.call, result);
      },
      (error) => this.#fail(message.call, error),
    );
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
    this.#answer({ type: "result", call, value, ...this.#takeReport(call) });
  }

  #fail(call: number, error: unknown): void {
    this.#running.delete(call);
    this.#answer({ type: "failure", call, error: encodeError(error), ...this.#takeReport(call) });
  }

  #takeReport(call: number): { report?: CallReport } | undefined {
    if (this.#reports.size === 0) return undefined;
    const report = this.#reports.get(call);
    this.#reports.delete(call);
    return report === undefined ? undefined : { report };
  }
}
