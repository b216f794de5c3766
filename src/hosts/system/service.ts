import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { Service } from "../service.ts";

/** Who knows how services are; boot fills it. */
export interface Supervision {
  /** @throws WeftError `ENTRY_NOT_FOUND`. */
  state(id: EntryId): ServiceReport;
  states(): readonly ServiceReport[];
}

/** How a service is. */
export interface ServiceReport {
  readonly id: EntryId;
  readonly status: string;
  readonly desired: string;
  readonly retryCount: number;
  /** Unix times in milliseconds. */
  readonly lastUpdate: number | undefined;
  readonly startedAt: number | undefined;
  readonly details: string;
}

/** What isolates ask about the app around them. */
export type SystemRequest = { readonly do: "service"; readonly id: EntryId } | { readonly do: "services" };

const noServices: Supervision = {
  state(id) {
    throw new Error(`nobody supervises ${id}`);
  },
  states: () => [],
};

/** Tells about the app. */
export class SystemService implements Service<SystemRequest, never> {
  readonly #supervision: Supervision;

  constructor(supervision: Supervision = noServices) {
    this.#supervision = supervision;
  }

  add(): void {}
  remove(): void {}

  ask(request: SystemRequest): Value {
    return request.do === "service"
      ? reportValue(this.#supervision.state(request.id))
      : this.#supervision.states().map(reportValue);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** As programs of the other format know it: times in nanoseconds. */
function reportValue({ id, status, desired, retryCount, lastUpdate, startedAt, details }: ServiceReport): Value {
  return {
    id,
    status,
    desired,
    retry_count: retryCount,
    ...(lastUpdate === undefined ? {} : { last_update: BigInt(lastUpdate) * 1_000_000n }),
    ...(startedAt === undefined ? {} : { started_at: BigInt(startedAt) * 1_000_000n }),
    details,
  };
}
