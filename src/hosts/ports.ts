import type { CallContext } from "../core/context.ts";
import type { EntryId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Value } from "../core/values.ts";
import type { WitFunction } from "../wit/types.ts";

/**
 * The ways back up: what a host may ask of the runtime around it. Both composition roots (the control plane and each
 * isolate) fill these interfaces. They stand here rather than in `core` because a callee is described by WIT types.
 */
export interface Ports {
  readonly dispatcher: DispatcherPort;
  readonly registry: RegistryPort;
  readonly processes: ProcessPort;
  readonly log: Log;
}

/** What a caller must know to convert its values. */
export interface CalleeInfo {
  readonly signature: WitFunction | undefined;
  readonly resultForm: "pair" | "table";
}

/** What a caller may ask of one call beyond its arguments; wins over the entry's `meta.options`. */
export interface CallOverrides {
  readonly timeoutMs?: number;
  readonly retry?: Readonly<Record<string, Value>>;
}

export interface DispatcherPort {
  /** The callee's signature, or undefined when there is no such callee here (the call itself says why). */
  describe(id: EntryId): CalleeInfo | undefined;
  /**
   * Calls an entry. `checked` says that the arguments are already in canonical form for the callee's signature.
   * `context` is the caller's; the dispatcher derives the callee's. Completes synchronously when the callee does.
   * A returned value is canonical when the callee has a signature. A top-level WIT `result` comes back as `{ok}` / `{err}`.
   * @throws WeftError every failure, synchronously or as a rejection.
   */
  call(request: CallRequest): Value | Promise<Value>;
}

export interface CallRequest {
  readonly id: EntryId;
  readonly args: readonly Value[];
  readonly checked: boolean;
  readonly context: CallContext;
  readonly overrides?: CallOverrides;
}

/** An entry as programs see it. */
export interface EntryView {
  readonly id: EntryId;
  readonly kind: string;
  readonly meta: { readonly [key: string]: Value };
  readonly data: { readonly [key: string]: Value };
}

export interface RegistryPort {
  /** @throws WeftError `ENTRY_NOT_FOUND`. */
  get(id: EntryId): Promise<EntryView>;
  /** Entries that match every key of the filter; the grammar is `spec/surface.md` §1.7. */
  find(filter: Readonly<Record<string, Value>>): Promise<readonly EntryView[]>;
}

/** A process's address, `{host|unique}`. Opaque to programs. */
export type Pid = string;

/** What watchers are told. */
export interface ProcessEvent {
  readonly kind: "pid.exit" | "pid.link.down" | "pid.cancel";
  readonly from: Pid;
  /** Unix time in seconds. */
  readonly at: number;
  readonly result?: { readonly value?: Value; readonly error?: Value };
  readonly reason?: string;
}

export interface SpawnRequest {
  readonly id: EntryId;
  readonly host: EntryId;
  readonly args: readonly Value[];
  readonly context: CallContext;
  /** Tell the caller (the context's pid) when the process ends. */
  readonly monitor: boolean;
}

export interface ProcessPort {
  /** Starts a process and returns its pid once it exists. */
  spawn(request: SpawnRequest): Promise<Pid>;
  /** Starts a process and waits for its result. */
  exec(request: SpawnRequest): Promise<Value>;
  /** Ends a process at once, whatever it does. */
  terminate(pid: Pid, context: CallContext): Promise<void>;
  /** Hears the events sent to a pid of this isolate, those that already wait first. */
  events(pid: Pid, listener: (event: ProcessEvent) => void): Disposable;
}
