import type { Actor, Scope } from "../core/context.ts";
import type { EntryId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { RuntimeStats } from "../core/stats.ts";
import type { Value } from "../core/values.ts";
import type { HttpService } from "../hosts/http/service.ts";
import type { DispatcherPort } from "../hosts/ports.ts";
import type { Policies } from "../hosts/security/policies.ts";
import type { ServiceRequest } from "../hosts/services.ts";

/** How a service is run: the `lifecycle` field, with its defaults. */
export interface ServiceSpec {
  /** Start with the app. */
  readonly autoStart: boolean;
  /** The app starts without it when it fails to start. */
  readonly optional: boolean;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  /** Running this long forgets earlier failures. */
  readonly stableMs: number;
  /** Services that run before this one starts, and until it has stopped; `group:NAME` and `ns:NAMESPACE` stand for many. */
  readonly requires: readonly EntryId[];
  /** The groups that its entry says it is in. */
  readonly groups: readonly string[];
  readonly restart: RestartPolicy;
  /** Who it runs as; undefined is nobody. */
  readonly actor: Actor | undefined;
  readonly scope: Scope | undefined;
  /** What is run; undefined for one that is there as long as the app is. */
  readonly start: StartService | undefined;
}

/** When a service that failed is started again. */
export interface RestartPolicy {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly backoffFactor: number;
  /** Part of the delay that is random, 0 to 1. */
  readonly jitter: number;
  /** 0 is without end. */
  readonly maxAttempts: number;
}

/** Starts a service. @throws WeftError when it cannot. */
export type StartService = (tools: ServiceTools) => Promise<RunningService>;

/** What a kind may use to start its service. */
export interface ServiceTools {
  readonly log: Log;
  /** The app's routes, and the way from a request to the function that answers it. */
  readonly http: HttpService;
  /** Asks the shared half of a host. @throws WeftError what it refuses. */
  readonly ask: (request: ServiceRequest) => Promise<Value>;
  /** What is callable, and what runs at this moment: for whoever watches. */
  readonly runtime: { readonly dispatcher: DispatcherPort; readonly stats: RuntimeStats };
  /** The policies in force. */
  readonly policies: Policies;
  /** Starts a process under the service's identity. `ended` settles when it does. @throws WeftError. */
  spawn(request: { readonly id: EntryId; readonly host: EntryId; readonly args: readonly Value[] }): SpawnedProcess;
}

export interface SpawnedProcess {
  readonly pid: string;
  /** The call tree that it is the root of. */
  readonly root: number;
  /** How it ends: its value, or its failure. */
  readonly ended: Promise<Value>;
  /** Asks it to end. */
  cancel(reason: string): void;
  /** Ends it. */
  terminate(): void;
}

/** A service that has started. */
export interface RunningService {
  /** The call tree that it is the root of, if it makes calls: a change that is asked for there cannot wait for its end. */
  readonly root?: number;
  /** Resolves when it ends well by itself, rejects when it fails. */
  readonly ended: Promise<unknown>;
  /** Asks it to end, and makes it end after `timeoutMs`. Resolves when it has. */
  stop(timeoutMs: number): Promise<void>;
}
