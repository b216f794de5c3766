import type { Value } from "../../core/values.ts";
import type { Answer } from "../protocol.ts";
import type { IsolateHandle } from "./handle.ts";

/** What isolates hear from services, by the numbers of the questions that began it. */
export class Subscriptions {
  readonly #open = new Map<IsolateHandle, Map<number, Disposable>>();

  /** Begins one. @throws WeftError what the service refuses. */
  async begin(
    handle: IsolateHandle,
    request: number,
    connect: (hear: (value: Value) => void) => Disposable,
  ): Promise<Answer> {
    const connection = connect((value) => handle.link.send({ type: "heard", request, value }));
    const mine = this.#open.get(handle) ?? new Map<number, Disposable>();
    this.#open.set(handle, mine.set(request, connection));
    return { is: "done" };
  }

  end(handle: IsolateHandle, request: number): void {
    const connection = this.#open.get(handle)?.get(request);
    this.#open.get(handle)?.delete(request);
    connection?.[Symbol.dispose]();
  }

  /** The isolate is gone. */
  endAll(handle: IsolateHandle): void {
    for (const connection of this.#open.get(handle)?.values() ?? []) connection[Symbol.dispose]();
    this.#open.delete(handle);
  }
}
