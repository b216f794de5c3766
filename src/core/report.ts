import { WeftError } from "./errors.ts";
import type { EntryId } from "./ids.ts";
import type { Limits } from "./limits.ts";

/** What one call was held to, and what it used. A figure that nobody counted is left out. */
export interface CallReport {
  readonly entry: EntryId;
  /** Number of the isolate that ran it. */
  readonly isolate: number;
  /** Wall-clock time of the execution, without the wait for a slot. */
  readonly executionMs: number;
  readonly used: Readonly<UsedResources>;
  /** The limits that were in force. */
  readonly limits: Limits;
  /** Limits that hold only roughly. */
  readonly approximate: readonly (keyof Limits)[];
}

/** What a call used, as far as it is known. */
export interface UsedResources {
  /** The most memory that the instance had, in bytes: linear memories, or a Lua task's strings and tables (estimated). */
  memoryBytes?: number;
  fuel?: number;
  hostCalls?: number;
  outputBytes?: number;
}

/** Counts what one execution uses, for its report and its limits. */
export class CallUsage {
  readonly used: UsedResources = {};
  readonly #id: EntryId;
  readonly #limits: Limits;

  constructor(id: EntryId, limits: Limits) {
    this.#id = id;
    this.#limits = limits;
  }

  /** A call of the guest into a host. @throws WeftError `HOST_CALLS_EXCEEDED` for one too many. */
  countHostCall(): void {
    const calls = (this.used.hostCalls ?? 0) + 1;
    this.used.hostCalls = calls;
    const { hostCalls: limit } = this.#limits;
    if (limit === undefined || calls <= limit) return;
    throw new WeftError("HOST_CALLS_EXCEEDED", `${this.#id} called its hosts more often than its limit of ${limit}`, {
      details: { limit },
    });
  }

  countOutput(bytes: number): void {
    this.used.outputBytes = (this.used.outputBytes ?? 0) + bytes;
  }

  /** Takes over what an engine measured. */
  note(measured: UsedResources): void {
    Object.assign(this.used, measured);
  }
}
