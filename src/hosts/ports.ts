import type { CallContext } from "../core/context.ts";
import { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Value } from "../core/values.ts";
import type { WitFunction } from "../wit/types.ts";
import type { StraightCall } from "../wit/values/straight.ts";
import type { Gate } from "./security/gate.ts";
import type { ServiceRequest } from "./services.ts";

/**
 * The ways back up: what a host may ask of the runtime around it. Both composition roots (the control plane and each
 * isolate) fill these interfaces. They stand here rather than in `core` because a callee is described by WIT types.
 */
export interface Ports {
  readonly dispatcher: DispatcherPort;
  readonly registry: RegistryPort;
  readonly processes: ProcessPort;
  readonly services: ServicePort;
  /** Where hosts ask whether a program may do what it wants. */
  readonly security: Gate;
  readonly log: Log;
}

/** The way to the halves of capabilities that all isolates share. */
export interface ServicePort {
  /** @throws WeftError what the service refuses. */
  ask(request: ServiceRequest): Promise<Value>;
  /** Hears what a service sends, until disposed. Resolves when the subscription is in force. @throws WeftError as `ask`. */
  subscribe(request: ServiceRequest, hear: (value: Value) => void): Promise<Disposable>;
}

/** What a caller must know to convert its values. */
export interface CalleeInfo {
  readonly signature: WitFunction | undefined;
  readonly resultForm: "pair" | "table";
  /** How it answers HTTP requests, where it has a way of its own. */
  readonly transport?: "wasi-http" | "incoming-handler";
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
  /** The same arguments as the caller holds them, for a callee in this isolate. Then `args` is read only if need be. */
  readonly straight?: StraightCall;
  readonly checked: boolean;
  readonly context: CallContext;
  /** Who calls, where `context` carries another identity: the call must be allowed to them. */
  readonly caller?: CallContext;
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

/** What one process writes to another. */
export interface Letter {
  readonly topic: string;
  /** Empty when nobody with an address wrote it. */
  readonly from: Pid;
  readonly payloads: readonly Value[];
}

/** Gets a letter; calls `taken` when its reader has it, which makes room for another. */
export type LetterListener = (letter: Letter, taken: () => void) => void;

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
  /** The spawner's: the process inherits it; its pid is told what `monitor` and `link` ask for. */
  readonly context: CallContext;
  /** Tell the spawner when the process ends. */
  readonly monitor: boolean;
  /** Let the spawner and the process end together when one of them fails. */
  readonly link?: boolean;
  /** Register the process under this name; if it is taken, nothing is spawned and its holder's pid is given. */
  readonly name?: string;
  /** Letters that wait for the process when it starts. */
  readonly letters?: readonly Letter[];
  /** The process hears of the failure of linked ones instead of failing with them. */
  readonly trapLinks?: boolean;
}

/** Ends a process's program, so that another one goes on under its pid. No failure: nobody but the runtime sees it. */
export class Upgrade extends WeftError {
  readonly id: EntryId;
  readonly args: readonly Value[];

  constructor(id: EntryId, args: readonly Value[]) {
    super("CALL_CANCELED", `the process goes on as ${id}`);
    this.id = id;
    this.args = args;
  }
}

/** A request of one process about another, answered by the process table. */
export type ProcessRequest =
  | { readonly do: "monitor" | "unmonitor" | "link" | "unlink"; readonly from: Pid; readonly to: string }
  | {
      readonly do: "cancel";
      readonly from: Pid;
      readonly to: string;
      readonly reason: string | undefined;
      /** Terminate it when it has not ended by then, in milliseconds. */
      readonly deadlineMs: number | undefined;
    }
  | { readonly do: "terminate"; readonly to: string }
  | { readonly do: "trap-links"; readonly from: Pid; readonly on: boolean }
  | { readonly do: "options"; readonly from: Pid }
  | { readonly do: "register"; readonly pid: Pid; readonly name: string }
  | { readonly do: "unregister" | "lookup"; readonly name: string }
  /** For a receiver that its sender cannot reach by itself: a name, a function on another isolate. */
  | { readonly do: "send"; readonly to: string; readonly letter: Letter };

export interface ProcessPort {
  /** Starts a process and returns its pid once it exists. */
  spawn(request: SpawnRequest): Promise<Pid>;
  /** Starts a process and waits for its result. */
  exec(request: SpawnRequest): Promise<Value>;
  /** Asks the process table. Gives the pid that a lookup found, whether a name was given back, options, else null. */
  ask(request: ProcessRequest): Promise<Value>;
  /** Makes a pid of this isolate one that can be written to. */
  open(pid: Pid): void;
  /**
   * Writes to a pid or a name. Letters of one sender to one receiver arrive in their order.
   * @throws WeftError `PROCESS_NOT_FOUND`, `MAILBOX_FULL`; at once, or as a rejection.
   */
  send(to: string, letter: Letter): undefined | Promise<undefined>;
  /** Hears the events sent to a pid of this isolate, those that already wait first. */
  events(pid: Pid, listener: (event: ProcessEvent) => void): Disposable;
  /** Gets the letters to a pid of this isolate that no `listen` takes. */
  inbox(pid: Pid, listener: LetterListener): Disposable;
  /** Gets the letters of one topic. @throws WeftError `NAME_TAKEN`. */
  listen(pid: Pid, topic: string, listener: LetterListener): Disposable;
}
