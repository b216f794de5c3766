import { toWeftError, WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { RunningService, ServiceSpec, ServiceTools } from "../../registry/service.ts";
import { mayRestart, restartDelay } from "./restart.ts";

/** `exited` ended well by itself; `failed` waits for its restart, or for good. */
export type ServiceStatus = "unknown" | "starting" | "running" | "stopping" | "stopped" | "exited" | "failed";

/** How a service is, as `system.supervisor.state` tells. */
export interface ServiceState {
  readonly id: EntryId;
  readonly status: ServiceStatus;
  readonly desired: "running" | "stopped";
  /** Restarts since it last ran stably. */
  readonly retryCount: number;
  /** Unix times in milliseconds; undefined when it never happened. */
  readonly lastUpdate: number | undefined;
  readonly startedAt: number | undefined;
  /** Why it failed, or another word about the state. */
  readonly details: string;
}

/** What a service needs of its surroundings. */
export interface ServiceParts {
  readonly tools: ServiceTools;
  readonly log: Log;
}

/** One supervised service: starts it, starts it again after failures with growing delays, stops it. */
export class Service {
  readonly id: EntryId;
  readonly spec: ServiceSpec;
  readonly #parts: ServiceParts;
  #status: ServiceStatus = "unknown";
  #desired: ServiceState["desired"] = "stopped";
  #retryCount = 0;
  #lastUpdate: number | undefined;
  #startedAt: number | undefined;
  #details = "";
  #running: RunningService | undefined;
  #runs: PromiseWithResolvers<void> | undefined;
  #timers = new Set<NodeJS.Timeout>();
  /** Counts starts: what an earlier one reports late is of no interest. */
  #generation = 0;

  constructor(id: EntryId, spec: ServiceSpec, parts: ServiceParts) {
    this.id = id;
    this.spec = spec;
    this.#parts = parts;
  }

  get state(): ServiceState {
    return {
      id: this.id,
      status: this.#status,
      desired: this.#desired,
      retryCount: this.#retryCount,
      lastUpdate: this.#lastUpdate,
      startedAt: this.#startedAt,
      details: this.#details,
    };
  }

  /** Whether it runs, and calls of this tree are its own. */
  runsAs(root: number | undefined): boolean {
    return root !== undefined && this.#running?.root === root;
  }

  /** Resolves when it runs: now, or after one of its restarts. */
  whenRunning(): Promise<void> {
    if (this.#status === "running") return Promise.resolve();
    this.#runs ??= Promise.withResolvers<void>();
    return this.#runs.promise;
  }

  /** Starts it, and resolves when it runs. @throws WeftError when it does not; restarts may go on then. */
  async start(): Promise<void> {
    if (this.#status === "running" || this.#status === "starting") return;
    this.#desired = "running";
    this.#retryCount = 0;
    await this.#launch();
  }

  /** Stops it for good, and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#desired = "stopped";
    this.#clearTimers();
    this.#generation += 1;
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) {
      this.#become("stopping");
      await running.stop(this.spec.stopTimeoutMs);
    }
    if (this.#status !== "unknown") this.#become("stopped");
  }

  async #launch(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#become("starting");
    try {
      const running = await this.#startInTime();
      if (generation !== this.#generation) return await running?.stop(this.spec.stopTimeoutMs);
      this.#running = running;
      this.#startedAt = Date.now();
      this.#become("running");
      this.#after(this.spec.stableMs, () => (this.#retryCount = 0));
      running?.ended.then(
        () => this.#ended(generation),
        (failure: unknown) => this.#failed(generation, failure),
      );
    } catch (failure) {
      this.#failed(generation, failure);
      throw failure;
    }
  }

  async #startInTime(): Promise<RunningService | undefined> {
    const { start, startTimeoutMs } = this.spec;
    if (start === undefined) return undefined;
    const starting = start(this.#parts.tools);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new WeftError("CALL_TIMEOUT", `${this.id} did not start within ${startTimeoutMs} ms`));
      starting.then(
        (running) => running.stop(0),
        () => undefined,
      );
    }, startTimeoutMs);
    try {
      return await Promise.race([starting, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #ended(generation: number): void {
    if (generation !== this.#generation) return;
    this.#clearTimers();
    this.#running = undefined;
    this.#become("exited");
  }

  #failed(generation: number, failure: unknown): void {
    if (generation !== this.#generation) return;
    this.#clearTimers();
    this.#running = undefined;
    const { message } = toWeftError(failure);
    const { restart } = this.spec;
    const isSpent = restart.maxAttempts > 0 && this.#retryCount >= restart.maxAttempts;
    if (this.#desired === "stopped" || isSpent || !mayRestart(failure)) {
      const reason = isSpent ? `given up after ${restart.maxAttempts} restarts: ${message}` : message;
      this.#parts.log.error("a service failed and is not started again", { service: this.id, error: reason });
      return this.#become("failed", reason);
    }
    this.#retryCount += 1;
    const delayMs = restartDelay(restart, this.#retryCount, Math.random());
    const [attempt, retryMs] = [this.#retryCount, Math.round(delayMs)];
    this.#parts.log.warn("a service failed", { service: this.id, error: message, attempt, retryMs });
    this.#become("failed", message);
    this.#after(delayMs, () => void this.#launch().catch(() => undefined));
  }

  #become(status: ServiceStatus, details = ""): void {
    this.#status = status;
    this.#details = details;
    this.#lastUpdate = Date.now();
    if (status === "running") {
      this.#runs?.resolve();
      this.#runs = undefined;
    }
    if (status !== "failed") this.#parts.log.debug("a service changed", { service: this.id, status });
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
