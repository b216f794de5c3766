import type { Actor, Scope } from "../core/context.ts";
import type { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { RuntimeStats } from "../core/stats.ts";
import type { Value } from "../core/values.ts";
import type { HttpService } from "../hosts/http/service.ts";
import type { DispatcherPort, Letter, Pid, ProcessEvent } from "../hosts/ports.ts";
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
  /** Gives a pid to somebody who is no program, a client of `host`. @throws WeftError `HOST_BUSY`, `POOL_CLOSED`. */
  correspond(host: EntryId, ears: CorrespondentEars): Correspondent;
}

/** What somebody hears who has a pid and is no program. */
export interface CorrespondentEars {
  /** A letter came; `taken` makes room for another. */
  letter(letter: Letter, taken: () => void): void;
  /** One that it monitors or is linked with ended, or (`pid.cancel`) it is asked to end, which it does with `end`. */
  event(event: ProcessEvent): void;
}

/** Somebody who has a pid and is no program, as it speaks. */
export interface Correspondent {
  readonly pid: Pid;
  /** Writes to a pid or a name. @throws WeftError `PROCESS_NOT_FOUND`, `MAILBOX_FULL`. */
  send(to: string, topic: string, payload?: Value): void;
  /** How many letters wait for a process: whoever writes what others say should not write more than is read. */
  waiting(to: string): number;
  /** Hears of a process's end. @throws WeftError `PROCESS_NOT_FOUND`. */
  monitor(to: string): void;
  unmonitor(to: string): void;
  /** Nobody can write to it from now on; those who watch it are told, with the failure if there was one. */
  end(error?: WeftError): void;
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
