import type { Agent } from "node:http";
import type { InstanceContext } from "../context.ts";
import { trap } from "./trap.ts";
import { allFieldsBytes, requestsInFlight } from "./limits.ts";
import { PassingSet } from "../../core/passing.ts";

/** What one instance holds of HTTP: its share of the limits, its connections, everything that must end with it. */
export class HttpScope implements Disposable {
  readonly instance: InstanceContext;
  /** Both are made when they are needed: most instances ask nobody. */
  #open: PassingSet<Disposable> | undefined;
  #agents: Map<string, Agent> | undefined;
  #fieldsBytes = 0;
  #disposed = false;

  constructor(instance: InstanceContext) {
    this.instance = instance;
  }

  /** Counts memory of `fields`; negative when it is free again. @throws WeftError a trap, over the limit. */
  charge(bytes: number): void {
    this.#fieldsBytes += bytes;
    if (bytes > 0 && this.#fieldsBytes > allFieldsBytes) {
      trap(`the guest holds more than ${allFieldsBytes} bytes of HTTP fields`);
    }
  }

  /** Whether another request may begin. */
  get isFull(): boolean {
    return this.#disposed || (this.#open?.size ?? 0) >= requestsInFlight;
  }

  /** The instance holds nothing, and has no connections that another call could go on with. */
  get isClean(): boolean {
    return (this.#open?.size ?? 0) === 0 && this.#agents === undefined && this.#fieldsBytes === 0;
  }

  /** What is to be closed with the instance, until it is done. */
  add(open: Disposable): void {
    this.#open ??= new PassingSet();
    this.#open.add(open);
  }

  done(open: Disposable): void {
    this.#open?.delete(open);
  }

  /** Connections are kept for the instance's next request, and never shared with another's. */
  agent(protocol: string, make: () => Agent): Agent {
    const agents = (this.#agents ??= new Map());
    const agent = agents.get(protocol) ?? make();
    agents.set(protocol, agent);
    return agent;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const open of this.#open ?? []) open[Symbol.dispose]();
    this.#open?.clear();
    for (const agent of this.#agents?.values() ?? []) agent.destroy();
    this.#agents?.clear();
  }
}
