import { canceled, childCancellation } from "../../core/cancellation.ts";
import type { CallContext } from "../../core/context.ts";
import { toWeftError, WeftError } from "../../core/errors.ts";
import { Pollable, waitForAny, type Readiness, type Waiter } from "../io/pollable.ts";
import { ResultError } from "../io/result-error.ts";
import { Wakers } from "../io/wakers.ts";
import { callError, type CallError } from "./call-error.ts";
import { PassingSet } from "../../core/passing.ts";

/** Calls that one guest may have under way: each holds a call of another entry, and what it will give. */
const maxPending = 1_000;

type Outcome = { readonly tag: "ok"; readonly val: string } | { readonly tag: "err"; readonly val: CallError };

/** The calls that an instance has started. Disposing cancels those that still go on. */
export class PendingCalls implements Disposable {
  readonly #open = new PassingSet<PendingCall>();
  readonly #waiter: Waiter & { readonly call: CallContext };

  constructor(waiter: Waiter & { readonly call: CallContext }) {
    this.#waiter = waiter;
  }

  /** Starts work with a context of its own; whatever is wrong with it is the call's result. */
  start(work: (context: CallContext) => string | Promise<string>): PendingCall {
    const { call } = this.#waiter;
    const isFull = this.#open.size >= maxPending;
    const refuse = (): never => {
      throw new WeftError("POOL_FULL", `a guest may have ${maxPending} calls under way`);
    };
    const pending: PendingCall = new PendingCall(this.#waiter, () => this.#open.delete(pending));
    this.#open.add(pending);
    void pending.run(call, isFull ? refuse : work);
    return pending;
  }

  [Symbol.dispose](): void {
    for (const pending of this.#open) pending.cancel();
    this.#open.clear();
  }
}

/** The resource `pending-call` of weft:runtime/futures. */
export class PendingCall {
  readonly #waiter: Waiter;
  readonly #ended: () => void;
  readonly #wakers = new Wakers();
  #cancel: () => void = () => undefined;
  #outcome: Outcome | undefined;

  constructor(waiter: Waiter, ended: () => void) {
    this.#waiter = waiter;
    this.#ended = ended;
  }

  /** Runs the work to its end. Never fails. */
  async run(call: CallContext, work: (context: CallContext) => string | Promise<string>): Promise<void> {
    using scope = childCancellation(call.cancellation);
    const { cancellation } = scope;
    this.#cancel = () => cancellation.cancel(canceled());
    try {
      this.#settle({ tag: "ok", val: await work({ ...call, cancellation }) });
    } catch (error) {
      this.#settle({ tag: "err", val: callError(toWeftError(error)) });
    }
  }

  subscribe(): Pollable {
    return new Pollable(this.#readiness, this.#waiter);
  }

  get(): Outcome | undefined {
    return this.#outcome;
  }

  wait(): string | Promise<string> {
    return this.#outcome === undefined
      ? waitForAny([this.#readiness], this.#waiter).then(() => this.#result())
      : this.#result();
  }

  cancel(): void {
    this.#cancel();
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  #result(): string {
    if (this.#outcome === undefined) throw new Error("a wait ended before its call");
    if (this.#outcome.tag === "err") throw new ResultError(this.#outcome.val);
    return this.#outcome.val;
  }

  #settle(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#ended();
    this.#wakers.wake();
  }

  get #readiness(): Readiness {
    return this.#wakers.readiness(() => this.#outcome !== undefined);
  }
}
