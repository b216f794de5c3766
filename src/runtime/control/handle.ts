import type { Placed } from "../placed.ts";
import type { Cancellation } from "../../core/cancellation.ts";
import { encodeContext, type CallContext, type ReportSink } from "../../core/context.ts";
import { decodeError, encodeError, type WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { Link } from "../link.ts";
import { lossError } from "../loss.ts";
import type { IsolateLoss, ResultMessage, RunMessage, ToIsolate } from "../protocol.ts";
import { PassingMap } from "../../core/passing.ts";

/** A call as the control plane asks an isolate to run it. */
export type Run = Omit<RunMessage, "type" | "call" | "context"> & {
  readonly context: CallContext;
  /** For how many microseconds it is likely to hold the thread, where that is known. */
  readonly micros?: number | undefined;
};

/** What a call of which nothing is known counts as. */
const usualMicros = 100;

/** Thrown for a call that its isolate never began before it ended: it can run elsewhere unharmed. */
export class NotStarted extends Error {}

interface PendingRun {
  readonly micros: number;
  readonly root: number;
  /** Position among the calls sent to this isolate. */
  readonly sequence: number;
  readonly report: ReportSink | undefined;
  /** Ends the watch over its cancellation. */
  unwatch: Disposable | undefined;
  readonly again: (() => Promise<Value>) | undefined;
  resolve(value: Value | Promise<Value>): void;
  reject(error: unknown): void;
}

/** The control plane's end of one isolate: calls in flight there. Replaced when its thread is. */
export class IsolateHandle {
  readonly number: number;
  readonly link: Link<ToIsolate>;
  /** How piscina knows the thread, once it serves. */
  threadId: number | undefined;
  readonly #pending = new PassingMap<number, PendingRun>();
  readonly #onCancel: (handle: IsolateHandle) => void;
  #sent = 0;
  #work = 0;

  /** `onCancel` hears of each call taken back, so that an isolate which does not react can be ended. */
  constructor(number: number, link: Link<ToIsolate>, onCancel: (handle: IsolateHandle) => void) {
    this.number = number;
    this.link = link;
    this.#onCancel = onCancel;
  }

  /** Calls in flight. */
  get load(): number {
    return this.#pending.size;
  }

  /** For how many microseconds the calls in flight are likely to hold the thread. */
  get work(): number {
    return this.#work;
  }

  /**
   * Runs a call there. Rejects as soon as it is cancelled; the isolate is told, and gives the slot back itself. `again`
   * has a call that was never begun run elsewhere. @throws NotStarted without it.
   */
  run(run: Run, again?: () => Promise<Value>): Promise<Value> {
    this.#sent += 1;
    const call = this.#sent;
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const { id, args, checked, context, slot, generation, process, micros = usualMicros } = run;
    const { cancellation, root, report } = context;
    const pending: PendingRun = { micros, root, sequence: call, report, unwatch: undefined, again, resolve, reject };
    this.#pending.set(call, pending);
    this.#work += micros;
    const wire = encodeContext(context);
    const message = { type: "run", call, id, args, checked, context: wire, slot, generation } as const;
    this.link.send(process === undefined ? message : { ...message, process });
    // On a line without threads it may be over.
    if (this.#pending.has(call)) pending.unwatch = this.#watchCancel(call, cancellation);
    return promise;
  }

  settle(message: ResultMessage): void {
    const pending = this.#take(message.call);
    pending?.unwatch?.[Symbol.dispose]();
    if (message.report !== undefined) pending?.report?.(message.report);
    if (message.type === "result") pending?.resolve(message.value);
    else pending?.reject(decodeError(message.error));
  }

  /** Ends every call in flight because the thread did. `started` is how many calls it had taken. */
  lose(loss: IsolateLoss, started: number): void {
    const pendings = [...this.#pending.values()];
    this.#pending.clear();
    this.link.close();
    for (const pending of pendings) {
      pending.unwatch?.[Symbol.dispose]();
      if (pending.sequence <= started) pending.reject(lossError(loss, pending.root));
      else if (pending.again === undefined) pending.reject(new NotStarted());
      else pending.resolve(pending.again());
    }
  }

  /** Ends every call in flight because the runtime stops. */
  fail(error: WeftError): void {
    for (const pending of this.#pending.values()) {
      pending.unwatch?.[Symbol.dispose]();
      pending.reject(error);
    }
    this.#pending.clear();
  }

  #take(call: number): PendingRun | undefined {
    const pending = this.#pending.get(call);
    if (pending === undefined) return undefined;
    this.#pending.delete(call);
    this.#work -= pending.micros;
    return pending;
  }

  #watchCancel(call: number, cancellation: Cancellation): Disposable {
    return cancellation.onCancel((reason) => {
      const pending = this.#take(call);
      if (pending === undefined) return;
      this.link.send({ type: "cancel", call, error: encodeError(reason) });
      pending.reject(reason);
      this.#onCancel(this);
    });
  }
}

/** The run of a function whose arguments were checked. */
export function functionRun(placed: Placed, args: readonly Value[], context: CallContext): Run {
  return {
    id: placed.placement.id,
    args,
    checked: true,
    context,
    slot: placed.row,
    generation: placed.generation,
  };
}
