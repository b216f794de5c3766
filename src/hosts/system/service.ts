import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { Service } from "../service.ts";
import { Locks } from "./locks.ts";

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

/** What the app's programs may know of it and do to it. */
export interface AppAround {
  /** How its services are; without, it has none. */
  readonly supervision?: Supervision | undefined;
  /** Ends the app in order, with an exit code; without, programs cannot end it. */
  readonly exit?: ((code: number) => void) | undefined;
  /** How many processes run and how many calls hold a slot. */
  readonly running?: (() => number) | undefined;
}

/** A lock that shall be had. */
interface LockRequest {
  readonly do: "lock";
  readonly name: string;
  /** How long to wait for it; without, as long as it takes. */
  readonly waitMs: number | undefined;
}

/** What isolates ask about the app around them. */
export type SystemRequest =
  | { readonly do: "service"; readonly id: EntryId }
  | { readonly do: "services" | "running" }
  | { readonly do: "exit"; readonly code: number }
  | LockRequest;

/** Tells about the app, ends it, and keeps its locks. */
export class SystemService implements Service<SystemRequest, never> {
  readonly #app: AppAround;
  readonly #locks = new Locks();

  constructor(app: AppAround = {}) {
    this.#app = app;
  }

  add(): void {}
  remove(): void {}

  ask(request: SystemRequest): Value {
    const { supervision, running, exit } = this.#app;
    switch (request.do) {
      case "service":
        if (supervision === undefined) throw new Error(`nobody supervises ${request.id}`);
        return reportValue(supervision.state(request.id));
      case "services":
        return (supervision?.states() ?? []).map(reportValue);
      case "running":
        return running?.() ?? 0;
      case "exit":
        if (exit === undefined) throw cannotExit();
        exit(request.code);
        return true;
      case "lock":
        throw new Error("a lock is claimed with subscribe");
    }
  }

  /** Hears once whether a lock is had, and gives it back when it is disposed: the end of an isolate does so too. */
  subscribe(request: SystemRequest, hear: (granted: Value) => void): Disposable {
    if (request.do !== "lock") throw new Error("the system sends nothing by itself but the grant of a lock");
    return this.#locks.claim(request.name, request.waitMs, hear);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#locks.clear();
  }
}

function cannotExit(): WeftError {
  return new WeftError(
    "UNSUPPORTED",
    "system.exit is not supported here: `weft run` lets an app end itself, and so does a program that gives `createRuntime` an `onExit`",
  );
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
